/** The bytes of a component are let go once it runs. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { createHost, type Host } from "trellis-host";

import { until } from "./support/hosts.js";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Starts a component whose bytes nobody else keeps. */
async function startOf(host: Host): Promise<WeakRef<Uint8Array>> {
  const source = new Uint8Array(readFileSync("examples/dist/kitchen-sink.wasm"));
  await host.startComponent({ id: "sink", source });
  return new WeakRef(source);
}

test("the bytes of a component are let go while it runs, its types are not", async () => {
  await using host = await createHost();
  const bytes = await startOf(host);
  await until(() => (collect(), bytes.deref() === undefined));
  assert.equal(await host.invoke("sink", "trellis:kitchen/sink", "echo-u8", [7]), 7);
});
