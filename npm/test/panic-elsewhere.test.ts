/** A panic that a provider tells of, another core's perhaps, is not one of the core that hears it. */

import assert from "node:assert/strict";

import { createHost, PanicError, WorkerLostError } from "trellis-host";

import { inBoth, start } from "./support/hosts.js";

inBoth("a call that fails by a panic elsewhere leaves the core alive", "waiting", async (isolation) => {
  await using host = await createHost({ isolation, onOutput: () => undefined });
  await start(host, "kitchen-sink");
  const fail = (): Promise<Uint8Array> => Promise.reject(new PanicError("another core failed"));
  await host.provide("elsewhere", { "trellis:kitchen/host@0.1.0": { upper: fail } });
  await host.link({ source: "kitchen-sink", target: "elsewhere", interface: "trellis:kitchen/host" });
  const call = (func: string, ...args: unknown[]): Promise<unknown> => host.invoke("kitchen-sink", "trellis:kitchen/sink", func, args);
  await assert.rejects(call("host-upper", "a"), WorkerLostError);
  assert.equal(await call("echo-u8", 7), 7);
});
