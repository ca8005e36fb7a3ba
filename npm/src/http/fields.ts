/**
 * `fields` of `wrpc:http@0.1.0`: `list<tuple<string, list<list<u8>>>>`, each name once. Values are bytes; the web
 * platform has them as strings of one character for each byte.
 */

import type { Reader } from "../codec/reader.js";
import type { Writer } from "../codec/writer.js";
import { DecodeError } from "../errors.js";

/** Headers in any order; a name may occur more than once. */
export type HeaderList = Iterable<[name: string, value: string]>;

/** Writes headers, with the values of equal names together. */
export function writeFields(writer: Writer, headers: HeaderList): void {
  const merged = new Map<string, string[]>();
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    const values = merged.get(key);
    if (values === undefined) merged.set(key, [value]);
    else values.push(value);
  }
  writer.unsigned(merged.size);
  for (const [name, values] of merged) {
    writer.string(name);
    writer.unsigned(values.length);
    values.forEach((value) => writer.bytes(latin1(value)));
  }
}

/** Reads headers. */
export function readFields(reader: Reader): Headers {
  const headers = new Headers();
  for (let names = reader.unsigned(32); names > 0; names--) {
    const name = reader.string();
    for (let values = reader.unsigned(32); values > 0; values--) append(headers, name, reader.bytes());
  }
  return headers;
}

function append(headers: Headers, name: string, value: Uint8Array): void {
  try {
    headers.append(name, String.fromCharCode(...value));
  } catch (error) {
    throw new DecodeError(`${JSON.stringify(name)} is no usable header`, { cause: error });
  }
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
