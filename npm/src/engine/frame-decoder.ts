/** Messages from frames (`frame.ts`). */

import { ARRAY, BYTES, FALSE, FLOAT, HEAD, INTEGER, NAME, NEW_NAME, OBJECT, TEXT, TRUE, UNDEFINED } from "./frame.js";

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
const float = new Float64Array(1);
const floatBytes = new Uint8Array(float.buffer);

/** Reads frames. */
export class FrameDecoder {
  #bytes: Uint8Array = new Uint8Array();
  #at = 0;
  #end = 0;
  readonly #names: string[] = [];

  /** The message of the whole frame that is between two places. Throws a `RangeError` where it is none. */
  decode(bytes: Uint8Array, from = 0, to = bytes.length): unknown[] {
    this.#bytes = bytes;
    this.#at = from + HEAD;
    this.#end = to;
    const message = this.#value();
    if (!Array.isArray(message)) throw new RangeError("a frame holds an array");
    return message;
  }

  #value(): unknown {
    const tag = this.#byte();
    switch (tag) {
      case UNDEFINED: return undefined;
      case FALSE: return false;
      case TRUE: return true;
      case INTEGER: return this.#byte() | (this.#byte() << 8) | (this.#byte() << 16) | (this.#byte() << 24);
      case FLOAT:
        floatBytes.set(this.#raw(8));
        return float[0];
      case NAME:
      case NEW_NAME:
      case TEXT: return this.#text(tag);
      case BYTES: return this.#raw(this.#count());
      case ARRAY: return this.#array();
      case OBJECT: return this.#object();
      default: throw new RangeError(`${tag} is no tag`);
    }
  }

  #text(tag: number): string {
    if (tag === TEXT) return this.#utf8();
    const number = this.#byte();
    if (tag === NEW_NAME) this.#names[number] = this.#utf8();
    const name = this.#names[number];
    if (name === undefined) throw new RangeError(`nothing has the number ${number}`);
    return name;
  }

  #utf8(): string {
    return utf8.decode(this.#raw(this.#count()));
  }

  #array(): unknown[] {
    const count = this.#count();
    const values: unknown[] = [];
    for (let index = 0; index < count; index++) values.push(this.#value());
    return values;
  }

  #object(): object {
    const count = this.#count();
    const object: Record<string, unknown> = {};
    for (let index = 0; index < count; index++) {
      const key = this.#text(this.#byte());
      const value = this.#value();
      if (key !== "__proto__") object[key] = value;
      else Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
    }
    return object;
  }

  #count(): number {
    let count = 0;
    for (let shift = 0; shift < 32; shift += 7) {
      const byte = this.#byte();
      count += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return count;
    }
    throw new RangeError("a count has more than five bytes");
  }

  #byte(): number {
    if (this.#at >= this.#end) throw new RangeError("the frame ends too soon");
    return this.#bytes[this.#at++] ?? 0;
  }

  #raw(length: number): Uint8Array<ArrayBuffer> {
    const from = this.#at;
    if (length > this.#end - from) throw new RangeError("the frame ends too soon");
    this.#at += length;
    return this.#bytes.slice(from, this.#at);
  }
}
