/** Waiting that can be given up. */

import { abortedBy } from "../errors.js";

/** Ends the waiting for an operation. */
export interface Abortable {
  /** Gives the waiting up with an `AbortedError`. What has been sent to others by then may still take effect. */
  signal?: AbortSignal;
}

/** Does `work`, unless `signal` has aborted, and waits for it until `signal` aborts. */
export async function unlessAborted<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  if (signal === undefined) return work();
  if (signal.aborted) throw abortedBy(signal);
  let abort!: () => void;
  const aborted = new Promise<never>((_, reject) => (abort = () => reject(abortedBy(signal))));
  signal.addEventListener("abort", abort);
  try {
    return await Promise.race([work(), aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
