// What happens, newest last, as a log that follows its end unless the visitor scrolled away.

import { byId, h } from "./dom.ts";

const KEPT = 500;

let follows = true;
let frame: number | undefined;

/** Adds a line: when, what kind of event, and what happened in a sentence. */
export function log(time: Date, name: string, sentence: string, failed = false): void {
  const list = byId("events");
  list.append(
    h(failed ? "li.failed" : "li", {},
      h("time", { datetime: time.toISOString() }, time.toLocaleTimeString("en-GB")),
      h("code", {}, name),
      h("span", {}, failed ? `✕ ${sentence}` : sentence)),
  );
  if (list.childElementCount > KEPT) list.firstElementChild?.remove();
  // With the next frame, which lays out anyway.
  frame ??= requestAnimationFrame(() => {
    frame = undefined;
    if (follows) list.scrollTop = list.scrollHeight;
  });
}

/** Lets the log follow its end only while the visitor has not scrolled away from it. */
export function wireStream(): void {
  const list = byId("events");
  list.addEventListener("scroll", () => (follows = list.scrollHeight - list.scrollTop - list.clientHeight < 24), { passive: true });
}
