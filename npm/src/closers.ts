/** What is open and has to be closed: one by one, by signals, or all at once. */

/** A set of things that are open. */
export class Closers {
  readonly #open = new Set<() => void>();

  /** A function that closes something once: when it is called, when `signal` aborts, or with all. */
  add(signal: AbortSignal | undefined, close: () => void): () => void {
    const once = (): void => {
      if (!this.#open.delete(once)) return;
      signal?.removeEventListener("abort", once);
      close();
    };
    this.#open.add(once);
    signal?.addEventListener("abort", once);
    if (signal?.aborted) once();
    return once;
  }

  /** Whether what this function closes is still open. */
  has(close: () => void): boolean {
    return this.#open.has(close);
  }

  /** Closes all. */
  closeAll(): void {
    [...this.#open].forEach((close) => close());
  }
}
