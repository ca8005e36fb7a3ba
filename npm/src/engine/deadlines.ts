/**
 * Wakes what is due. One timer for all that wait: a call takes a fraction of what it costs to set a timer and to clear
 * it. Times are rounded up to ticks, so nothing is woken early, nor much later.
 */

import { LONGEST_TIMER } from "./timer.js";

/** The length of a tick, in milliseconds. */
const TICK = 8;

/** What waits for a time. */
export interface Due {
  /** The time has come. */
  late(): void;
}

/** A timer as Node has it: one that nobody needs must not keep the process alive. */
type Timer = ReturnType<typeof setTimeout> & { ref?(): void; unref?(): void };

/** Who waits for which tick. */
export class Deadlines {
  readonly #ticks = new Map<number, Set<Due>>();
  #timer: Timer | undefined;
  #armedFor = Infinity;

  /** Wakes `due` at a time of `performance.now()`. Returns what `drop` takes that back with. */
  add(due: Due, at: number): number {
    const tick = Math.ceil(at / TICK);
    if (tick === Infinity) return tick;
    const waiting = this.#ticks.get(tick);
    if (waiting === undefined) this.#enter(tick, due);
    else waiting.add(due);
    return tick;
  }

  /** Does not wake `due` at that tick. */
  drop(due: Due, tick: number): void {
    const waiting = this.#ticks.get(tick);
    if (waiting === undefined || !waiting.delete(due) || waiting.size > 0) return;
    this.#ticks.delete(tick);
    // Left to run out: the next call would only set it again.
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- in browsers it is a number
    if (this.#ticks.size === 0) this.#timer?.unref?.();
  }

  #enter(tick: number, due: Due): void {
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- in browsers it is a number
    if (this.#ticks.size === 0) this.#timer?.ref?.();
    this.#ticks.set(tick, new Set([due]));
    if (tick < this.#armedFor) this.#arm(tick);
  }

  #arm(tick: number): void {
    clearTimeout(this.#timer);
    this.#armedFor = tick;
    const milliseconds = Math.max(tick * TICK - performance.now(), 0);
    this.#timer = setTimeout(() => this.#wake(), Math.min(milliseconds, LONGEST_TIMER));
  }

  #wake(): void {
    this.#timer = undefined;
    this.#armedFor = Infinity;
    const now = performance.now() / TICK;
    for (const [tick, waiting] of [...this.#ticks]) {
      if (tick > now) continue;
      this.#ticks.delete(tick);
      waiting.forEach((due) => due.late());
    }
    const next = Math.min(...this.#ticks.keys());
    if (next < this.#armedFor) this.#arm(next);
  }
}

/** The deadlines of this thread. */
export const deadlines = new Deadlines();
