/** Looks at the clock from time to time, while there is a reason to. */

import { unref } from "../engine/timer.js";

/** Milliseconds between two looks. */
const TICK = 100;

/** A clock that rests at first. */
export class Clock {
  readonly #tick: () => void;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Calls `tick` from time to time. */
  constructor(tick: () => void) {
    this.#tick = tick;
  }

  /** Goes, if it does not yet. It keeps no process alive. */
  go(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(this.#tick, TICK);
    unref(this.#timer);
  }

  /** Rests. */
  rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
