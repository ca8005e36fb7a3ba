/**
 * Wakes a member when it wants to be. Pages that nobody looks at get their timers late, down to once a minute; a lattice
 * forgets a host after 70 s (lattice protocol 1.x, section 4.3). Workers' timers keep time, so a page has one that does
 * nothing but that: the engine workers would not do, since guests block them and they are ended with their guests. It
 * runs the engine worker's script, so that there is no further file to deploy, without an engine.
 */

import type { SpawnWorker, WorkerHandle } from "../engine/messages.js";
import { LONGEST_TIMER, unref } from "../engine/timer.js";

/** Milliseconds after which a ring is late. */
const LATE = 50;

/**
 * Rings once, at the time that was set last. After the thread was held up it lets what came meanwhile be heard first: what
 * a deadline is for may be among it.
 */
export class Alarm {
  readonly #ring: () => void;
  #worker: WorkerHandle | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #at = 0;
  #late = false;

  /** An alarm that calls `ring`; with `spawn`, it keeps time in a worker. */
  constructor(ring: () => void, spawn?: SpawnWorker) {
    this.#ring = ring;
    // A worker that cannot be started leaves the page's own timers.
    this.#worker = spawn?.((messages) => messages.some(([name]) => name === "alarm") && this.#wake(), () => this.#lose());
    this.#worker?.keepAlive(false);
  }

  /** Rings in so many milliseconds, and not when it was to ring before. */
  set(milliseconds: number): void {
    this.#late = false;
    this.#wait(Math.min(milliseconds, LONGEST_TIMER));
  }

  /** Does not ring any more. */
  close(): void {
    clearTimeout(this.#timer);
    void this.#worker?.terminate();
    this.#worker = undefined;
  }

  #wait(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#at = performance.now() + milliseconds;
    this.#worker?.post([["alarm", milliseconds]], []);
    this.#timer = setTimeout(() => this.#wake(), milliseconds);
    unref(this.#timer);
  }

  #wake(): void {
    clearTimeout(this.#timer);
    if (!this.#late && performance.now() > this.#at + LATE) {
      this.#late = true;
      return this.#wait(0);
    }
    this.#ring();
  }

  #lose(): void {
    this.#worker = undefined;
  }
}
