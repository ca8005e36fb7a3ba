// The status bar: which lattice, which host, how it is connected, how guests wait, which version.

import type { Host } from "trellis-host";

import { byId, h } from "./dom.ts";

/** How guests wait, in the words of people who know. */
export const TIERS = { jspi: "JSPI", atomics: "Atomics.wait", none: "none" } as const;

/** Fills the status bar; without a host yet, with what is known. */
export function showStatus(host?: Host): void {
  const inventory = host?.inventory();
  byId("status").replaceChildren(
    item("Lattice", inventory?.lattice ?? "…"),
    item("Host", inventory ? `${inventory.hostId.slice(0, 8)}…` : "…", inventory?.hostId),
    item("Connection", "in this tab"),
    item("Suspension", host ? TIERS[host.capabilities().tier] : "…", host?.capabilities().why),
    item("Trellis", inventory?.version ?? "…"),
  );
}

function item(name: string, value: string, title?: string): HTMLElement {
  return h("span", { title }, `${name} `, h("b", {}, value));
}
