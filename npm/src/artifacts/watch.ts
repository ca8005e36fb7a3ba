/** Watches work: it has to be done in time, or to move, and its caller has to want it. */

import { LONGEST_TIMER } from "../engine/timer.js";
import { abortedBy, TimeoutError } from "../errors.js";

/** Aborts its signal where nothing has moved for too long, or where another signal aborts. */
export class Watch {
  readonly #controller = new AbortController();
  readonly #late: string;
  readonly #milliseconds: number;
  readonly #above: AbortSignal | undefined;
  readonly #given = (): void => this.#controller.abort(this.#above === undefined ? undefined : endOf(this.#above));
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Watches from now on; `late` is what to say when its time is over. */
  constructor(late: string, milliseconds: number, above: AbortSignal | undefined) {
    this.#late = late;
    this.#milliseconds = milliseconds;
    this.#above = above;
    if (above?.aborted) this.#given();
    above?.addEventListener("abort", this.#given);
    this.moved();
  }

  /** For what is watched. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** It has moved. */
  moved(): void {
    clearTimeout(this.#timer);
    if (this.#milliseconds === Infinity) return;
    const late = (): void => this.#controller.abort(new TimeoutError(this.#late));
    this.#timer = setTimeout(late, Math.min(this.#milliseconds, LONGEST_TIMER));
  }

  /** Ends what is watched, if it has not ended by itself. */
  close(): void {
    clearTimeout(this.#timer);
    this.#above?.removeEventListener("abort", this.#given);
    this.#controller.abort();
  }
}

/** The error that an aborted signal means: its reason where that is a time-out of ours. */
export function endOf(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  return reason instanceof TimeoutError ? reason : abortedBy(signal);
}

/** Waits, unless `signal` aborts. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, milliseconds);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    signal.addEventListener("abort", done);
    if (signal.aborted) done();
  });
  if (signal.aborted) throw endOf(signal);
}
