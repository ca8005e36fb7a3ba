/**
 * Codecs of the types with cases, as jco maps them: a variant is `{ tag, val }`, an enum its case as a string, an
 * option the value or `undefined` (`{ tag: "some" | "none", val }` where an option is in an option), a result within
 * a value `{ tag: "ok" | "err", val }`.
 */

import { DecodeError } from "../errors.js";
import type { Codec } from "./codec.js";
import { at, isObject } from "./compound.js";
import { expected } from "./located.js";
import type { Reader } from "./reader.js";
import type { Writer } from "./writer.js";

/** A case with its payload, where it has one. */
export interface Case {
  tag: string;
  codec: Codec | undefined;
}

/** A value with its case. */
export interface Tagged {
  tag: string;
  val?: unknown;
}

/** `variant`; also `result` and nested options, whose cases have fixed names. */
export function variant(cases: Case[]): Codec {
  const index = new Map(cases.map(({ tag }, i) => [tag, i]));
  return {
    write(writer, value) {
      const tag = isObject(value) ? value.tag : undefined;
      const chosen = typeof tag === "string" ? index.get(tag) : undefined;
      if (!isObject(value) || chosen === undefined) expected(`{ tag: ${oneOf(cases)} }`, isObject(value) ? tag : value);
      writer.unsigned(chosen);
      writePayload(writer, cases[chosen], value.val);
    },
    read(reader) {
      const chosen = cases[reader.unsigned(32)];
      if (chosen === undefined) throw new DecodeError(`there are only ${cases.length} cases`);
      return readPayload(reader, chosen);
    },
  };
}

/** `enum` */
export function enumeration(cases: string[]): Codec {
  const index = new Map(cases.map((name, i) => [name, i]));
  return {
    write(writer, value) {
      const chosen = typeof value === "string" ? index.get(value) : undefined;
      if (chosen === undefined) expected(`one of ${cases.map((name) => JSON.stringify(name)).join(", ")}`, value);
      writer.unsigned(chosen);
    },
    read(reader) {
      const chosen = cases[reader.unsigned(32)];
      if (chosen === undefined) throw new DecodeError(`there are only ${cases.length} cases`);
      return chosen;
    },
  };
}

/** `option<T>` whose value is no option: the value or `undefined` (`null` is taken as well). */
export function option(some: Codec): Codec {
  return {
    write(writer, value) {
      writer.byte(value === undefined || value === null ? 0 : 1);
      if (value !== undefined && value !== null) some.write(writer, value);
    },
    read: (reader) => (reader.bool() ? some.read(reader) : undefined),
  };
}

/** `option<option<T>>` */
export function nestedOption(some: Codec): Codec {
  return variant([{ tag: "none", codec: undefined }, { tag: "some", codec: some }]);
}

/** `result<T, E>` */
export function result(ok: Codec | undefined, err: Codec | undefined): Codec {
  return variant([{ tag: "ok", codec: ok }, { tag: "err", codec: err }]);
}

function writePayload(writer: Writer, chosen: Case | undefined, value: unknown): void {
  const codec = chosen?.codec;
  if (codec !== undefined) at(".val", () => codec.write(writer, value));
}

function readPayload(reader: Reader, { tag, codec }: Case): Tagged {
  return codec === undefined ? { tag } : { tag, val: at(".val", () => codec.read(reader)) };
}

function oneOf(cases: Case[]): string {
  return cases.map(({ tag }) => JSON.stringify(tag)).join(" | ");
}
