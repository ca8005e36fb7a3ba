/** A queue between callbacks and async iterators. */

/** Values as they come, until it is closed. Several iterators share the values. */
export class Queue<T> implements AsyncIterable<T> {
  readonly #values: T[] = [];
  readonly #limit: number;
  readonly #waiting = new Set<() => void>();
  #closed = false;
  #dropped = 0;

  /** A queue that drops its oldest values beyond `limit`. */
  constructor(limit = Infinity) {
    this.#limit = limit;
  }

  /** How many values it has dropped. */
  get dropped(): number {
    return this.#dropped;
  }

  /** How many values wait. */
  get length(): number {
    return this.#values.length;
  }

  /** Adds a value. */
  push(value: T): void {
    if (this.#closed) return;
    if (this.#values.push(value) > this.#limit) {
      this.#values.shift();
      this.#dropped++;
    }
    this.#wake();
  }

  /** No more values; those that are there can still be iterated. */
  close(): void {
    this.#closed = true;
    this.#wake();
  }

  /** The values, one after the other. Leaving the loop early closes the queue. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    try {
      for (;;) {
        const value = this.#values.shift();
        if (value !== undefined) yield value;
        else if (this.#closed) return;
        else await new Promise<void>((resolve) => this.#waiting.add(resolve));
      }
    } finally {
      this.close();
    }
  }

  #wake(): void {
    this.#waiting.forEach((wake) => wake());
    this.#waiting.clear();
  }
}

/** Iterates a queue; leaving the loop closes what fills it. */
export function iterate<T>(queue: Queue<T>, close: () => void): () => AsyncIterator<T> {
  return async function* values() {
    try {
      yield* queue;
    } finally {
      close();
    }
  };
}
