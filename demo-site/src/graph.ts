// Draws the lattice: the host is a post, components grow from it on stems, links are vines, a call is a bead of light.
//
// Nodes are buttons in a list, so the graph is a list to a keyboard or a screen reader; the lines lie under them in SVG.

import { byId, h, s } from "./dom.ts";
import type { Kind, Lattice, LatticeNode } from "./model.ts";

const GRID = 24;
const ROW = 4 * GRID;
const NODE_HEIGHT = 56;
const BEAD_MS = 400;

interface Place {
  x: number;
  y: number;
  width: number;
}

/** The drawing of the lattice. */
export class Graph {
  #box = byId("graph");
  #list = byId("nodes");
  #vines = byId<SVGSVGElement>("vines");
  #lattice: Lattice = { nodes: [], links: [] };
  #places = new Map<string, Place>();
  #items = new Map<string, HTMLElement>();
  #selected = "";
  #select: (id: string) => void;

  /** `select` is called when the visitor picks a node. */
  constructor(select: (id: string) => void) {
    this.#select = select;
    new ResizeObserver(() => this.#draw()).observe(this.#box);
  }

  /** Shows this lattice. */
  show(lattice: Lattice): void {
    this.#lattice = lattice;
    this.#draw();
  }

  /** Marks the node the inspector shows. */
  mark(id: string): void {
    this.#selected = id;
    for (const [key, item] of this.#items) item.firstElementChild?.setAttribute("aria-pressed", String(key === id));
  }

  /** Lets a bead of light run from one node to another along the line between them. */
  bead(source: string, target: string): void {
    const line = this.#vines.querySelector<SVGPathElement>(`[data-line="${CSS.escape(`${source} ${target}`)}"]`);
    if (!line || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const bead = s("circle", { r: 5, class: "bead" });
    this.#vines.append(bead);
    const start = performance.now();
    const length = line.getTotalLength();
    const step = (now: number): void => {
      const part = Math.min((now - start) / BEAD_MS, 1);
      if (part === 1) return bead.remove();
      const point = line.getPointAtLength(length * (1 - (1 - part) ** 2));
      bead.setAttribute("transform", `translate(${point.x} ${point.y})`);
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  #draw(): void {
    this.#layOut();
    this.#drawNodes();
    this.#drawLines();
  }

  #layOut(): void {
    const { width, height } = this.#box.getBoundingClientRect();
    const narrow = width < 640;
    const wide = narrow ? 152 : 200;
    const column: Record<Kind, number> = {
      host: GRID,
      component: narrow ? Math.max(width - wide - GRID, GRID * 4) : Math.round(width * 0.34),
      provider: narrow ? Math.max(width - wide - GRID, GRID * 4) : Math.max(width - wide - 2 * GRID, 0),
    };
    const plants = this.#lattice.nodes.filter((node) => node.kind !== "host");
    const rows = narrow ? plants.length : Math.max(...(["component", "provider"] as const).map((kind) => count(plants, kind)), 1);
    const top = Math.max(GRID, Math.round((height - rows * ROW) / 2 / GRID) * GRID);
    const next: Record<Kind, number> = { host: 0, component: 0, provider: narrow ? count(plants, "component") : 0 };
    for (const node of this.#lattice.nodes) {
      const y = node.kind === "host" ? top + ((rows - 1) * ROW) / 2 : top + next[node.kind]++ * ROW;
      this.#places.set(node.id, { x: column[node.kind], y, width: node.kind === "host" ? (narrow ? 112 : 152) : wide });
    }
  }

  #drawNodes(): void {
    const ids = new Set(this.#lattice.nodes.map((node) => node.id));
    for (const [id, item] of this.#items) {
      if (ids.has(id)) continue;
      item.remove();
      this.#items.delete(id);
    }
    for (const node of this.#lattice.nodes) this.#drawNode(node);
  }

  #drawNode(node: LatticeNode): void {
    const place = this.#places.get(node.id);
    if (!place) return;
    let item = this.#items.get(node.id);
    if (!item) {
      item = h("li", {}, h("button", { type: "button", "aria-pressed": node.id === this.#selected, onclick: () => this.#select(node.id) },
        icon(node.kind), h("span", {}, h("strong"), h("br"), h("small"))));
      this.#items.set(node.id, item);
      this.#list.append(item);
    }
    item.className = `node ${node.kind}${node.failed ? " failed" : ""}${item.className ? "" : " new"}`;
    item.style.setProperty("--x", `${place.x}px`);
    item.style.setProperty("--y", `${place.y}px`);
    const [name, state] = [item.querySelector("strong"), item.querySelector("small")];
    if (name) name.textContent = node.id;
    if (state) state.textContent = node.state;
    item.firstElementChild?.setAttribute("title", node.id);
  }

  #drawLines(): void {
    const lines: SVGElement[] = [];
    const host = this.#lattice.nodes.find((node) => node.kind === "host");
    for (const node of this.#lattice.nodes) {
      if (host && node.kind === "component") lines.push(this.#line(host.id, node.id, "vine"));
    }
    for (const link of this.#lattice.links) {
      if (!this.#places.has(link.source) || !this.#places.has(link.target)) continue;
      lines.push(this.#line(link.source, link.target, "vine link"), this.#label(link.source, link.target, link.label));
    }
    this.#vines.replaceChildren(...lines);
  }

  #line(source: string, target: string, name: string): SVGElement {
    return s("path", { class: name, d: this.#path(source, target), "data-line": `${source} ${target}` });
  }

  #path(source: string, target: string): string {
    const [from, to] = [this.#place(source), this.#place(target)];
    const [y1, y2] = [from.y + NODE_HEIGHT / 2, to.y + NODE_HEIGHT / 2];
    if (to.x === from.x) return `M${from.x + from.width} ${y1} c ${GRID} 0 ${GRID} ${y2 - y1} 0 ${y2 - y1}`;
    const [x1, x2] = [from.x + from.width, to.x];
    const middle = (x1 + x2) / 2;
    return `M${x1} ${y1} C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`;
  }

  #label(source: string, target: string, text: string): SVGElement {
    const [from, to] = [this.#place(source), this.#place(target)];
    const stacked = to.x === from.x;
    const x = stacked ? from.x + from.width / 2 : (from.x + from.width + to.x) / 2;
    const y = (from.y + to.y + NODE_HEIGHT) / 2;
    return s("text", { class: "vine-label", x, y: stacked ? y + 4 : y - 12, "text-anchor": "middle" }, text);
  }

  #place(id: string): Place {
    return this.#places.get(id) ?? { x: 0, y: 0, width: 0 };
  }
}

function count(nodes: LatticeNode[], kind: Kind): number {
  return nodes.filter((node) => node.kind === kind).length;
}

const SHAPES: Record<Kind, string> = {
  host: "M5 2v16M15 2v16M2 6h16M2 14h16",
  component: "M4 17C4 8 8 4 17 3c0 9-4 13-10 13M4 17c2-4 4-6 7-8",
  provider: "M3 6h14v11H3zM6 6V3h8v3M7 11h6",
};

function icon(kind: Kind): SVGElement {
  return s("svg", { viewBox: "0 0 20 20", "aria-hidden": "true" }, s("path", { d: SHAPES[kind] }));
}
