/** Names of components, lattices and WIT interfaces. Facts: the lattice protocol 1.x, sections 1.4, 1.5 and 7.1. */

import { InvalidArgumentError } from "../errors.js";

/** Checks the id of a component, provider or lattice: it is a token of subjects and part of keys. */
export function checkName(what: string, name: string): string {
  if (typeof name === "string" && /^[A-Za-z0-9_-]+$/.test(name)) return name;
  throw new InvalidArgumentError(`${JSON.stringify(name)} is no ${what}: use letters, digits, "_" and "-"`);
}

/** `ns:pkg/iface@1.0.0` without its version. */
export function withoutVersion(instance: string): string {
  const at = instance.indexOf("@");
  return at < 0 ? instance : instance.slice(0, at);
}

/** An interface of a link: namespace, package and name, without version. */
export interface InterfaceName {
  namespace: string;
  package: string;
  name: string;
}

/** Reads `ns:pkg/iface`; a version is dropped. */
export function parseInterface(text: string): InterfaceName {
  const [, namespace, packageName, name] = /^([a-z][a-z0-9-]*):([a-z][a-z0-9-]*)\/([a-z][a-z0-9-]*)$/.exec(withoutVersion(text)) ?? [];
  if (namespace === undefined || packageName === undefined || name === undefined) {
    throw new InvalidArgumentError(`${JSON.stringify(text)} is no interface: write "namespace:package/interface"`);
  }
  return { namespace, package: packageName, name };
}

/**
 * The interface by which a link is looked up for a call: calls that the engine translates from `wasi` to `wrpc` go by
 * their `wasi` name, and all of blobstore by `wasi:blobstore/blobstore`.
 */
export function linkKey(instance: string): string {
  const name = withoutVersion(instance).replace(/^wrpc:(http|keyvalue|blobstore)\//, "wasi:$1/");
  return name === "wasi:blobstore/container" ? "wasi:blobstore/blobstore" : name;
}
