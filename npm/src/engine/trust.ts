/**
 * How far a component is trusted not to hold its thread. Trust is earned by calls that are answered: until then a
 * component runs with others that nobody knows yet. Whose guest held a thread is not always known, so that an innocent
 * component can get under suspicion, and has to get out: by calls that are answered, too. Each time it is suspected anew
 * it takes twice as many, so that one that deserves it costs others fewer and fewer workers.
 */

/** What is known of a component. */
export type Standing = "unknown" | "trusted" | "suspected";

/** So many answered calls earn trust the first time. */
const PROOFS = 16;

/** More than 2 to this power times as many are never asked for. */
const MOST_DOUBLINGS = 16;

/** The trust in one component. */
export class Trust {
  #standing: Standing = "unknown";
  #suspected = 0;
  /** How many answers are missing. */
  #missing = PROOFS;

  /** What is known of it. */
  get standing(): Standing {
    return this.#standing;
  }

  /** A guest of it had to be killed. */
  suspect(): void {
    this.#standing = "suspected";
    this.#missing = PROOFS * 2 ** Math.min(this.#suspected++, MOST_DOUBLINGS);
  }

  /** A call of it has been answered. Whether that earns it trust. */
  answered(): boolean {
    if (this.#standing === "trusted" || --this.#missing > 0) return false;
    this.#standing = "trusted";
    return true;
  }
}
