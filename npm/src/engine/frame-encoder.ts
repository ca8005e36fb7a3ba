/** Messages as frames (`frame.ts`). */

import { ARRAY, BYTES, copy, FALSE, FLOAT, HEAD, INTEGER, NAME, NEW_NAME, OBJECT, TEXT, TRUE, UNDEFINED } from "./frame.js";

/** So many texts are remembered, of so many UTF-16 units each at most. */
const NAMES = 256;
const NAME_LENGTH = 64;

/** What an encoder has room for from the beginning. */
const ROOM = 4096;

const utf8 = new TextEncoder();
const float = new Float64Array(1);
const floatBytes = new Uint8Array(float.buffer);

/** Makes frames. */
export class FrameEncoder {
  /** The frame that was made last, and more. */
  #bytes = new Uint8Array(ROOM);
  #at = 0;
  readonly #numbers = new Map<string, number>();
  readonly #names: string[] = [];
  #next = 0;

  /** Where frames are written. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Writes a message as a frame to the beginning of `bytes`, and gives its length. Throws a `TypeError` for what no message consists of. */
  write(message: readonly unknown[]): number {
    if (this.#bytes.length > ROOM) this.#bytes = new Uint8Array(ROOM);
    this.#at = HEAD;
    try {
      this.#array(message);
    } catch (error) {
      // The other end does not hear of the names in it.
      this.#numbers.clear();
      throw error;
    }
    const length = this.#at;
    for (let index = 0; index < HEAD; index++) this.#bytes[index] = length >>> (8 * index);
    return length;
  }

  #value(value: unknown): void {
    switch (typeof value) {
      case "number": return this.#number(value);
      case "string": return this.#text(value);
      case "undefined": return this.#byte(UNDEFINED);
      case "boolean": return this.#byte(value ? TRUE : FALSE);
      default:
    }
    if (value instanceof Uint8Array) this.#binary(value);
    else if (Array.isArray(value)) this.#array(value);
    else if (value !== null && typeof value === "object") this.#object(value);
    else throw new TypeError(`a ${value === null ? "null" : typeof value} cannot be sent`);
  }

  #number(value: number): void {
    if ((value | 0) === value && !Object.is(value, -0)) {
      this.#byte(INTEGER);
      this.#reserve(4);
      for (let shift = 0; shift < 32; shift += 8) this.#bytes[this.#at++] = value >>> shift;
    } else {
      this.#byte(FLOAT);
      float[0] = value;
      this.#raw(floatBytes);
    }
  }

  #text(text: string): void {
    if (text.length > NAME_LENGTH) {
      this.#byte(TEXT);
      return this.#utf8(text);
    }
    const known = this.#numbers.get(text);
    this.#byte(known === undefined ? NEW_NAME : NAME);
    this.#byte(known ?? this.#remember(text));
    if (known === undefined) this.#utf8(text);
  }

  /** The number of a text from now on. The oldest gives way. */
  #remember(text: string): number {
    const number = this.#next;
    this.#next = (number + 1) % NAMES;
    const old = this.#names[number];
    if (old !== undefined && this.#numbers.get(old) === number) this.#numbers.delete(old);
    this.#names[number] = text;
    this.#numbers.set(text, number);
    return number;
  }

  #utf8(text: string): void {
    this.#binaryContent(utf8.encode(text));
  }

  #binary(bytes: Uint8Array): void {
    this.#byte(BYTES);
    this.#binaryContent(bytes);
  }

  #binaryContent(bytes: Uint8Array): void {
    this.#count(bytes.length);
    this.#raw(bytes);
  }

  #array(values: readonly unknown[]): void {
    this.#byte(ARRAY);
    this.#count(values.length);
    for (const value of values) this.#value(value);
  }

  #object(object: object): void {
    const keys = Object.keys(object);
    this.#byte(OBJECT);
    this.#count(keys.length);
    for (const key of keys) {
      this.#text(key);
      this.#value((object as Record<string, unknown>)[key]);
    }
  }

  #count(count: number): void {
    let rest = count;
    for (; rest > 0x7f; rest >>>= 7) this.#byte((rest & 0x7f) | 0x80);
    this.#byte(rest);
  }

  #byte(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#at++] = byte;
  }

  #raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    copy(bytes, 0, bytes.length, this.#bytes, this.#at);
    this.#at += bytes.length;
  }

  #reserve(count: number): void {
    const needed = this.#at + count;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    larger.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = larger;
  }
}
