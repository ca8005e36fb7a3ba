/** Calls that were taken before their parameters were there, and who waits until they are. */

import type { Carried } from "./carried.js";

/** The calls whose parameters are still to come. */
export class Arrivals {
  /** With their targets. */
  readonly #calls = new Map<Carried, string>();
  /** Who waits looks whether there are any left. */
  readonly #looks = new Set<() => void>();

  /** The parameters of a call of a target are still to come. */
  add(call: Carried, target: string): void {
    this.#calls.set(call, target);
  }

  /** The parameters of a call are there, or never will be. */
  delete(call: Carried): void {
    if (this.#calls.delete(call)) this.#looks.forEach((look) => look());
  }

  /** Resolves when there are none of a target any more, or `late` aborts: with those that are late. */
  ended(target: string, late: AbortSignal): Promise<Carried[]> {
    return new Promise((resolve) => {
      const look = (): void => {
        const left = [...this.#calls].flatMap(([call, of]) => of === target ? [call] : []);
        if (left.length > 0 && !late.aborted) return;
        this.#looks.delete(look);
        late.removeEventListener("abort", look);
        resolve(left);
      };
      this.#looks.add(look);
      late.addEventListener("abort", look);
      look();
    });
  }
}
