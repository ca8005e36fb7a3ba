/**
 * A panic of the core: everybody who waits is told, and nothing is let in any more. In a worker it costs the calls of
 * that worker, and a new one takes its place; on the host's own thread it is the end of the host.
 *
 * The tests share one core, as all hosts of a thread do; the last of them ends it.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { compile, createHost, createMemoryBus, type Host, inspect, PanicError } from "trellis-host";

import { serveEngine } from "../src/worker/serve.js";
import { lengthOf } from "./guests/bodies.js";
import { coreBrokenAt } from "./support/broken-core.js";
import { canWait, hasJspi, sample, start } from "./support/hosts.js";

const mischief = "trellis:hostile/mischief";
const call = (host: Host, func: string, options = {}): Promise<unknown> => host.invoke("hostile", mischief, func, [], options);

/** A host with a core that panics when a call is given up. Its calls are all in one place. */
async function fragile(isolation: "dedicated" | "inline"): Promise<Host> {
  const host = await createHost({ isolation, core: await coreBrokenAt("engine_abort") });
  await start(host, "hostile");
  await start(host, "http-echo");
  return host;
}

/** Gives a call up that has begun. */
async function giveUp(host: Host): Promise<void> {
  const controller = new AbortController();
  const given = assert.rejects(call(host, "sleep-forever", { signal: controller.signal }), { code: "aborted" });
  if (hasJspi()) assert.equal(await call(host, "behave"), 7);
  controller.abort();
  await given;
}

test("a panic in a worker costs the calls in it, and another takes its place", { skip: !canWait("worker") }, async () => {
  await using host = await fragile("dedicated");
  // Where guests block their worker only one at a time begins, and those that wait are served by the next worker.
  const told = hasJspi() ? [assert.rejects(call(host, "sleep-forever"), PanicError), assert.rejects(call(host, "sleep-forever"), PanicError)] : [];
  await giveUp(host);
  await Promise.all(told);
  assert.equal(await call(host, "behave"), 7);
});

test("a worker that cannot start is lost by its own fault, not a guest's", async () => {
  const told = await new Promise((resolve) => {
    const engine = serveEngine({ post: resolve, loadCore: () => Promise.reject(new RangeError("out of memory")) });
    engine.receive([["start", { module: new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)), suspension: "none", share: { memories: 1, pages: 1 } }]]);
  });
  assert.deepEqual(told, [["lost", { code: "worker-lost", message: "the worker failed: out of memory" }]]);
});

test("a panic on the host's thread is the end of the host, and everybody is told", { skip: !hasJspi() }, async () => {
  const host = await fragile("inline");
  const other = await createHost({ isolation: "inline", onOutput: () => undefined });
  await start(other, "hostile");
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({ start: (controller) => controller.enqueue(new Uint8Array(9)) });
  const response = await host.fetch("http-echo", "/echo", { method: "POST", body });
  const told = [
    assert.rejects(lengthOf(response), PanicError),
    assert.rejects(call(host, "sleep-forever"), PanicError),
    assert.rejects(call(other, "sleep-forever"), PanicError),
  ];
  await giveUp(host);
  await Promise.all(told);

  for (const each of [host, other]) {
    await assert.rejects(call(each, "behave"), PanicError);
    await assert.rejects(each.fetch("http-echo", "/"), (error) => error instanceof PanicError || each === other);
    await assert.rejects(start(each, "kitchen-sink"), PanicError);
    await assert.rejects(each.config.put("a", {}), PanicError);
    await assert.rejects(each.link({ source: "a", target: "b", interface: "a:b/c" }), PanicError);
  }
  await assert.rejects(createHost(), PanicError);
  await assert.rejects(createMemoryBus(), PanicError);
  await assert.rejects(inspect(await sample("hostile")), PanicError);
  await assert.rejects(compile(await sample("hostile")), PanicError);
  await Promise.all([host.stop(), other.stop()]);
});
