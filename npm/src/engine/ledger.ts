/**
 * The calls that a worker has begun, in memory that it shares with the host. What a worker says of them takes its time to
 * arrive, and a call that has begun must not be made again when the worker is ended meanwhile. So a worker enters each
 * call here before it enters the guest, and once the host has closed the ledger it begins no more.
 */

/** Control words: how many calls were ever entered, modulo {@link COUNTS}, or {@link CLOSED}; of how many the host has heard. */
const ENTERED = 0;
const HEARD = 1;
const CONTROL_WORDS = 2;

/** So many that the host has not heard of are held. */
const ENTRIES = 1024;

const COUNTS = 2 ** 30;
const CLOSED = -1;

/** The memory of a ledger. */
export function createLedger(): SharedArrayBuffer {
  return new SharedArrayBuffer((CONTROL_WORDS + ENTRIES) * Int32Array.BYTES_PER_ELEMENT);
}

/** How many calls were entered between two counts. */
function between(from: number, to: number): number {
  return (to - from + COUNTS) % COUNTS;
}

/** Where a call is entered. */
function place(count: number): number {
  return CONTROL_WORDS + (count % ENTRIES);
}

/** The worker's end. */
export class LedgerWriter {
  readonly #words: Int32Array;

  /** Writes to `memory`. */
  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory);
  }

  /** Enters a call. Where the host has closed the ledger, this thread stops here: it is about to be ended. */
  enter(call: number): void {
    const count = this.#room();
    if (count !== CLOSED) {
      Atomics.store(this.#words, place(count), call);
      if (Atomics.compareExchange(this.#words, ENTERED, count, (count + 1) % COUNTS) === count) return;
    }
    Atomics.wait(this.#words, ENTERED, CLOSED);
  }

  /** The count of calls, when there is room for one more. The host hears of all: it has been told. */
  #room(): number {
    for (;;) {
      const count = Atomics.load(this.#words, ENTERED);
      const heard = Atomics.load(this.#words, HEARD);
      if (count === CLOSED || between(heard, count) < ENTRIES) return count;
      Atomics.wait(this.#words, HEARD, heard);
    }
  }
}

/** The host's end. */
export class LedgerReader {
  readonly #words: Int32Array;

  /** Reads from `memory`. */
  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory);
  }

  /** The worker has told of the next call. */
  heard(): void {
    const heard = (Atomics.load(this.#words, HEARD) + 1) % COUNTS;
    Atomics.store(this.#words, HEARD, heard);
    // To wake a worker that waits for room costs more than all else here. It gets much room at a time.
    if (heard % (ENTRIES / 2) === 0) Atomics.notify(this.#words, HEARD);
  }

  /** The calls that the worker has begun and not told of yet. */
  unheard(): number[] {
    return this.#unheardOf(Atomics.load(this.#words, ENTERED));
  }

  /** Has the worker begin no more. Returns the calls that it has begun and not told of yet. */
  close(): number[] {
    const count = Atomics.exchange(this.#words, ENTERED, CLOSED);
    Atomics.notify(this.#words, HEARD);
    return this.#unheardOf(count);
  }

  #unheardOf(count: number): number[] {
    if (count === CLOSED) return [];
    const heard = Atomics.load(this.#words, HEARD);
    return Array.from({ length: between(heard, count) }, (_, index) => Atomics.load(this.#words, place(heard + index)));
  }
}
