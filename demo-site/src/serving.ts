// Who serves an import: a link, or this host itself. Facts: the packages of host-wasm/engine/wasi.

import type { Inventory } from "trellis-host";

import type { LatticeLink } from "./model.ts";

/** The packages that the host answers without a link, and what of `wasi:http` it does. */
const OWN = /^wasi:(?:cli|clocks|config|filesystem|io|logging|random|sockets)\/|^wasi:http\/types$/;

/** Who serves an import of a component. */
export type Server = { by: "host" } | { by: "link"; target: string } | { by: "nobody"; candidates: string[] };

/** `wasi:keyvalue/store` for `wasi:keyvalue/store@0.2.0-draft`, and for wRPC's own name of it. */
export function plainName(name: string): string {
  return name.replace(/@.*$/, "").replace(/^wrpc:(?=http\/|keyvalue\/)/, "wasi:");
}

/** Who serves the import `name` of `source`; `exports` are the interfaces that each component exports. */
export function serverOf(
  source: string, name: string, links: readonly LatticeLink[], inventory: Inventory, exports: ReadonlyMap<string, string[]>,
): Server {
  const plain = plainName(name);
  const link = links.findLast((each) => each.source === source && each.interfaces.includes(plain));
  if (link) return { by: "link", target: link.target };
  if (OWN.test(plain)) return { by: "host" };
  const providers = inventory.providers.filter((each) => each.interfaces.some((served) => plainName(served) === plain));
  const components = inventory.components.filter(({ id }) => id !== source && exports.get(id)?.some((each) => plainName(each) === plain));
  return { by: "nobody", candidates: [...providers, ...components].map(({ id }) => id) };
}
