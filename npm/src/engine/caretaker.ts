/**
 * Looks after engines that have had no calls for a while: their idle instances are dropped, and a worker that is not
 * needed is ended. One timer for all of them, which keeps no process alive and is there only while something is to be done.
 */

import type { RunningEngine } from "./running.js";

/** How long an engine is without calls until something is done, in milliseconds. */
export interface Quiet {
  /** Its idle instances are dropped. */
  trim: number;
  /** It is ended, where it may be. */
  end: number;
}

/** What suits pages and servers. */
export const QUIET: Quiet = { trim: 10_000, end: 60_000 };

/** Looks after engines. */
export class Caretaker {
  readonly #engines: ReadonlySet<RunningEngine>;
  readonly #quiet: Quiet;
  readonly #dispensable: (engine: RunningEngine) => boolean;
  readonly #end: (engine: RunningEngine) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  /** Looks after `engines`. Ends, by `end`, those that are `dispensable`. */
  constructor(
    engines: ReadonlySet<RunningEngine>, quiet: Quiet,
    dispensable: (engine: RunningEngine) => boolean, end: (engine: RunningEngine) => void,
  ) {
    this.#engines = engines;
    this.#quiet = quiet;
    this.#dispensable = dispensable;
    this.#end = end;
  }

  /** An engine has no more calls. */
  rested(engine: RunningEngine): void {
    engine.rest();
    if (this.#timer === undefined && !this.#closed) this.#arm(this.#quiet.trim);
  }

  /** Does nothing any more. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #arm(milliseconds: number): void {
    this.#timer = setTimeout(() => this.#look(), milliseconds);
    // It is no reason to keep a process alive.
    (this.#timer as { unref?: () => void }).unref?.();
  }

  #look(): void {
    this.#timer = undefined;
    const now = performance.now();
    const idle = [...this.#engines].filter(({ client }) => client.idle);
    const next = Math.min(...idle.map((engine) => this.#tend(engine, now - engine.idleSince)));
    if (next < Infinity && !this.#closed) this.#arm(next);
  }

  /** Does what is due for an engine that has been idle for so long. In how many milliseconds there is more to do. */
  #tend(engine: RunningEngine, idle: number): number {
    const { trim, end } = this.#quiet;
    if (idle >= end && this.#dispensable(engine)) {
      this.#end(engine);
      return Infinity;
    }
    if (idle >= trim && !engine.trimmed) engine.trim(false);
    if (!engine.trimmed) return trim - idle;
    return this.#dispensable(engine) ? end - idle : Infinity;
  }
}
