/** The connections of a command that calls, or is called: one, or two where calls are to go by another. */

import { isDeepStrictEqual } from "node:util";

import { allOrNone } from "../all-or-none.js";
import type { NatsBus } from "../nats/bus.js";
import type { NatsOptions } from "../nats/options.js";
import { type ConnectionsValues, natsOf, type Purpose } from "./connection.js";

/** Connections that are there. */
export interface Connections extends AsyncDisposable {
  /** For control, events and buckets. */
  readonly ctl: NatsBus;
  /** For calls; it may be the same. */
  readonly rpc: NatsBus;
}

/** Connects. `settings` are for a connection with this purpose; for the only one there is, with none. */
export async function connect(values: ConnectionsValues, settings: (purpose?: Purpose) => Partial<NatsOptions>): Promise<Connections> {
  const [forControl, forCalls, { natsBus }] = await Promise.all([natsOf(values, "ctl"), natsOf(values, "rpc"), import("../nats/node.js")]);
  const one = isDeepStrictEqual(forControl, forCalls);
  const [ctl, other] = await allOrNone([
    natsBus({ ...forControl, ...settings(one ? undefined : "ctl") }),
    ...one ? [] : [natsBus({ ...forCalls, ...settings("rpc") })],
  ]) as [NatsBus, NatsBus?];
  const rpc = other ?? ctl;
  const close = async (): Promise<void> => {
    await Promise.all([ctl.close(), rpc.close()]);
  };
  return { ctl, rpc, [Symbol.asyncDispose]: close };
}
