/** At most so many calls at work: of a component, of a host, on an engine. */

/** A bound, and how many calls are within it. */
export class Bound {
  /** How many may be. */
  readonly max: number;
  #working = 0;
  #waiting = 0;

  /** A bound with nobody within it; `Infinity` for none. */
  constructor(max: number) {
    this.max = max;
  }

  /** How many are within it. */
  get working(): number {
    return this.#working;
  }

  /**
   * Whether there is room for another. For a call that another waits for, also where all that are within wait for such
   * calls: among them may be those that wait for this one, and nobody would ever leave.
   */
  admits(nested: boolean): boolean {
    return this.#working < this.max || (nested && this.#working === this.#waiting);
  }

  /** One comes in. */
  enter(): void {
    this.#working++;
  }

  /** One leaves. */
  leave(): void {
    this.#working--;
  }

  /** One that is within begins to wait for calls it has made. */
  wait(): void {
    this.#waiting++;
  }

  /** It waits no more. */
  resume(): void {
    this.#waiting--;
  }
}
