/** Finds a function among what a component exports, by the names that people write. */

import { NotFoundError } from "../errors.js";
import type { FunctionInfo, Inspection, InterfaceInfo } from "../inspection.js";
import { withoutVersion } from "./names.js";

/** A function that a component exports, with the full name of its interface. */
export interface ExportedFunction {
  readonly instance: string;
  readonly func: FunctionInfo;
}

/** The function of an interface; its version may be left out where it is unambiguous. */
export function exportedFunction({ exports }: Pick<Inspection, "exports">, instance: string, name: string): ExportedFunction {
  const found = exportedInterface(exports, instance);
  const func = found.functions.find((each) => each.name === name);
  if (func === undefined) {
    throw new NotFoundError(`${found.name} has no function ${name}; it has ${list(found.functions.map((each) => each.name))}`);
  }
  return { instance: found.name, func };
}

function exportedInterface(exports: readonly InterfaceInfo[], instance: string): InterfaceInfo {
  const exact = exports.find((each) => each.name === instance);
  if (exact !== undefined) return exact;
  const candidates = instance.includes("@") ? [] : exports.filter((each) => withoutVersion(each.name) === instance);
  const [only, another] = candidates;
  if (only !== undefined && another === undefined) return only;
  const why = another === undefined ? `is not exported; ${list(exports.map((each) => each.name))} are` : "is exported in several versions: name one";
  throw new NotFoundError(`${instance} ${why}`);
}

function list(names: readonly string[]): string {
  return names.length === 0 ? "none" : names.join(", ");
}
