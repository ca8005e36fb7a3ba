// Writes the functions of a component as WIT signatures.

import type { FunctionInfo, Inspection, TypeInfo } from "trellis-host";

/** `get: func(key: string) -> option<list<u8>>`; of a resource `bucket.get: func(key: string) -> …`. */
export function signature(func: FunctionInfo, types: Inspection["types"]): string {
  const [, kind, rest] = /^\[(method|static|constructor)\](.*)$/.exec(func.name) ?? [undefined, "", func.name];
  const name = (index: number): string => typeName(types, index, 0);
  const own = kind === "method" ? func.params.slice(1) : func.params;
  const params = own.map((param) => `${param.name}: ${name(param.type)}`).join(", ");
  const result = func.result === null ? "" : ` -> ${name(func.result)}`;
  if (kind === "constructor") return `${rest}: constructor(${params})`;
  return `${rest}: ${kind === "static" ? "static " : ""}func(${params})${result}`;
}

// Deeper types are cut: a signature is for reading.
const DEPTH = 4;

function typeName(types: readonly TypeInfo[], index: number, depth: number): string {
  const type = types[index];
  if (!type || depth > DEPTH) return "…";
  const part = (at: number | null): string => (at === null ? "_" : typeName(types, at, depth + 1));
  switch (type.kind) {
    case "list": return `list<${part(type.element)}>`;
    case "fixed-list": return `list<${part(type.element)}, ${type.length}>`;
    case "tuple": return `tuple<${type.items.map(part).join(", ")}>`;
    case "option": return `option<${part(type.some)}>`;
    case "result": return result(type.ok, type.err, part);
    case "own": return local(type.resource);
    case "borrow": return `borrow<${local(type.resource)}>`;
    case "record": return type.name ?? `record { ${type.fields.map((f) => `${f.name}: ${part(f.type)}`).join(", ")} }`;
    case "variant": return type.name ?? `variant { ${type.cases.map((c) => c.name).join(", ")} }`;
    case "enum": return type.name ?? `enum { ${type.cases.join(", ")} }`;
    case "flags": return type.name ?? `flags { ${type.flags.join(", ")} }`;
    default: return type.kind;
  }
}

function result(ok: number | null, err: number | null, part: (at: number | null) => string): string {
  if (ok === null && err === null) return "result";
  return err === null ? `result<${part(ok)}>` : `result<${part(ok)}, ${part(err)}>`;
}

function local(resource: string): string {
  return resource.slice(resource.lastIndexOf("#") + 1);
}
