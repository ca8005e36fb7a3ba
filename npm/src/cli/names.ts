/** Names of the lattice, as they are written on a command line. Facts: the lattice protocol 1.x, sections 1.5 and 3.8. */

import { checkName } from "../host/names.js";
import { UsageError } from "./errors.js";

/** The id of a component or provider. */
export function idOf(text = ""): string {
  return checkName("id", text);
}

/** The name of a config: a token of subjects and a key of a bucket. */
export function configName(text = ""): string {
  if (/^[-/_=a-zA-Z0-9]+$/.test(text)) return text;
  throw new UsageError(`${JSON.stringify(text)} is no name of a config: use letters, digits, "_", "-", "=" and "/"`);
}

/** A package with interfaces: `wasi:keyvalue/store,atomics`, or without any. */
export interface PackageName {
  readonly namespace: string;
  readonly packageName: string;
  readonly interfaces: readonly string[];
}

/** Reads `ns:pkg`, `ns:pkg/iface` or `ns:pkg/one,other`; a version is dropped. */
export function packageOf(text = ""): PackageName {
  const [, namespace, packageName, rest = ""] = /^([a-z][a-z0-9-]*):([a-z][a-z0-9-]*)(?:\/([a-z0-9,-]+))?(?:@[^/]*)?$/.exec(text) ?? [];
  if (namespace === undefined || packageName === undefined) {
    throw new UsageError(`${JSON.stringify(text)} names no interfaces: write such as wasi:keyvalue/store or wasi:keyvalue/store,atomics`);
  }
  return { namespace, packageName, interfaces: rest.split(",").filter((each) => each !== "") };
}
