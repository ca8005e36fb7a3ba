/** Waits for what comes of a command that a host carries out after it has answered. Facts: the lattice protocol 1.x, section 4. */

import { type LatticeEvent, listen } from "../host/events.js";
import { Waits } from "../waits.js";
import type { Control } from "./control.js";
import { RefusedError } from "./errors.js";
import type { Specs } from "./options.js";

/** The option that says how long. */
export const waitOption = {
  "wait-ms": { kind: "number", value: "N", help: "milliseconds to wait until it is done; 0 does not wait. Default 60000" },
} as const satisfies Specs;

/** What happens to a component on a host. */
export interface Expected {
  readonly host: string;
  readonly id: string;
  /** Told of where it takes too long: `api has not been started`. */
  readonly what: string;
  /** Milliseconds; 0 does not wait. */
  readonly wait: number | undefined;
}

/** Gives a command, and resolves when the host has told that it is done: with its event, or nothing where nobody waits for it. */
export async function carriedOut({ bus, lattice }: Control, { host, id, what, wait = 60_000 }: Expected, give: () => Promise<unknown>): Promise<LatticeEvent | undefined> {
  if (wait === 0) {
    await give();
    return undefined;
  }
  return new Waits().start(what, wait, undefined, ({ resolve, reject }) => {
    const events = listen(bus, lattice, (event) => {
      if (event.source !== host || event.data["component_id"] !== id) return;
      if (event.name === "component_scaled") resolve(event);
      if (event.name === "component_scale_failed") reject(new RefusedError(String(event.data["error"])));
    });
    give().catch(reject);
    return () => events.close();
  });
}
