/** Calls components of a lattice from outside, by wRPC. Facts: the lattice protocol 1.x, section 6. */

import type { Bus } from "../bus.js";
import { rootContext } from "../engine/context.js";
import type { Invocation, Outcome } from "../engine/invocation.js";
import { DecodeError } from "../errors.js";
import { BusCalls } from "../lattice/calls.js";
import { loadMember } from "../load/member-node.js";

/** What callees are told of the caller. */
const SOURCE = "trellis-host";

/** Calls `target`, and gives what `read` makes of the answer. */
export async function invoke<T>(
  bus: Bus, lattice: string, target: string, invocation: Invocation, deadline: number, read: (outcome: Outcome) => T | Promise<T>,
): Promise<T> {
  const calls = new BusCalls(await loadMember(), bus, lattice);
  try {
    const outcome = await calls.call({ target, source: SOURCE, link: "default" }, invocation, rootContext(deadline, undefined));
    return await read(outcome);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new DecodeError(`${target} has failed, or does not answer as it should (${error.message}): the log of its host may say why`, { cause: error });
  } finally {
    calls.close();
  }
}
