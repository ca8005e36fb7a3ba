/**
 * What `inspect` tells about a component: its imports and exports with full WIT types, as plain data.
 *
 * Types are a table and refer to each other by index; a type mentions only types before it, so the table has no
 * cycles. The core makes this in `host-wasm/engine/front`.
 */

/** A component, looked into. */
export interface Inspection {
  /** The interfaces it imports. */
  imports: InterfaceInfo[];
  /** The interfaces it exports. */
  exports: InterfaceInfo[];
  /** Every type that a function mentions. */
  types: TypeInfo[];
  /** The component's world as WIT text. */
  wit: string;
  /** The producers section: field ("language", "processed-by", "sdk") to names with their versions. */
  producers: ProducerField[];
  /** The signed claims (a JWT) of a wasmCloud component, where it has any. */
  claims: string | null;
}

/** An interface that a component imports or exports. */
export interface InterfaceInfo {
  /** The full name, such as `wasi:http/incoming-handler@0.2.12`; empty for functions at the root of the world. */
  name: string;
  /** Its functions. Methods of resources have the component model's names, such as `[method]bucket.get`. */
  functions: FunctionInfo[];
  /** The resource types it defines. */
  resources: string[];
}

/** A function and its types. */
export interface FunctionInfo {
  /** The name in WIT, in kebab case. */
  name: string;
  /** The parameters in order. */
  params: NamedType[];
  /** The result's type: an index into {@link Inspection.types}, or null for none. */
  result: number | null;
}

/** A name with a type. */
export interface NamedType {
  /** The name in WIT, in kebab case. */
  name: string;
  /** An index into {@link Inspection.types}. */
  type: number;
}

/** A case of a variant. */
export interface CaseInfo {
  /** The name in WIT, in kebab case. */
  name: string;
  /** The payload: an index into {@link Inspection.types}, or null for none. */
  type: number | null;
}

/** A field of the producers section. */
export interface ProducerField {
  /** Such as `language` or `processed-by`. */
  field: string;
  /** Names with their versions. */
  values: [name: string, version: string][];
}

/** The value types without parts. */
export type PrimitiveKind =
  | "bool" | "u8" | "s8" | "u16" | "s16" | "u32" | "s32" | "u64" | "s64" | "f32" | "f64" | "char" | "string";

/** A type. `name` is its name in WIT where it has one. Numbers are indices into {@link Inspection.types}. */
export type TypeInfo =
  | { kind: PrimitiveKind }
  | { kind: "list"; element: number }
  | { kind: "fixed-list"; element: number; length: number }
  | { kind: "record"; name: string | null; fields: NamedType[] }
  | { kind: "tuple"; items: number[] }
  | { kind: "variant"; name: string | null; cases: CaseInfo[] }
  | { kind: "enum"; name: string | null; cases: string[] }
  | { kind: "flags"; name: string | null; flags: string[] }
  | { kind: "option"; some: number }
  | { kind: "result"; ok: number | null; err: number | null }
  | { kind: "own" | "borrow"; resource: string };
