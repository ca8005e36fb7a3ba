/** The commands. Each is loaded when it is asked for, so that none pays for the others. */

import type { Command } from "./command.js";

/** A command by its name. */
export interface Entry {
  /** One word or two. */
  readonly name: string;
  /** What it does, in a line. */
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

/** All of them, in the order of the help. */
export const commands: readonly Entry[] = [
  { name: "up", summary: "joins a lattice and runs what it is told to", load: async () => (await import("./commands/up.js")).up },
  { name: "inspect", summary: "shows what a component imports and exports", load: async () => (await import("./commands/inspect.js")).inspect },
  { name: "call", summary: "calls a function of a component", load: async () => (await import("./commands/call.js")).call },
  { name: "spy", summary: "shows the calls of a component as they happen", load: async () => (await import("./commands/spy.js")).spy },
  { name: "get hosts", summary: "lists the hosts of the lattice", load: async () => (await import("./commands/get-hosts.js")).getHosts },
  { name: "get inventory", summary: "lists what runs on hosts", load: async () => (await import("./commands/get-inventory.js")).getInventory },
  { name: "get links", summary: "lists the links of the lattice", load: async () => (await import("./commands/get-links.js")).getLinks },
  { name: "get claims", summary: "lists the signed components and providers of the lattice", load: async () => (await import("./commands/get-claims.js")).getClaims },
  { name: "get config", summary: "shows a config; the same as config get", load: async () => (await import("./commands/config-get.js")).configGet },
  { name: "start component", summary: "starts a component on a host", load: async () => (await import("./commands/start-component.js")).startComponent },
  { name: "stop component", summary: "stops a component", load: async () => (await import("./commands/stop-component.js")).stopComponent },
  { name: "scale component", summary: "changes how many instances a component may have", load: async () => (await import("./commands/scale-component.js")).scaleComponent },
  { name: "update component", summary: "gives a component other code", load: async () => (await import("./commands/update-component.js")).updateComponent },
  { name: "link put", summary: "links an import of a component to a target", load: async () => (await import("./commands/link-put.js")).linkPut },
  { name: "link del", summary: "removes a link", load: async () => (await import("./commands/link-del.js")).linkDel },
  { name: "config put", summary: "sets a config", load: async () => (await import("./commands/config-put.js")).configPut },
  { name: "config get", summary: "shows a config", load: async () => (await import("./commands/config-get.js")).configGet },
  { name: "config del", summary: "removes a config", load: async () => (await import("./commands/config-del.js")).configDel },
];
