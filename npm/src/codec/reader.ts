/**
 * Reads wRPC value encoding from bytes that nobody vouches for: every read is bounded by what is there, and a length
 * is believed only when so many bytes follow. Fails with `DecodeError`, which the caller locates within the value.
 */

import { DecodeError } from "../errors.js";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A position in bytes. */
export class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #position = 0;

  /** Reads `bytes` from their start. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** How many bytes are left. */
  get left(): number {
    return this.#bytes.length - this.#position;
  }

  /** Fails unless everything was read. */
  end(): void {
    if (this.left > 0) throw new DecodeError(`${this.left} bytes are left over`);
  }

  /** One raw byte. */
  byte(): number {
    const byte = this.#bytes[this.#position];
    if (byte === undefined) throw new DecodeError("the bytes end too early");
    this.#position++;
    return byte;
  }

  /** So many raw bytes, as a copy. */
  raw(length: number): Uint8Array {
    return this.#take(length).slice();
  }

  /** A byte that is 0 or 1. */
  bool(): boolean {
    const byte = this.byte();
    if (byte > 1) throw new DecodeError(`expected 0 or 1, got ${byte}`);
    return byte === 1;
  }

  /** An unsigned integer of at most 32 bits. */
  unsigned(bits: number): number {
    const value = this.#groups(bits, Math.ceil(bits / 7));
    if (value >= 2 ** bits) throw new DecodeError(`${value} does not fit into ${bits} bits`);
    return value;
  }

  /**
   * A signed integer of at most 32 bits. Takes the canonical form and the one whose last byte is cut to the remaining
   * bits, which hosts of wasmCloud 1.9 send.
   */
  signed(bits: number): number {
    return Number(this.#signed(bits));
  }

  /** An unsigned integer of 64 bits. */
  unsignedBig(): bigint {
    const [value] = this.#bigGroups(10);
    if (value > 0xffff_ffff_ffff_ffffn) throw new DecodeError(`${value} does not fit into 64 bits`);
    return value;
  }

  /** A signed integer of 64 bits, in both forms. */
  signedBig(): bigint {
    return this.#signed(64);
  }

  /** A 32-bit float. */
  float32(): number {
    const at = this.#skip(4);
    return this.#view.getFloat32(at, true);
  }

  /** A 64-bit float. */
  float64(): number {
    const at = this.#skip(8);
    return this.#view.getFloat64(at, true);
  }

  /** A string. */
  string(): string {
    return utf8(this.#take(this.unsigned(32)));
  }

  /** A character: the first byte tells how many there are. */
  char(): string {
    const first = this.#bytes[this.#position] ?? 0;
    const length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    return utf8(this.#take(length));
  }

  /** A byte list, as a copy. */
  bytes(): Uint8Array {
    return this.raw(this.unsigned(32));
  }

  #take(length: number): Uint8Array {
    const at = this.#skip(length);
    return this.#bytes.subarray(at, at + length);
  }

  #skip(length: number): number {
    if (length > this.left) throw new DecodeError(`${length} bytes should follow, ${this.left} are there`);
    const at = this.#position;
    this.#position += length;
    return at;
  }

  #groups(bits: number, longest: number): number {
    let value = 0;
    for (let group = 0; group < longest; group++) {
      const byte = this.byte();
      value += (byte & 127) * 2 ** (7 * group);
      if (byte < 128) return value;
    }
    throw new DecodeError(`an integer of ${bits} bits has too many bytes`);
  }

  #signed(bits: number): bigint {
    const longest = Math.ceil(bits / 7);
    const [value, groups] = this.#bigGroups(longest);
    const canonical = BigInt.asIntN(groups * 7, value);
    if (canonical === BigInt.asIntN(bits, canonical)) return canonical;
    const cut = groups === longest && value < 2n ** BigInt(bits);
    if (!cut) throw new DecodeError(`${canonical} does not fit into ${bits} bits`);
    return BigInt.asIntN(bits, value);
  }

  #bigGroups(longest: number): [value: bigint, groups: number] {
    let value = 0n;
    for (let group = 0; group < longest; group++) {
      const byte = this.byte();
      value |= BigInt(byte & 127) << BigInt(7 * group);
      if (byte < 128) return [value, group + 1];
    }
    throw new DecodeError("an integer has too many bytes");
  }
}

function utf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new DecodeError("the text is not valid UTF-8");
  }
}
