/** Commands that ask the hosts of a lattice, and those that call components, too. */

import type { NatsBus } from "../nats/bus.js";
import { natsBus } from "../nats/node.js";
import { connectionOptions, type ConnectionsValues, type ConnectionValues, latticeOf, natsOf, rpcOptions } from "./connection.js";
import { connect } from "./connections.js";
import { Control } from "./control.js";
import type { Specs, Values } from "./options.js";
import { outputOption } from "./output.js";

const timeoutOption = {
  "timeout-ms": { kind: "number", value: "N", env: "WASMCLOUD_CTL_TIMEOUT_MS", help: "milliseconds that an answer may take. Default 2000" },
} as const satisfies Specs;

/** The options of all of them. */
export const clientOptions = { ...connectionOptions, ...timeoutOption, ...outputOption } as const satisfies Specs;

/** The options of those that call. */
export const callerOptions = { ...connectionOptions, ...rpcOptions, ...timeoutOption, ...outputOption } as const satisfies Specs;

/** How long an answer may take. */
type Timeout = Values<typeof timeoutOption>;

/** The same in milliseconds, where nothing is said. */
const PATIENCE = 2000;

/** As whom they connect. */
const settings = { name: "trellis-host" };

/** Connects, works and closes the connection. */
export async function withControl<T>(values: ConnectionValues & Timeout, work: (control: Control) => Promise<T>): Promise<T> {
  const lattice = latticeOf(values);
  await using bus = await natsBus({ ...await natsOf(values, "ctl"), ...settings });
  return await work(new Control(bus, lattice, values["timeout-ms"] ?? PATIENCE));
}

/** The same with the bus that calls go by. */
export async function withCalls<T>(values: ConnectionsValues & Timeout, work: (control: Control, bus: NatsBus) => Promise<T>): Promise<T> {
  const lattice = latticeOf(values);
  await using connections = await connect(values, () => settings);
  return await work(new Control(connections.ctl, lattice, values["timeout-ms"] ?? PATIENCE), connections.rpc);
}
