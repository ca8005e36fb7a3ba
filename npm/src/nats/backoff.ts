/** How long to wait between attempts. */

import type { Reconnecting } from "./options.js";

/** Waits that double, with jitter. */
export class Backoff {
  readonly #min: number;
  readonly #max: number;
  #failed = 0;
  #delay = 0;

  /** Begins without waiting. */
  constructor({ minDelay = 250, maxDelay = 8000 }: Reconnecting = {}) {
    this.#min = minDelay;
    this.#max = maxDelay;
  }

  /** How many attempts there have been since the last success. */
  get attempts(): number {
    return this.#failed;
  }

  /** Milliseconds to wait before the next attempt. The same until it has failed: nats.js asks more than once. */
  get delay(): number {
    return this.#delay;
  }

  /** There is an attempt. */
  attempt(): void {
    this.#failed += 1;
    const longest = Math.min(this.#max, this.#min * 2 ** Math.min(this.#failed - 1, 30));
    this.#delay = longest * (1 - Math.random() / 2);
  }

  /** It has succeeded. */
  reset(): void {
    this.#failed = 0;
    this.#delay = 0;
  }
}
