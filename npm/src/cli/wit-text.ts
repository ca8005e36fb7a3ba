/** Types and functions in the notation of WIT. */

import type { FunctionInfo, Inspection } from "../inspection.js";

/** `name: func(a: u32) -> string`. */
export function functionText(types: Inspection["types"], { name, params, result }: FunctionInfo): string {
  const inner = params.map((param) => `${param.name}: ${typeText(types, param.type)}`).join(", ");
  return `${name}: func(${inner})${result === null ? "" : ` -> ${typeText(types, result)}`}`;
}

/** A type: by its name where it has one. */
function typeText(types: Inspection["types"], index: number): string {
  const type = types[index];
  const text = (each: number): string => typeText(types, each);
  if (type === undefined) return "_";
  switch (type.kind) {
    case "list": return `list<${text(type.element)}>`;
    case "fixed-list": return `list<${text(type.element)}, ${type.length}>`;
    case "option": return `option<${text(type.some)}>`;
    case "tuple": return `tuple<${type.items.map(text).join(", ")}>`;
    case "result": return resultText(type.ok === null ? undefined : text(type.ok), type.err === null ? undefined : text(type.err));
    case "own": return nameOf(type.resource);
    case "borrow": return `borrow<${nameOf(type.resource)}>`;
    case "record": case "variant": case "enum": case "flags": return type.name ?? type.kind;
    default: return type.kind;
  }
}

/** A resource without its interface, which stands before the `#`. */
function nameOf(resource: string): string {
  return resource.slice(resource.lastIndexOf("#") + 1);
}

function resultText(ok: string | undefined, err: string | undefined): string {
  if (err !== undefined) return `result<${ok ?? "_"}, ${err}>`;
  return ok === undefined ? "result" : `result<${ok}>`;
}
