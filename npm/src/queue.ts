/** A queue between callbacks and an async iterator. */

/** Values as they come, until it is closed. */
export class Queue<T> implements AsyncIterable<T> {
  readonly #values: T[] = [];
  #closed = false;
  #wake: (() => void) | undefined;

  /** Adds a value. */
  push(value: T): void {
    if (!this.#closed) this.#values.push(value);
    this.#wake?.();
  }

  /** No more values; those that are there can still be iterated. */
  close(): void {
    this.#closed = true;
    this.#wake?.();
  }

  /** The values, one after the other. Leaving the loop early closes the queue. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    try {
      for (;;) {
        const value = this.#values.shift();
        if (value !== undefined) yield value;
        else if (this.#closed) return;
        else await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      this.close();
    }
  }
}
