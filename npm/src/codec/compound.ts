/**
 * Codecs of the types with parts: lists are arrays (`list<u8>` a Uint8Array), tuples arrays, records objects with
 * lowerCamelCase keys, flags objects of booleans.
 */

import { DecodeError } from "../errors.js";
import type { Codec } from "./codec.js";
import { expected, within } from "./located.js";
import { camelCase } from "./names.js";
import { primitives } from "./primitives.js";
import type { Reader } from "./reader.js";

/** A part of a compound with its name in WIT. */
export interface Part {
  name: string;
  codec: Codec;
}

/** `list<u8>` */
export const byteList: Codec = {
  write(writer, value) {
    if (value instanceof Uint8Array) return writer.bytes(value);
    if (!isArrayLike(value)) expected("a Uint8Array", value);
    writer.unsigned(value.length);
    for (let i = 0; i < value.length; i++) at(i, () => primitives.u8.write(writer, value[i]));
  },
  read: (reader) => reader.bytes(),
};

/** `list<T>` */
export function list(element: Codec): Codec {
  return {
    write(writer, value) {
      if (!isArrayLike(value)) expected("an array", value);
      writer.unsigned(value.length);
      for (let i = 0; i < value.length; i++) at(i, () => element.write(writer, value[i]));
    },
    read: (reader) => readItems(reader, element, reader.unsigned(32)),
  };
}

/** `list<T, N>` */
export function fixedList(element: Codec, length: number): Codec {
  return {
    write(writer, value) {
      if (!isArrayLike(value) || value.length !== length) expected(`an array of ${length} items`, value);
      for (let i = 0; i < length; i++) at(i, () => element.write(writer, value[i]));
    },
    read: (reader) => readItems(reader, element, length),
  };
}

/** `tuple<A, B>` */
export function tuple(items: Codec[]): Codec {
  return {
    write(writer, value) {
      if (!isArrayLike(value) || value.length !== items.length) expected(`an array of ${items.length} items`, value);
      items.forEach((item, i) => at(i, () => item.write(writer, value[i])));
    },
    read: (reader) => items.map((item, i) => at(i, () => item.read(reader))),
  };
}

/** `record` */
export function record(parts: Part[]): Codec {
  const fields = parts.map(({ name, codec }) => ({ key: camelCase(name), codec }));
  return {
    write(writer, value) {
      if (!isObject(value)) expected("an object", value);
      for (const { key, codec } of fields) at(`.${key}`, () => codec.write(writer, value[key]));
    },
    read(reader) {
      const value: Record<string, unknown> = {};
      for (const { key, codec } of fields) value[key] = at(`.${key}`, () => codec.read(reader));
      return value;
    },
  };
}

/** `flags`: one bit each, in whole bytes. A name left out is false; names that do not exist are refused. */
export function flags(names: string[]): Codec {
  const keys = names.map(camelCase);
  const length = Math.ceil(keys.length / 8);
  return {
    write(writer, value) {
      if (!isObject(value)) expected("an object of booleans", value);
      const unknown = Object.keys(value).find((key) => !keys.includes(key));
      if (unknown !== undefined) expected(`flags among ${keys.join(", ")}`, unknown);
      const bytes = new Uint8Array(length);
      keys.forEach((key, i) => {
        if (value[key] === true) bytes[i >> 3] = (bytes[i >> 3] ?? 0) | (1 << (i & 7));
        else if (value[key] !== undefined && value[key] !== false) at(`.${key}`, () => expected("a bool", value[key]));
      });
      writer.raw(bytes);
    },
    read(reader) {
      const bytes = reader.raw(length);
      return Object.fromEntries(keys.map((key, i) => [key, ((bytes[i >> 3] ?? 0) & (1 << (i & 7))) !== 0]));
    },
  };
}

function readItems(reader: Reader, element: Codec, count: number): unknown[] {
  // Every type takes at least one byte, so a count beyond the bytes left is a lie, and nothing is allocated for it.
  if (count > reader.left) throw new DecodeError(`${count} items should follow, ${reader.left} bytes are there`);
  const items: unknown[] = [];
  for (let i = 0; i < count; i++) items.push(at(i, () => element.read(reader)));
  return items;
}

/** Runs one part; its error names the step to it. */
export function at<T>(step: string | number, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw within(step, error);
  }
}

/** Whether a value has properties. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isArrayLike(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}
