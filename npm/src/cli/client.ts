/** Commands that ask the hosts of a lattice. */

import { natsBus } from "../nats/node.js";
import { connectionOptions, type ConnectionValues, latticeOf, natsOf } from "./connection.js";
import { Control } from "./control.js";
import type { Specs, Values } from "./options.js";
import { outputOption } from "./output.js";

/** The options of all of them. */
export const clientOptions = {
  ...connectionOptions,
  "timeout-ms": { kind: "number", value: "N", env: "WASMCLOUD_CTL_TIMEOUT_MS", help: "milliseconds that an answer may take. Default 2000" },
  ...outputOption,
} as const satisfies Specs;

/** What was said of them. */
export type ClientValues = Values<typeof clientOptions>;

/** Connects, works and closes the connection. */
export async function withControl<T>(values: ConnectionValues & Pick<ClientValues, "timeout-ms">, work: (control: Control) => Promise<T>): Promise<T> {
  const lattice = latticeOf(values);
  const bus = await natsBus({ ...await natsOf(values), name: "trellis-host" });
  try {
    return await work(new Control(bus, lattice, values["timeout-ms"] ?? 2000));
  } finally {
    await bus.close();
  }
}
