// Draws the lattice: posts, plants, vines, and a bead of light for a call.
//
// Nodes are buttons in a list, so the graph is a list to a keyboard or a screen reader; the lines lie under them in SVG.

import { byId, h, s } from "./dom.ts";
import { Layout, type Place } from "./layout.ts";
import { HOST, type Kind, type Lattice, type LatticeNode } from "./model.ts";

const BEAD_MS = 400;
const BEADS = 24;

/** The drawing of the lattice. */
export class Graph {
  readonly #list = byId("nodes");
  readonly #lines = s("g");
  readonly #beads = s("g");
  readonly #free = byId("free");
  readonly #items = new Map<string, HTMLElement>();
  /** When the last bead on its way to a node arrives there: a call that the node then makes sets out after it. */
  readonly #arrivals = new Map<string, number>();
  readonly #select: (id: string) => void;
  #lattice: Lattice = { nodes: [], links: [] };
  #layout = new Layout(this.#lattice, 0, 0);
  #selected = "";
  #box = { width: 0, height: 0 };

  /** `select` is called when the visitor picks a node. */
  constructor(select: (id: string) => void) {
    this.#select = select;
    byId("vines").append(this.#lines, this.#beads);
    new ResizeObserver(([entry]) => {
      if (entry) this.#box = entry.contentRect;
      this.#draw();
    }).observe(byId("graph"));
  }

  /** Shows this lattice. */
  show(lattice: Lattice): void {
    this.#lattice = lattice;
    this.#draw();
  }

  /** Marks the node that the inspector shows. */
  mark(id: string): void {
    this.#selected = id;
    for (const [key, item] of this.#items) item.firstElementChild?.setAttribute("aria-pressed", String(key === id));
  }

  /** Brings a node into view. */
  reveal(id: string): void {
    this.#items.get(id)?.scrollIntoView({ block: "nearest" });
  }

  /** Lets a bead of light run from the host to a plant, or along a link. */
  bead(source: string, target: string): void {
    const d = source === HOST ? this.#layout.way(target) : this.#layout.vine({ source, target });
    if (d === "" || this.#beads.childElementCount >= BEADS) return;
    const start = Math.max(performance.now(), this.#arrivals.get(source) ?? 0);
    this.#arrivals.set(target, start + BEAD_MS);
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) this.#glow(d);
    else this.#run(s("path", { d }) as SVGPathElement, start);
  }

  #run(way: SVGPathElement, start: number): void {
    const bead = s("circle", { r: 5, class: "bead", visibility: "hidden" });
    this.#beads.append(bead);
    const length = way.getTotalLength();
    const step = (now: number): void => {
      const part = (now - start) / BEAD_MS;
      if (part >= 1) return bead.remove();
      const { x, y } = way.getPointAtLength(length * (1 - (1 - Math.max(part, 0)) ** 2));
      bead.setAttribute("transform", `translate(${x} ${y})`);
      if (part >= 0) bead.removeAttribute("visibility");
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  #glow(d: string): void {
    const line = s("path", { d, class: "glow" });
    this.#beads.append(line);
    setTimeout(() => line.remove(), BEAD_MS);
  }

  #draw(): void {
    const { width, height } = this.#box;
    if (width === 0) return;
    this.#layout = new Layout(this.#lattice, width, height);
    byId("vines").setAttribute("height", String(this.#layout.height));
    this.#drawNodes();
    this.#drawLines();
  }

  #drawNodes(): void {
    const ids = new Set(this.#lattice.nodes.map((node) => node.id));
    for (const [id, item] of this.#items) {
      if (ids.has(id)) continue;
      item.remove();
      this.#items.delete(id);
    }
    let before: Element | null = this.#list.firstElementChild;
    for (const node of this.#lattice.nodes) {
      const item = this.#items.get(node.id) ?? this.#plant(node, before);
      this.#dress(item, node);
      before = item.nextElementSibling;
    }
    put(this.#free, this.#layout.free);
  }

  #plant({ id, kind }: LatticeNode, before: Element | null): HTMLElement {
    const item = h(`li.node.${kind}`, {}, h("button", { type: "button", "aria-pressed": id === this.#selected, onclick: () => this.#select(id) },
      icon(kind), h("span", {}, h("strong"), h("small"))));
    this.#items.set(id, item);
    this.#list.insertBefore(item, before);
    return item;
  }

  #dress(item: HTMLElement, { id, name, state }: LatticeNode): void {
    const place = this.#layout.place(id);
    if (place) put(item, place);
    const [title, note] = [item.querySelector("strong"), item.querySelector("small")];
    if (title && title.textContent !== name) title.textContent = name;
    if (note && note.textContent !== state) note.textContent = state;
    item.firstElementChild?.setAttribute("title", name);
  }

  #drawLines(): void {
    const layout = this.#layout;
    const plants = this.#lattice.nodes.filter((node) => node.kind !== "host").map(({ id }) => layout.place(id)).filter((place) => place !== undefined);
    const stems = plants.map((place) => s("path", { class: "stem", d: layout.stem(place) }));
    const slot = s("path", { class: "stem free", d: layout.stem(layout.free) });
    const seen = new Map<string, number>();
    const vines = this.#lattice.links.filter((link) => layout.vine(link) !== "").flatMap((link) => {
      const index = seen.get(link.source) ?? 0;
      seen.set(link.source, index + 1);
      const label = layout.label(link, index);
      const vine = s("path", { class: "vine", d: layout.vine(link) });
      return label ? [vine, s("text", { class: "vine-label", ...label }, link.label)] : [vine];
    });
    this.#lines.replaceChildren(s("path", { class: "wood", d: layout.wood }), ...stems, slot, ...vines);
  }
}

function put(item: HTMLElement, { x, y, width }: Place): void {
  item.style.setProperty("transform", `translate(${x}px, ${y}px)`);
  item.style.setProperty("width", `${width}px`);
}

const SHAPES: Record<Kind, string> = {
  host: "M5 2v16M15 2v16M2 6h16M2 14h16",
  component: "M4 17C4 8 8 4 17 3c0 9-4 13-10 13M4 17c2-4 4-6 7-8",
  provider: "M3 6h14v11H3zM6 6V3h8v3M7 11h6",
};

function icon(kind: Kind): SVGElement {
  return s("svg", { viewBox: "0 0 20 20", "aria-hidden": "true" }, s("path", { d: SHAPES[kind] }));
}
