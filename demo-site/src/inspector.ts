// Shows the node that the visitor picked: what it is, what it imports and exports, and a way to talk to it.

import type { Inspection, InterfaceInfo } from "trellis-host";

import { byId, h } from "./dom.ts";
import type { LimitsPanel } from "./limits.ts";
import type { MetricsPanel } from "./metrics.ts";
import type { RequestPanel } from "./request.ts";
import type { Server } from "./serving.ts";
import { signature } from "./signature.ts";

/** Something a visitor can do. */
export interface Action {
  label: string;
  run: () => void;
}

/** A node, or a file that did not become one, as the inspector shows it. */
export interface Subject {
  title: string;
  /** One sentence: what it is and how it is. */
  note: string;
  failed?: boolean;
  inspection?: Inspection | undefined;
  /** Who serves an import. */
  serverOf?: (name: string) => Server;
  /** Links an import to one of the candidates. */
  link?: (name: string, target: string) => void;
  panel?: RequestPanel | undefined;
  /** What is counted of it. */
  metrics?: MetricsPanel | undefined;
  limits?: LimitsPanel | undefined;
  facts?: [name: string, value: string][];
  action?: Action | undefined;
}

/** Fills the inspector; what was open, focused and scrolled stays so where it is still there. */
export function inspect(subject: Subject): void {
  const inspector = byId("inspector");
  const focused = inspector.contains(document.activeElement) ? document.activeElement : undefined;
  const open = new Set([...inspector.querySelectorAll("details[open]")].map((each) => each.getAttribute("data-name")));
  const same = inspector.querySelector("h2")?.textContent === subject.title;
  inspector.replaceChildren(...parts(subject).filter((part): part is HTMLElement => part instanceof HTMLElement));
  if (same) inspector.querySelectorAll("details").forEach((each) => (each.open = open.has(each.dataset["name"] ?? null)));
  else inspector.scrollTo({ top: 0 });
  if (focused) refocus(inspector, focused);
}

function refocus(inspector: HTMLElement, focused: Element): void {
  const now = focused.isConnected ? focused : inspector.querySelector(".title button") ?? inspector;
  (now as HTMLElement).focus({ preventScroll: true });
}

function parts(subject: Subject): (HTMLElement | undefined)[] {
  const { title, note, failed, action, panel, metrics, limits, inspection, facts } = subject;
  return [
    h("div", {},
      h("div.title", {}, h("h2", {}, title), action && button(action)),
      h(failed ? "p.note.bad" : "p.note", {}, failed ? `✕ ${note}` : note)),
    panel?.element,
    metrics?.element,
    limits?.element,
    inspection && h("section", {}, h("h3", {}, "Exports"), ...orNone(inspection.exports.map((each) => extern(each, inspection)))),
    inspection && h("section", {}, h("h3", {}, "Imports"), ...orNone(imports(subject, inspection))),
    facts && h("dl.facts", {}, ...facts.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
  ];
}

/** Those that the host serves are many and alike: they come last, in one fold. */
function imports({ serverOf, link }: Subject, inspection: Inspection): HTMLElement[] {
  const [own, others]: [InterfaceInfo[], InterfaceInfo[]] = [[], []];
  for (const each of inspection.imports) (serverOf?.(each.name).by === "host" ? own : others).push(each);
  const rows = others.map((each) => {
    const server = needsServer(each) ? serverOf?.(each.name) : undefined;
    return h("div", {}, extern(each, inspection, server && served(server)), ...offers(each.name, server, link));
  });
  if (own.length === 0) return rows;
  const fold = h("details.extern", { "data-name": "host" },
    h("summary", {}, `${own.length} interfaces of WASI`, h("span.served", {}, "served by this host")),
    h("div.fold", {}, ...own.map((each) => extern(each, inspection))));
  return [...rows, fold];
}

function extern(item: InterfaceInfo, { types }: Inspection, note?: HTMLElement): HTMLElement {
  const functions = item.functions.map((func) => h("code", {}, ...unbroken(signature(func, types))));
  return h("details.extern", { "data-name": item.name },
    h("summary", {}, h("code", {}, item.name || "(root)"), note),
    h("div.functions", {}, ...(functions.length > 0 ? functions : ["Types only."])));
}

/** Arrows are kept from being broken at the end of a line. */
function unbroken(text: string): (string | HTMLElement)[] {
  return text.split(/(->)/).map((part) => (part === "->" ? h("span.arrow", {}, part) : part));
}

function served(server: Server): HTMLElement {
  if (server.by === "nobody") return h("span.served.bad", {}, "✕ nothing serves it yet");
  return h("span.served", {}, `served by ${server.by === "link" ? server.target : "this host"}`);
}

/** An interface of types alone needs nobody to serve it. */
export function needsServer({ functions, resources }: InterfaceInfo): boolean {
  return functions.length > 0 || resources.length > 0;
}

function offers(name: string, server: Server | undefined, link: Subject["link"]): HTMLElement[] {
  if (server?.by !== "nobody" || !link) return [];
  return server.candidates.map((target) => button({ label: `Link to ${target}`, run: () => link(name, target) }));
}

function orNone(items: HTMLElement[]): HTMLElement[] {
  return items.length > 0 ? items : [h("p.muted", {}, "None.")];
}

function button({ label, run }: Action): HTMLElement {
  return h("button", { type: "button", onclick: run }, label);
}
