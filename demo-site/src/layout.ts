// Where things stand in the graph, on a grid of 24 px. The host is a rail with posts below it: components grow on the
// left post, providers on the right one, links run between them. A narrow graph has one post with all plants on it.

import { HOST, type Kind, type Lattice, type LatticeLink, type LatticeNode } from "./model.ts";

const GRID = 24;
/** The height of a node. */
export const NODE = 56;
const [AIRY, DENSE] = [4 * GRID, 3 * GRID];
const FIRST = 5 * GRID;
const BEND = 12;
const NARROW = 640;
const WIDEST = 42 * GRID;

/** A node's place: its left edge, its top edge, its width, and whether its stem comes from the right post. */
export interface Place {
  x: number;
  y: number;
  width: number;
  right: boolean;
}

/** The places of a lattice in a box; it may become higher than the box. */
export class Layout {
  readonly narrow: boolean;
  readonly height: number;
  /** Where the next component would grow. */
  readonly free: Place;
  readonly #places = new Map<string, Place>();
  readonly #width: number;
  readonly #left: number;
  readonly #row: number;

  constructor({ nodes }: Lattice, width: number, height: number) {
    this.#width = Math.min(width, WIDEST);
    this.narrow = width < NARROW;
    this.#left = this.narrow ? 40 : 2 * GRID;
    const of = (kind: Kind): LatticeNode[] => nodes.filter((node) => node.kind === kind);
    const [components, providers] = [of("component"), of("provider")];
    const after = this.narrow ? components.length + 1 : 0;
    const rows = Math.max(components.length + 1, after + providers.length);
    this.#row = !this.narrow && bottom(rows, AIRY) <= height ? AIRY : DENSE;
    this.height = bottom(rows, this.#row);
    for (const { id } of of("host")) this.#places.set(id, { x: this.#left - GRID, y: GRID, width: this.#plantWidth(), right: false });
    components.forEach(({ id }, row) => this.#places.set(id, this.#plant(row, false)));
    this.free = this.#plant(components.length, false);
    providers.forEach(({ id }, row) => this.#places.set(id, this.#plant(after + row, !this.narrow)));
  }

  /** Where a node stands. */
  place(id: string): Place | undefined {
    return this.#places.get(id);
  }

  /** The wood: the rail along the top and the posts down to the lowest plant. */
  get wood(): string {
    const lowest = (right: boolean): number => Math.max(...[...this.#places.values()]
      .filter((place) => place.right === right && place.y >= FIRST).map(middle), middle(right ? { y: 0 } : this.free));
    const host = this.#places.get(HOST);
    if (!host) return "";
    const rail = middle(host);
    const left = `M${this.#left} ${host.y + NODE}V${lowest(false)}`;
    if (this.narrow || lowest(true) < FIRST) return left;
    const edge = this.#width - this.#left;
    return `${left}M${host.x + host.width} ${rail}H${edge - BEND}q${BEND} 0 ${BEND} ${BEND}V${lowest(true)}`;
  }

  /** The stem from its post to a plant. */
  stem({ right, x, y, width }: Place): string {
    const row = middle({ y });
    return right ? `M${this.#width - this.#left} ${row}H${x + width}` : `M${this.#left} ${row}H${x}`;
  }

  /** The way that a call of the host takes to a plant: along the wood and the stem. */
  way(id: string): string {
    const place = this.#places.get(id);
    const host = this.#places.get(HOST);
    if (!place || !host) return "";
    return `M${this.#left} ${host.y + NODE}V${middle(place)}H${place.x}`;
  }

  /** A link, as a vine. */
  vine({ source, target }: Pick<LatticeLink, "source" | "target">): string {
    const [from, to] = [this.#places.get(source), this.#places.get(target)];
    if (!from || !to) return "";
    const [x1, y1, x2, y2] = [from.x + from.width, middle(from), to.right ? to.x : to.x + to.width, middle(to)];
    if (!to.right) {
      const out = Math.max(x1, x2) + (this.narrow ? GRID : 2 * GRID);
      return `M${x1} ${y1}C${out} ${y1} ${out} ${y2} ${x2} ${y2}`;
    }
    const half = (x2 - x1) / 2;
    return `M${x1} ${y1}C${x1 + half} ${y1} ${x2 - half} ${y2} ${x2} ${y2}`;
  }

  /** Where the label of a source's link number `index` stands: at the beginning of the vine, on the side it leaves free. */
  label({ source, target }: Pick<LatticeLink, "source" | "target">, index: number): { x: number; y: number } | undefined {
    const [from, to] = [this.#places.get(source), this.#places.get(target)];
    // A narrow graph has no room for labels; the inspector has the names.
    if (!from || !to || this.narrow) return undefined;
    const below = to.y < from.y;
    return { x: from.x + from.width + 12, y: middle(from) + (below ? 20 + index * 18 : -10 - index * 18) };
  }

  #plantWidth(): number {
    return this.narrow ? Math.min(this.#width - 112, 264) : 216;
  }

  #plant(row: number, right: boolean): Place {
    const width = this.#plantWidth();
    const x = right ? this.#width - this.#left - 2 * GRID - width : this.#left + (this.narrow ? GRID : 2 * GRID);
    return { x, y: FIRST + row * this.#row, width, right };
  }
}

function bottom(rows: number, row: number): number {
  return FIRST + (rows - 1) * row + NODE + GRID;
}

function middle({ y }: Pick<Place, "y">): number {
  return y + NODE / 2;
}
