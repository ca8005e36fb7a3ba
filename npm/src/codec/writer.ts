/**
 * Writes wRPC value encoding: LEB128 integers, raw floats, length-prefixed strings. No alignment, no tags.
 */

const encoder = new TextEncoder();
const scratch = new DataView(new ArrayBuffer(8));

/** A growing buffer. */
export class Writer {
  #bytes = new Uint8Array(64);
  #length = 0;

  /** What was written, in a buffer of its own. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  /** One raw byte. */
  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  /** Raw bytes. */
  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** An unsigned integer below 2^53. */
  unsigned(value: number): void {
    this.#reserve(8);
    while (value > 127) {
      this.#bytes[this.#length++] = (value % 128) | 128;
      value = Math.floor(value / 128);
    }
    this.#bytes[this.#length++] = value;
  }

  /** A signed integer of at most 32 bits. */
  signed(value: number): void {
    this.#reserve(5);
    for (;;) {
      const low = value & 127;
      value >>= 7;
      if ((value === 0 && low < 64) || (value === -1 && low >= 64)) {
        this.#bytes[this.#length++] = low;
        return;
      }
      this.#bytes[this.#length++] = low | 128;
    }
  }

  /** An unsigned integer of 64 bits. */
  unsignedBig(value: bigint): void {
    while (value > 127n) {
      this.byte(Number(value & 127n) | 128);
      value >>= 7n;
    }
    this.byte(Number(value));
  }

  /** A signed integer of 64 bits. */
  signedBig(value: bigint): void {
    for (;;) {
      const low = Number(value & 127n);
      value >>= 7n;
      if ((value === 0n && low < 64) || (value === -1n && low >= 64)) return this.byte(low);
      this.byte(low | 128);
    }
  }

  /** A 32-bit float. */
  float32(value: number): void {
    scratch.setFloat32(0, value, true);
    this.raw(new Uint8Array(scratch.buffer, 0, 4));
  }

  /** A 64-bit float. */
  float64(value: number): void {
    scratch.setFloat64(0, value, true);
    this.raw(new Uint8Array(scratch.buffer, 0, 8));
  }

  /** A string: its length in bytes and its UTF-8. */
  string(value: string): void {
    // Short strings are almost always ASCII: written in place, without a temporary.
    if (value.length < 128 && this.#ascii(value)) return;
    this.bytes(encoder.encode(value));
  }

  /** A character: its UTF-8 without a length. */
  char(value: string): void {
    this.raw(encoder.encode(value));
  }

  /** A byte list: its length and the bytes. */
  bytes(value: Uint8Array): void {
    this.unsigned(value.length);
    this.raw(value);
  }

  #ascii(value: string): boolean {
    this.#reserve(value.length + 1);
    const start = this.#length + 1;
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (code > 127) return false;
      this.#bytes[start + i] = code;
    }
    this.#bytes[this.#length] = value.length;
    this.#length = start + value.length;
    return true;
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}
