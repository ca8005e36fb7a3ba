// What the page shows: the lattice as posts, plants and vines.

/** What a node of the graph is. */
export type Kind = "host" | "component" | "provider";

/** A node of the graph. */
export interface LatticeNode {
  id: string;
  kind: Kind;
  /** The line under the name: what it is and how it is. */
  state: string;
  failed: boolean;
}

/** A link from a component's import to the one that serves it. */
export interface LatticeLink {
  source: string;
  target: string;
  /** `wasi:keyvalue`, without the interfaces. */
  label: string;
}

/** Everything the graph draws. */
export interface Lattice {
  nodes: LatticeNode[];
  links: LatticeLink[];
}
