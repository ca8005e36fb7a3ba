/** Types of the recorded values (`vectors/wit/lab-types.wit`) as an inspection's table. */

import type { TypeInfo } from "../../src/inspection.js";

const numbered = (letter: string, count: number): string[] => Array.from({ length: count }, (_, index) => `${letter}${index}`);

/** The named types: what each is made of, in the notation of WIT. */
const named: Record<string, (table: TypeTable) => TypeInfo> = {
  point: (table) => table.record({ x: "s32", y: "s32" }),
  nested: (table) => table.record({ id: "u64", name: "string", pt: "point", tags: "list<string>", opt: "option<u8>" }),
  color: () => ({ kind: "enum", name: "color", cases: ["red", "green", "blue"] }),
  big: () => ({ kind: "enum", name: "big", cases: numbered("c", 300) }),
  shape: (table) => table.variant({ none: null, circle: "f64", rect: "tuple<u32, u32>", named: "string", many: "list<point>" }),
  bigv: (table) => table.variant(Object.fromEntries(numbered("v", 200).map((name) => [name, "u8"]))),
  perms: () => ({ kind: "flags", name: "perms", flags: ["read", "write", "exec"] }),
};

/** A table of types that grows by what is asked for. */
export class TypeTable {
  readonly types: TypeInfo[] = [];

  /** The index of a type in the notation of WIT. */
  type(notation: string): number {
    const info = this.#info(notation.trim());
    return this.types.push(info) - 1;
  }

  record(fields: Record<string, string>): TypeInfo {
    return { kind: "record", name: null, fields: Object.entries(fields).map(([name, type]) => ({ name, type: this.type(type) })) };
  }

  variant(cases: Record<string, string | null>): TypeInfo {
    const infos = Object.entries(cases).map(([name, type]) => ({ name, type: type === null ? null : this.type(type) }));
    return { kind: "variant", name: null, cases: infos };
  }

  #info(notation: string): TypeInfo {
    const flags = /^flags(\d+)$/.exec(notation);
    if (flags !== null) return { kind: "flags", name: notation, flags: numbered("b", Number(flags[1])) };
    const [, head = notation, inner] = /^(\w+)<(.*)>$/.exec(notation) ?? [];
    const parts = inner === undefined ? [] : splitTop(inner);
    const part = (index: number): number | null => {
      const text = parts[index];
      return text === undefined || text === "_" ? null : this.type(text);
    };
    switch (head) {
      case "list": return { kind: "list", element: part(0) ?? 0 };
      case "option": return { kind: "option", some: part(0) ?? 0 };
      case "tuple": return { kind: "tuple", items: parts.map((text) => this.type(text)) };
      case "result": return { kind: "result", ok: part(0), err: part(1) };
      default: return named[head]?.(this) ?? ({ kind: head } as TypeInfo);
    }
  }
}

/** `a, b<c, d>` at its outer commas. */
function splitTop(text: string): string[] {
  const parts: string[] = [];
  let [part, depth] = ["", 0];
  for (const character of `${text},`) {
    depth += character === "<" ? 1 : character === ">" ? -1 : 0;
    if (character !== "," || depth > 0) part += character;
    else [part] = ["", parts.push(part.trim())];
  }
  return parts;
}
