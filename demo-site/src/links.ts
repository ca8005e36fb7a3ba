// The links of the lattice, as its events tell of them.

import type { LatticeEvent } from "trellis-host";

import type { LatticeLink } from "./model.ts";

/** Follows the links. */
export class LinkBook {
  readonly #links = new Map<string, LatticeLink>();

  /** All links there are. */
  get all(): LatticeLink[] {
    return [...this.#links.values()];
  }

  /** Takes note of an event. */
  note({ name, data }: LatticeEvent): void {
    const [source, target] = [String(data["source_id"]), String(data["target"])];
    const label = `${String(data["wit_namespace"])}:${String(data["wit_package"])}`;
    const key = [source, target, label, data["name"]].join(" ");
    if (name === "linkdef_deleted") this.#links.delete(key);
    if (name !== "linkdef_set") return;
    const interfaces = Array.isArray(data["interfaces"]) ? data["interfaces"].map((each) => `${label}/${String(each)}`) : [];
    this.#links.set(key, { source, target, label, interfaces });
  }
}
