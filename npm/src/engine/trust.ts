/**
 * How far a component is trusted not to hold its thread. Trust is earned by calls that are answered: until then a
 * component runs with others that nobody knows yet. Whose guest held a thread is not always known, so that an innocent
 * component can get under suspicion, and has to get out: by calls that are answered, too. Each time it is suspected anew
 * it takes twice as many, so that one that deserves it costs others fewer and fewer workers.
 *
 * One that answers, but holds its thread long for each answer, is no less trusted, but heavy: it is kept from one of the
 * shared workers, so that the calls of others need not wait behind it.
 */

/** What is known of a component. */
export type Standing = "unknown" | "trusted" | "suspected";

/** So many answered calls earn trust the first time. */
const PROOFS = 16;

/** More than 2 to this power times as many are never asked for. */
const MOST_DOUBLINGS = 16;

/** A call that holds its thread counts as much as so many others that are answered and do not. */
const WEIGHT = 16;

/** At so many of those calls in a row a component is heavy, */
const HEAVY = 4 * WEIGHT;

/** and it is no more than four times as long until it is so no more. */
const HEAVIEST = 4 * HEAVY;

/** The trust in one component. */
export class Trust {
  #standing: Standing = "unknown";
  #suspected = 0;
  #held = 0;
  /** How many answers are missing. */
  #missing = PROOFS;

  /** What is known of it. */
  get standing(): Standing {
    return this.#standing;
  }

  /** Whether its calls often hold their threads so long that others had better not wait behind them. */
  get heavy(): boolean {
    return this.#held >= HEAVY;
  }

  /** A call of it has held its thread for long. */
  held(): void {
    this.#held = Math.min(this.#held + WEIGHT, HEAVIEST);
  }

  /** A guest of it had to be killed. */
  suspect(): void {
    this.#standing = "suspected";
    this.#missing = PROOFS * 2 ** Math.min(this.#suspected++, MOST_DOUBLINGS);
  }

  /** A call of it has been answered. Whether that earns it trust. */
  answered(): boolean {
    if (this.#held > 0) this.#held--;
    if (this.#standing === "trusted" || --this.#missing > 0) return false;
    this.#standing = "trusted";
    return true;
  }
}
