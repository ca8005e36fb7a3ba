/**
 * Whether a component is suspected of guests that have to be killed. Whose guest held a thread is not always known, so
 * that an innocent component can get here, and has to get out: calls that are answered speak for it. Each time it is
 * suspected anew it takes twice as many, so that one that deserves it costs others fewer and fewer workers.
 */

/** So many answered calls clear a component the first time. */
const PROOFS = 16;

/** More than 2 to this power times as many are never asked for. */
const MOST_DOUBLINGS = 16;

/** The suspicion against one component. */
export class Suspicion {
  #times = 0;
  #proofs = 0;

  /** Whether there is any. */
  get stands(): boolean {
    return this.#proofs > 0;
  }

  /** A guest of it had to be killed. */
  raise(): void {
    this.#proofs = PROOFS * 2 ** Math.min(this.#times++, MOST_DOUBLINGS);
  }

  /** A call of it has been answered. Whether that clears it. */
  ease(): boolean {
    return this.#proofs > 0 && --this.#proofs === 0;
  }
}
