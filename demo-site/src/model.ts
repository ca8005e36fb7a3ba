// What the page shows of the lattice: posts, plants and vines.

import type { Inventory } from "trellis-host";

/** What a node of the graph is. */
export type Kind = "host" | "component" | "provider";

/** The key of the host's node: no component can have it as its id. */
export const HOST = "@host";

/** A node of the graph. */
export interface LatticeNode {
  id: string;
  kind: Kind;
  name: string;
  /** The line under the name: how it is. */
  state: string;
}

/** A link from a component's import to what serves it. */
export interface LatticeLink {
  source: string;
  target: string;
  /** The package: `wasi:keyvalue`. */
  label: string;
  /** With their package and without version: `wasi:keyvalue/store`. */
  interfaces: readonly string[];
}

/** Everything the graph draws. */
export interface Lattice {
  nodes: LatticeNode[];
  links: LatticeLink[];
}

/** The lattice of a host that may still be loading; `starting` holds the ids of components on their way. */
export function latticeOf(inventory: Inventory | undefined, starting: Iterable<string>, links: LatticeLink[]): Lattice {
  const running = inventory?.components.map(({ id }) => id) ?? [];
  const waiting = [...starting].filter((id) => !running.includes(id));
  const nodes: LatticeNode[] = [
    { id: HOST, kind: "host", name: inventory?.friendlyName ?? "host", state: inventory ? "host, running" : "host, loading" },
    ...running.map((id): LatticeNode => ({ id, kind: "component", name: id, state: "running" })),
    ...waiting.map((id): LatticeNode => ({ id, kind: "component", name: id, state: "starting" })),
    ...(inventory?.providers ?? []).map(({ id }): LatticeNode => ({ id, kind: "provider", name: id, state: "provider" })),
  ];
  return { nodes, links };
}
