/**
 * Messages between two threads: a ring of bytes in shared memory, with frames (`frame.ts`) in it. A message costs a
 * fraction of what it costs to post one. Posting is left for the bell: a reader that rests is nudged by an ordinary message,
 * one that is at work looks again before it rests. And a thread that is blocked gets no messages, but can look here.
 *
 * A frame may be larger than the ring: it is a stream of bytes. Where the ring is full the writer keeps the rest until the
 * reader tells of room, or waits for that where it may.
 */

import { copy, HEAD } from "./frame.js";
import { FrameDecoder } from "./frame-decoder.js";
import { FrameEncoder } from "./frame-encoder.js";

/** Control words: bytes ever written, bytes ever read (both modulo 2^32), a nudge is under way, the writer waits for room. */
const WRITTEN = 0;
const READ = 1;
const NUDGED = 2;
const WAITING = 3;
const CONTROL_BYTES = 16;

/** The memory of a mailbox. Its ring's size is a power of two. */
export function createMailbox(ringBytes: number): SharedArrayBuffer {
  return new SharedArrayBuffer(CONTROL_BYTES + ringBytes);
}

/** The ring, as one of its ends sees it. */
class Ring {
  readonly control: Int32Array;
  readonly bytes: Uint8Array;
  /** The count of this end, as far as it has come, of which the other end may have heard less. */
  #count = 0;
  readonly #own: number;

  constructor(memory: SharedArrayBuffer, own: typeof WRITTEN | typeof READ) {
    this.control = new Int32Array(memory, 0, CONTROL_BYTES / 4);
    this.bytes = new Uint8Array(memory, CONTROL_BYTES);
    this.#own = own;
  }

