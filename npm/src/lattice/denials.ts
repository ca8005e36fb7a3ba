/** Tells the operator of calls that were not permitted: of the first to a function at once, then of all once a minute. */

import { Strikes } from "../host/strikes.js";
import { withoutVersion } from "../host/names.js";

/** Milliseconds. */
const MINUTE = 60_000;

/** What a caller says of itself may be anything: of that so much is told. */
const LONGEST = 100;

/** The calls that were not permitted. */
export class Denials {
  readonly #strikes: Strikes;

  /** Tells `warn`. */
  constructor(warn: (text: string) => void) {
    this.#strikes = new Strikes(({ detail, count }) => warn(count === 1 ? detail : `${detail}; ${count} such calls in a minute, this is the last`), MINUTE);
  }

  /** `source` was not permitted to call a function of a component, for a reason. */
  add(source: string, id: string, [instance, func]: readonly [instance: string, func: string], reason: string): void {
    const who = JSON.stringify(source.slice(0, LONGEST));
    // Versions come from the caller, too, and each of these costs a timer.
    this.#strikes.add(id, `${withoutVersion(instance)} ${func}`, `${who} may not call ${func} of ${JSON.stringify(instance.slice(0, LONGEST))} of ${id}: ${reason}`);
  }

  /** Tells what has not been told. */
  close(): void {
    this.#strikes.close();
  }
}
