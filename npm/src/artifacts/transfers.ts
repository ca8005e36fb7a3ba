/** Transfers that several callers share: who asks for what is on its way already waits for that. */

import { unlessAborted } from "../host/abort.js";
import { abortedBy } from "../errors.js";
import type { PullOptions, PullProgress } from "./options.js";

type OnProgress = (progress: PullProgress) => void;

/** Carries out a transfer. */
export type Carry<T> = (signal: AbortSignal, onProgress: OnProgress) => Promise<T>;

interface Transfer<T> {
  readonly result: Promise<T>;
  readonly controller: AbortController;
  readonly waiting: Set<OnProgress>;
  progress: PullProgress | undefined;
}

/** The transfers that are under way, by what they are of. */
export class Transfers<T> {
  readonly #open = new Map<string, Transfer<T>>();

  /** Waits for the transfer under a key, which is begun where there is none. It ends when nobody waits for it any more. */
  async join(key: string, options: PullOptions, carry: Carry<T>): Promise<T> {
    const { signal, onProgress } = options;
    if (signal?.aborted) throw abortedBy(signal);
    const transfer = this.#open.get(key) ?? this.#begin(key, carry);
    let fail!: (error: unknown) => void;
    const failed = new Promise<never>((_, reject) => (fail = reject));
    // What one caller throws is not the others' business.
    const tell = (progress: PullProgress): void => {
      try {
        onProgress?.(progress);
      } catch (error) {
        fail(error);
      }
    };
    transfer.waiting.add(tell);
    try {
      if (transfer.progress !== undefined) tell(transfer.progress);
      return await unlessAborted(signal, () => Promise.race([transfer.result, failed]));
    } finally {
      transfer.waiting.delete(tell);
      if (transfer.waiting.size === 0) this.#end(key, transfer);
    }
  }

  #begin(key: string, carry: Carry<T>): Transfer<T> {
    const controller = new AbortController();
    const waiting = new Set<OnProgress>();
    const result = carry(controller.signal, (progress) => {
      transfer.progress = progress;
      waiting.forEach((tell) => tell(progress));
    });
    const transfer: Transfer<T> = { result, controller, waiting, progress: undefined };
    this.#open.set(key, transfer);
    return transfer;
  }

  #end(key: string, transfer: Transfer<T>): void {
    if (this.#open.get(key) === transfer) this.#open.delete(key);
    // Where it has ended by itself, nobody hears of this.
    transfer.controller.abort();
    transfer.result.catch(() => undefined);
  }
}
