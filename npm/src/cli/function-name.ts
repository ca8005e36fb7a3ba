/** A function as it is written on a command line: `ns:pkg/iface.func`. */

import { UsageError } from "./errors.js";

/** A function with its interface; the interface is empty for one at the root of a world. */
export interface FunctionName {
  readonly instance: string;
  readonly func: string;
}

/** Reads `ns:pkg/iface.func`, `ns:pkg/iface@1.0.0.func` or `func`; that of a resource is `resource.func`. */
export function functionNameOf(text = ""): FunctionName {
  const [, instance = "", func] = /^(?:([^/\s]+:[^/\s]+\/[^@.\s]+(?:@\d+\.\d+\.\d+(?:-[a-z0-9.-]*[a-z0-9-])?(?=\.))?)\.)?([a-z[][^\s]*)$/.exec(text) ?? [];
  if (func === undefined) throw new UsageError(`${JSON.stringify(text)} names no function: write such as acme:shop/cart.add`);
  return { instance, func };
}
