// The events of the lattice, newest last, as a log that follows its end unless the visitor scrolled away.

import { byId, h } from "./dom.ts";

const KEPT = 500;

/** Adds an event: when, which, and what happened in a sentence. */
export function log(time: Date, type: string, sentence: string, failed = false): void {
  const list = byId("events");
  const follows = list.scrollHeight - list.scrollTop - list.clientHeight < 24;
  list.append(
    h(failed ? "li.failed" : "li", {},
      h("time", { datetime: time.toISOString() }, time.toLocaleTimeString(undefined, { hour12: false })),
      h("code", {}, type),
      h("span", {}, sentence)),
  );
  if (list.childElementCount > KEPT) list.firstElementChild?.remove();
  if (follows) list.scrollTop = list.scrollHeight;
}
