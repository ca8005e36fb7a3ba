/**
 * Messages as bytes, for memory that is shared. A frame is its length (four bytes, little endian) and an array. Each value
 * is a tag and what belongs to it; counts are LEB128. Messages consist of numbers, booleans, strings, byte arrays,
 * `undefined`, and arrays and objects of these.
 *
 * A short text that was sent before is sent as its number: both ends keep those that were sent last. So frames are read in
 * the order in which they were written, all of them.
 */

const UNDEFINED = 0;
const FALSE = 1;
const TRUE = 2;
const INTEGER = 3;
const FLOAT = 4;
const NAME = 5;
const NEW_NAME = 6;
const TEXT = 7;
const BYTES = 8;
const ARRAY = 9;
const OBJECT = 10;

/** The bytes of a frame's length. */
export const HEAD = 4;

/** So many texts are remembered, of so many UTF-16 units each at most. */
const NAMES = 256;
const NAME_LENGTH = 64;

/** What an encoder has room for from the beginning. */
const ROOM = 4096;

const textEncoder = new TextEncoder();
const textDecoder = new TextDecoder("utf-8", { ignoreBOM: true });
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

  /** A message as a frame. Throws a `TypeError` for what no message consists of. */
  encode(message: readonly unknown[]): Uint8Array {
    const length = this.write(message);
    return this.#bytes.slice(0, length);
  }

  /** Where frames are written. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Writes a message as a frame to the beginning of `bytes`, and gives its length. Throws as `encode` does. */
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
    this.#binaryContent(textEncoder.encode(text));
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
    return textDecoder.decode(this.#raw(this.#count()));
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

/** So many bytes are copied one by one: that costs less than to set views up. */
const FEW = 64;

/** Copies what is between two places. */
export function copy(source: Uint8Array, from: number, to: number, target: Uint8Array, at: number): void {
  if (to - from > FEW) return target.set(source.subarray(from, to), at);
  for (let index = from; index < to; index++) target[at + index - from] = source[index] ?? 0;
}
