/** At most so much at work: calls of a component, memories of a host or an engine. A call counts for `size`. */

/** A bound, and what is within it. */
export class Bound {
  /** How much may be. */
  readonly max: number;
  #working = 0;
  #waiting = 0;
  #next: object | undefined;

  /** A bound with nobody within it; `Infinity` for none. */
  constructor(max: number) {
    this.max = max;
  }

  /** How much is within it. */
  get working(): number {
    return this.#working;
  }

  /**
   * Whether there is room for another; for one that is larger than all there may be, where nobody else is. For a call
   * that another waits for, also where all that are within wait for such calls: among them may be those that wait for
   * this one, and nobody would ever leave. Where room is kept for another than `who`, only such a call comes in.
   */
  admits(nested: boolean, size = 1, who?: object): boolean {
    if (this.isKept && this.#next !== who && !nested) return false;
    return this.#working + size <= this.max || (this.#working === 0 && this.max > 0) || (nested && this.#working === this.#waiting);
  }

  /** Whether room is kept for somebody. */
  get isKept(): boolean {
    return this.#next !== undefined;
  }

  /** Keeps what becomes free for one that has waited long enough, where it is not kept for another. */
  keep(one: object): void {
    this.#next ??= one;
  }

  /** Keeps no more for that one. */
  release(one: object): void {
    if (this.#next === one) this.#next = undefined;
  }

  /** One comes in. */
  enter(size = 1): void {
    this.#working += size;
  }

  /** One leaves. */
  leave(size = 1): void {
    this.#working -= size;
  }

  /** One that is within begins to wait for calls it has made. */
  wait(size = 1): void {
    this.#waiting += size;
  }

  /** It waits no more. */
  resume(size = 1): void {
    this.#waiting -= size;
  }
}
