// Shows the node that the visitor picked: what it is, what it imports and exports, and a way to talk to it.

import type { Inspection, InterfaceInfo } from "trellis-host";

import { byId, h } from "./dom.ts";
import type { RequestPanel } from "./request.ts";
import { signature } from "./signature.ts";

/** A component or a file, as the inspector shows it. */
export interface Subject {
  title: string;
  /** One sentence: what it is and how it is. */
  note: string;
  failed?: boolean;
  inspection?: Inspection;
  /** By whom an import is served: `keyvalue`, `this host`; undefined when nothing serves it yet. */
  servedBy?: (name: string) => string | undefined;
  panel?: RequestPanel;
  facts?: [name: string, value: string][];
  action?: { label: string; run: () => void };
}

/** Fills the inspector. */
export function inspect(subject: Subject): void {
  const { action } = subject;
  const parts = [
    h("div", {},
      h("div.title", {}, h("h2", {}, subject.title), action && h("button", { type: "button", onclick: action.run }, action.label)),
      h(subject.failed ? "p.note.bad" : "p.note", {}, subject.note)),
    subject.panel?.element,
    subject.inspection && interfaces("Exports", subject.inspection, subject.inspection.exports),
    subject.inspection && interfaces("Imports", subject.inspection, subject.inspection.imports, subject.servedBy),
    subject.facts && h("dl.facts", {}, ...subject.facts.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
  ];
  byId("inspector").replaceChildren(...parts.filter((part): part is HTMLElement => part instanceof HTMLElement));
}

function interfaces(title: string, { types }: Inspection, list: InterfaceInfo[], servedBy?: Subject["servedBy"]): HTMLElement {
  const items = list.map((item) => {
    const server = servedBy?.(item.name);
    const served = servedBy && h("span.served", {}, server ? ` · served by ${server}` : " · nothing serves it yet");
    const functions = item.functions.map((func) => signature(func, types)).join("\n");
    return h("details.extern", {}, h("summary", {}, item.name || "(root)", served), h("pre", {}, functions || "types only"));
  });
  return h("section", {}, h("h2", {}, title), ...(items.length > 0 ? items : [h("p.muted", {}, "None.")]));
}