  /** Where this end goes on. */
  get at(): number {
    return (this.#count >>> 0) % this.bytes.length;
  }

  /** How many bytes are in it. */
  get held(): number {
    const other = Atomics.load(this.control, this.#own === WRITTEN ? READ : WRITTEN);
    return (this.#own === WRITTEN ? this.#count - other : other - this.#count) >>> 0;
  }

  /** This end has written, or read, so many bytes more. */
  move(bytes: number): void {
    this.#count = (this.#count + bytes) | 0;
  }

  /** Tells the other end. */
  tell(): void {
    Atomics.store(this.control, this.#own, this.#count);
  }
}

/** The end that sends. */
export class MailboxWriter {
  readonly #ring: Ring;
  readonly #nudge: () => void;
  readonly #waits: boolean;
  readonly #encoder = new FrameEncoder();
  #backlog: Uint8Array[] = [];

  /** Writes to `memory`; `nudge` sends an ordinary message to the reader. One that `waits` blocks its thread for room. */
  constructor(memory: SharedArrayBuffer, nudge: () => void, waits = false) {
    this.#ring = new Ring(memory, WRITTEN);
    this.#nudge = nudge;
    this.#waits = waits;
  }

  /** Sends a message. Throws a `TypeError` for one that cannot be sent. */
  post(message: readonly unknown[]): void {
    this.write(message);
    this.tell();
  }

  /** Writes a message, which the reader finds after the next `post` or `tell`, or where there is no room for more. */
  write(message: readonly unknown[]): void {
    const length = this.#encoder.write(message);
    const { bytes } = this.#encoder;
    const written = this.#backlog.length > 0 ? 0 : this.#write(bytes, length);
    if (written === length) return;
    this.#backlog.push(bytes.slice(written, length));
    this.flush();
  }

  /** Has the reader find what was written. */
  tell(): void {
    const { control } = this.#ring;
    this.#ring.tell();
    Atomics.notify(control, WRITTEN);
    if (Atomics.exchange(control, NUDGED, 1) === 0) this.#nudge();
  }

  /** Writes as much of the backlog as there is room for. Called again when the reader tells of room. */
  flush(): void {
    const { control } = this.#ring;
    while (this.#backlog.length > 0) {
      // Announced first: a reader that makes room after this will say so.
      Atomics.store(control, WAITING, 1);
      const read = Atomics.load(control, READ);
      this.#writeBacklog();
      this.tell();
      if (!this.#waits) break;
      if (this.#backlog.length > 0) Atomics.wait(control, READ, read);
    }
    if (this.#backlog.length === 0) Atomics.store(control, WAITING, 0);
  }

  #writeBacklog(): void {
    for (let frame = this.#backlog[0]; frame !== undefined; frame = this.#backlog[0]) {
      const written = this.#write(frame, frame.length);
      if (written < frame.length) return void (this.#backlog[0] = frame.subarray(written));
      this.#backlog.shift();
    }
  }

  /** Writes as much as there is room for, and tells how much that was. */
  #write(frame: Uint8Array, length: number): number {
    const ring = this.#ring;
    let written = 0;
    while (written < length) {
      const { at, bytes } = ring;
      const count = Math.min(bytes.length - ring.held, bytes.length - at, length - written);
      if (count === 0) break;
      copy(frame, written, written + count, bytes, at);
      ring.move(count);
      written += count;
    }
    return written;
  }
}

/** The end that receives. */
export class MailboxReader {
  readonly #ring: Ring;
  readonly #room: () => void;
  readonly #decoder = new FrameDecoder();
  /** What has come of a frame that is not in one piece in the ring. */
  #frame = new Uint8Array(HEAD);
  #filled = 0;

  /** Reads from `memory`; `room` tells a writer that waits for room, unless that blocks its thread. */
  constructor(memory: SharedArrayBuffer, room: () => void = () => undefined) {
    this.#ring = new Ring(memory, READ);
    this.#room = room;
  }

  /** The next message, where a whole one is there. */
  next(): unknown[] | undefined {
    const { held } = this.#ring;
    if (held === 0) return undefined;
    return this.#nextWhole(held) ?? this.#nextInParts();
  }

  /** Whether nothing is there. */
  get isEmpty(): boolean {
    return this.#ring.held === 0;
  }

  /** Looks no more: the next write nudges. `false` where something has come meanwhile, and nobody has nudged for it. */
  rest(): boolean {
    const { control } = this.#ring;
    Atomics.store(control, NUDGED, 0);
    return this.#ring.held === 0 || Atomics.exchange(control, NUDGED, 1) === 1;
  }

  /** Blocks until something is written or the time is over. Whether something is there. */
  wait(milliseconds: number): boolean {
    const { control } = this.#ring;
    const written = Atomics.load(control, WRITTEN);
    if (this.#ring.held === 0) Atomics.wait(control, WRITTEN, written, milliseconds);
    return this.#ring.held > 0;
  }

  /** Nearly every frame lies in one piece in the ring, and is read where it is. */
  #nextWhole(held: number): unknown[] | undefined {
    const { at, bytes } = this.#ring;
    const there = Math.min(held, bytes.length - at);
    if (this.#filled > 0 || there < HEAD) return undefined;
    const length = lengthAt(bytes, at);
    if (length > there) return undefined;
    const message = this.#decoder.decode(bytes, at, at + length);
    this.#move(length);
    return message;
  }

  #nextInParts(): unknown[] | undefined {
    while (this.#readSome()) {
      if (this.#filled < this.#frame.length) continue;
      const length = lengthAt(this.#frame, 0);
      if (length === this.#filled) return this.#complete();
      const head = this.#frame;
      this.#frame = new Uint8Array(length);
      this.#frame.set(head);
    }
    return undefined;
  }

  #readSome(): boolean {
    const { at, bytes, held } = this.#ring;
    const count = Math.min(held, bytes.length - at, this.#frame.length - this.#filled);
    if (count === 0) return false;
    copy(bytes, at, at + count, this.#frame, this.#filled);
    this.#filled += count;
    this.#move(count);
    return true;
  }

  #complete(): unknown[] {
    const frame = this.#frame;
    this.#frame = new Uint8Array(HEAD);
    this.#filled = 0;
    return this.#decoder.decode(frame);
  }

  #move(count: number): void {
    const { control } = this.#ring;
    this.#ring.move(count);
    this.#ring.tell();
    if (Atomics.load(control, WAITING) === 0 || Atomics.exchange(control, WAITING, 0) === 0) return;
    Atomics.notify(control, READ);
    this.#room();
  }
}

/** The length of the frame that begins at a place. */
function lengthAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)) >>> 0;
}
