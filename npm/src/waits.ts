/** Promises that somebody waits for: each with a deadline and a signal, and all of them can be given up at once. */

import { abortedBy, TimeoutError, type TrellisError } from "./errors.js";

/** How long to wait. */
export interface Waiting {
  /** Milliseconds. */
  timeout?: number | undefined;
  /** Gives it up: the promise rejects with `AbortedError`. */
  signal?: AbortSignal | undefined;
}

/** Settles a promise; what comes after the first time is ignored. */
export interface Wait<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

/** Longer than this no timer can wait, in milliseconds. */
const LONGEST = 2 ** 31 - 1;

/** A set of promises that are waited for. */
export class Waits {
  readonly #all = new Set<(error: TrellisError) => void>();

  /**
   * A promise that `begin` settles, in time: what is late rejects with a `TimeoutError` that says `what` was waited for.
   * `begin` returns what cleans up after it.
   */
  start<T>(what: string, timeout: number, signal: AbortSignal | undefined, begin: (wait: Wait<T>) => () => void): Promise<T> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) throw abortedBy(signal);
      let cleanUp: (() => void) | undefined;
      let settled = false;
      const settle = (act: () => void): void => {
        if (settled) return;
        settled = true;
        clearTimeout(timer);
        signal?.removeEventListener("abort", aborted);
        this.#all.delete(fail);
        cleanUp?.();
        act();
      };
      const fail = (error: unknown): void => settle(() => reject(error));
      const aborted = (): void => signal && fail(abortedBy(signal));
      const timer = setTimeout(() => fail(new TimeoutError(`${what} within ${timeout} ms`)), Math.min(timeout, LONGEST));
      signal?.addEventListener("abort", aborted);
      this.#all.add(fail);
      try {
        cleanUp = begin({ resolve: (value) => settle(() => resolve(value)), reject: fail });
      } catch (error) {
        fail(error);
      }
      if (settled) cleanUp?.();
    });
  }

  /** Rejects all of them. */
  failAll(error: TrellisError): void {
    [...this.#all].forEach((fail) => fail(error));
  }
}
