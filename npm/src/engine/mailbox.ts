/**
 * Commands for a worker whose thread is blocked: a ring of bytes in shared memory.
 *
 * Without JSPI a guest that waits blocks its thread by `Atomics.wait`, and a blocked thread gets no messages. So in
 * that tier every command goes through this ring: the host writes frames (`frame.ts`) and wakes the thread; a worker
 * that is idle is nudged by an ordinary message. A frame may be larger than the ring: it is a stream of bytes. When
 * the ring is full the host keeps the rest, until the worker says "drained".
 */

import { decodeFrame, encodeFrame } from "./frame.js";

/** Control words: bytes ever written, bytes ever read (both modulo 2^32), a nudge is under way, the host waits for room. */
const WRITTEN = 0;
const READ = 1;
const NUDGED = 2;
const WAITING = 3;
const CONTROL_BYTES = 16;
const RING_BYTES = 256 * 1024;

/** The memory of a mailbox. */
export function createMailbox(ringBytes: number = RING_BYTES): SharedArrayBuffer {
  return new SharedArrayBuffer(CONTROL_BYTES + ringBytes);
}

class Ring {
  readonly control: Int32Array;
  readonly bytes: Uint8Array;

  constructor(memory: SharedArrayBuffer) {
    this.control = new Int32Array(memory, 0, CONTROL_BYTES / 4);
    this.bytes = new Uint8Array(memory, CONTROL_BYTES);
  }

  /** How many bytes are in it. */
  get held(): number {
    return (Atomics.load(this.control, WRITTEN) - Atomics.load(this.control, READ)) >>> 0;
  }

  /** Where in the ring a count of bytes points to. The ring's size is a power of two. */
  at(word: number): number {
    return (Atomics.load(this.control, word) >>> 0) % this.bytes.length;
  }
}

/** The host's end. */
export class MailboxWriter {
  readonly #ring: Ring;
  readonly #nudge: () => void;
  #backlog: Uint8Array[] = [];

  /** Writes to `memory`; `nudge` sends an ordinary message to the worker. */
  constructor(memory: SharedArrayBuffer, nudge: () => void) {
    this.#ring = new Ring(memory);
    this.#nudge = nudge;
  }

  /** Sends a message. */
  post(message: readonly unknown[]): void {
    this.#backlog.push(encodeFrame(message));
    this.flush();
  }

  /** Writes as much of the backlog as there is room for. Called again when the worker says "drained". */
  flush(): void {
    const { control } = this.#ring;
    // Announced first: a reader that makes room after this will say so.
    Atomics.store(control, WAITING, 1);
    while (this.#backlog.length > 0 && this.#writeSome());
    if (this.#backlog.length === 0) Atomics.store(control, WAITING, 0);
    Atomics.notify(control, WRITTEN);
    if (Atomics.exchange(control, NUDGED, 1) === 0) this.#nudge();
  }

  #writeSome(): boolean {
    const { bytes, control } = this.#ring;
    const frame = this.#backlog[0];
    const at = this.#ring.at(WRITTEN);
    const room = Math.min(bytes.length - this.#ring.held, bytes.length - at);
    if (frame === undefined || room === 0) return false;
    const part = frame.subarray(0, room);
    bytes.set(part, at);
    Atomics.add(control, WRITTEN, part.length);
    if (part.length === frame.length) this.#backlog.shift();
    else this.#backlog[0] = frame.subarray(part.length);
    return true;
  }
}

/** The worker's end. */
export class MailboxReader {
  readonly #ring: Ring;
  readonly #drained: () => void;
  #frame = new Uint8Array(8);
  #filled = 0;

  /** Reads from `memory`; `drained` tells a host that waits for room. */
  constructor(memory: SharedArrayBuffer, drained: () => void) {
    this.#ring = new Ring(memory);
    this.#drained = drained;
  }

  /** The next message, where a whole one is there. */
  next(): unknown[] | undefined {
    while (this.#readSome()) {
      if (this.#filled < this.#frame.length) continue;
      const message = this.#complete();
      if (message !== undefined) return message;
    }
    return undefined;
  }

  /** A nudge has arrived: the next write sends another. */
  nudged(): void {
    Atomics.store(this.#ring.control, NUDGED, 0);
  }

  /** Blocks until something is written or the time is over. */
  wait(milliseconds: number): void {
    const { control } = this.#ring;
    const written = Atomics.load(control, WRITTEN);
    if (this.#ring.held === 0) Atomics.wait(control, WRITTEN, written, milliseconds);
  }

  #readSome(): boolean {
    const { bytes, control } = this.#ring;
    const at = this.#ring.at(READ);
    const length = Math.min(this.#ring.held, bytes.length - at, this.#frame.length - this.#filled);
    if (length === 0) return false;
    this.#frame.set(bytes.subarray(at, at + length), this.#filled);
    this.#filled += length;
    Atomics.add(control, READ, length);
    if (Atomics.exchange(control, WAITING, 0) === 1) this.#drained();
    return true;
  }

  /** The message whose frame is filled; `undefined` where only its head was. */
  #complete(): unknown[] | undefined {
    const total = new DataView(this.#frame.buffer).getUint32(0);
    if (this.#frame.length < total) {
      const head = this.#frame;
      this.#frame = new Uint8Array(total);
      this.#frame.set(head);
      return undefined;
    }
    const message = decodeFrame(this.#frame);
    this.#frame = new Uint8Array(8);
    this.#filled = 0;
    return message;
  }
}
