/** Waits for what comes of a command that a host carries out after it has answered. Facts: the lattice protocol 1.x, section 4. */

import { listen } from "../host/events.js";
import { Waits } from "../waits.js";
import type { Answer, Control } from "./control.js";
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

/** Gives a command, and resolves with its answer: when the host has told that it is done, or at once where nobody waits for it. */
export async function carriedOut({ bus, lattice }: Control, { host, id, what, wait = 60_000 }: Expected, give: () => Promise<Answer>): Promise<Answer> {
  if (wait === 0) return give();
  let answer: Answer = { message: "", response: undefined };
  await new Waits().start<undefined>(what, wait, undefined, ({ resolve, reject }) => {
    const events = listen(bus, lattice, (event) => {
      if (event.source !== host || event.data["component_id"] !== id) return;
      if (event.name === "component_scaled") resolve(undefined);
      if (event.name === "component_scale_failed") reject(new RefusedError(String(event.data["error"])));
    });
    give().then((given) => (answer = given), reject);
    return () => events.close();
  });
  return answer;
}
