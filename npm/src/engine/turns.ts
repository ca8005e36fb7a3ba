/**
 * The turns that calls have in one go. A call for which there is no room now holds up none that need less: they have their
 * turns first, and it is noted that it was overtaken.
 */

import type { Call } from "./call.js";
import type { Lane } from "./lane.js";
import type { EngineSlot } from "./slot.js";

/** The turns of one go, in which nothing becomes free. */
export class Turns {
  /** What found no room, in memories and by the place where it has to run. */
  readonly #least = new Map<EngineSlot | undefined, number>();
  readonly #missed: Call[] = [];

  /** Whether a call may find room. None that needs as much as one before it will. */
  mayTake({ slot }: Lane, { nested, memories }: Call): boolean {
    return nested || memories < (this.#least.get(slot) ?? Infinity);
  }

  /** A call has had its turn: those that had none were overtaken. */
  taken(): void {
    for (const call of this.#missed) call.overtaken++;
  }

  /** There is no room for a call. */
  missed({ slot }: Lane, call: Call): void {
    this.#missed.push(call);
    if (!call.nested) this.#least.set(slot, call.memories);
  }
}
