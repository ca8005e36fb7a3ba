/**
 * Values of WIT types as JSON, in the shapes of the codec. What JSON lacks is written as text: 64-bit integers beyond
 * what a number holds exactly, `NaN` and the infinities. `null` is an option without value.
 */

import { ResourceHandle } from "../codec/handle.js";
import { camelCase } from "../codec/names.js";
import { InvalidArgumentError } from "../errors.js";
import type { TypeInfo } from "../inspection.js";

type Types = readonly TypeInfo[];

/** A value of the codec as JSON has it. */
export function plain(value: unknown): unknown {
  if (value === undefined) return null;
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (value instanceof Uint8Array) return [...value];
  if (value instanceof ResourceHandle) return { resource: value.resource, handle: [...value.bytes] };
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
}

/** An argument as it is written on a command line: JSON, or the text itself where the type is one of texts. */
export function argumentOf(types: Types, type: number, text: string, where: string): unknown {
  const { kind } = typeOf(types, type);
  if ((kind === "string" || kind === "char" || kind === "enum") && !text.startsWith('"')) return text;
  // JSON has no integers that large.
  if ((kind === "u64" || kind === "s64") && /^-?\d+$/.test(text)) return BigInt(text);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new InvalidArgumentError(`${where}: ${JSON.stringify(text)} is no JSON`, { cause: error });
  }
  return fromJson(types, type, json);
}

/** JSON as a value of the codec. What does not fit the type is left as it is: the codec says so. */
function fromJson(types: Types, index: number, json: unknown): unknown {
  const type = typeOf(types, index);
  const inner = (each: number | null, value: unknown): unknown => (each === null ? value : fromJson(types, each, value));
  switch (type.kind) {
    case "u64": case "s64": return typeof json === "string" && /^-?\d+$/.test(json) ? BigInt(json) : json;
    case "f32": case "f64": return typeof json === "string" && /^(?:NaN|-?Infinity)$/.test(json) ? Number(json) : json;
    case "list": case "fixed-list": return Array.isArray(json) ? json.map((each) => inner(type.element, each)) : json;
    case "tuple": return Array.isArray(json) ? json.map((each, item) => inner(type.items[item] ?? null, each)) : json;
    case "record": return isObject(json) ? Object.fromEntries(type.fields.map(({ name, type: field }) => [camelCase(name), inner(field, json[camelCase(name)] ?? json[name])])) : json;
    case "flags": return Array.isArray(json) ? Object.fromEntries(json.map((name) => [camelCase(String(name)), true])) : json;
    case "variant": return tagged(json, (tag) => type.cases.find(({ name }) => name === tag)?.type, inner);
    case "result": return tagged(json, (tag) => (tag === "ok" ? type.ok : type.err), inner);
    case "option": {
      if (typeOf(types, type.some).kind === "option") return tagged(json, (tag) => (tag === "some" ? type.some : null), inner);
      return json === null ? undefined : inner(type.some, json);
    }
    default: return json;
  }
}

function tagged(json: unknown, payload: (tag: unknown) => number | null | undefined, inner: (type: number | null, value: unknown) => unknown): unknown {
  return isObject(json) ? { ...json, val: inner(payload(json["tag"]) ?? null, json["val"]) } : json;
}

function typeOf(types: Types, index: number): TypeInfo {
  return types[index] ?? { kind: "string" };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
