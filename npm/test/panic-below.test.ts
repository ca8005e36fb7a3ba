/**
 * A panic of the core while it serves a guest passes through the guest's frames, which could hide it. The core tells of
 * it all the same, and is dead like any core that failed. A file of its own: a thread has one core.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { createHost, type Host, PanicError } from "trellis-host";

import { coreBrokenAt } from "./support/broken-core.js";
import { canWait, hasJspi, start } from "./support/hosts.js";

const call = (host: Host, func: string): Promise<unknown> => host.invoke("hostile", "trellis:hostile/mischief", func);

/** A host whose core fails as soon as a guest calls an import. */
async function fragile(isolation: "worker" | "inline"): Promise<Host> {
  const host = await createHost({ isolation, core: await coreBrokenAt("trellis_call"), onOutput: () => undefined });
  await start(host, "hostile");
  return host;
}

test("in a worker it costs the worker, and another takes its place", { skip: !canWait("worker") }, async () => {
  await using host = await fragile("worker");
  await assert.rejects(call(host, "sleep-forever"), PanicError);
  assert.equal(await call(host, "behave"), 7);
});

test("on the host's thread it is the end of the host", { skip: !hasJspi() }, async () => {
  const host = await fragile("inline");
  await assert.rejects(call(host, "sleep-forever"), PanicError);
  await assert.rejects(call(host, "behave"), PanicError);
  await host.stop();
});
