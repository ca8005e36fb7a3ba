/** How guests wait: by blocking their worker where there is no JSPI, and not at all where there is neither. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { createHost, SuspensionError, TimeoutError } from "trellis-host";

import { hasJspi, hasSharedMemory, hostWith, start } from "./support/hosts.js";

const mischief = "trellis:hostile/mischief";
const sink = "trellis:kitchen/sink";
const skip = !hasSharedMemory();
const blocking = { isolation: "worker", suspension: "atomics" } as const;

test("the host finds out what the platform can do", async () => {
  for (const isolation of ["worker", "inline"] as const) {
    await using host = await createHost({ isolation });
    const otherwise = isolation === "worker" && hasSharedMemory() ? "atomics" : "none";
    assert.equal(host.capabilities().tier, hasJspi() ? "jspi" : otherwise);
  }
});

test("a guest that blocks its worker sleeps for as long as it asked", { skip }, async () => {
  await using host = await hostWith(["hostile", "wasi-tour"], blocking);
  assert.ok(Number(await host.invoke("hostile", mischief, "return-after", [60])) >= 60);
  assert.deepEqual(await host.invoke("wasi-tour", "trellis:tour/tour", "race", [[5000, 20, 5000]]), [1]);
});

test("messages reach a blocked worker: answers over links, in both directions", { skip }, async () => {
  await using host = await hostWith(["kitchen-sink", "kitchen-host"], blocking);
  const link = { source: "kitchen-sink", interface: "trellis:kitchen/host" };
  await host.link({ ...link, target: "kitchen-host" });
  assert.equal(await host.invoke("kitchen-sink", sink, "host-loop", [100]), 4950);
  const calls = Array.from({ length: 10 }, (_, index) => host.invoke("kitchen-sink", sink, "host-add", [index, 1]));
  assert.deepEqual(await Promise.all(calls), Array.from({ length: 10 }, (_, index) => index + 1));
});

test("bodies stream through a blocked worker, larger than its mailbox", { skip }, async () => {
  await using host = await hostWith(["http-echo"], blocking);
  const body = Uint8Array.from({ length: 5_000_000 }, (_, index) => index % 253);
  const echo = await host.fetch("http-echo", "/echo", { method: "POST", body });
  assert.deepEqual(new Uint8Array(await echo.arrayBuffer()), body);
  const params = await host.fetch("http-echo", "/count", { method: "POST", body: new Blob([body]).stream() });
  assert.equal((await params.text()).trim(), "5000000");
});

test("parameters larger than the mailbox arrive", { skip }, async () => {
  await using host = await hostWith(["kitchen-sink"], blocking);
  assert.equal(await host.invoke("kitchen-sink", sink, "sum-bytes", [new Uint8Array(3_000_000).fill(2)]), 6_000_000n);
});

test("a blocked worker can be told to give a call up, and takes the next", { skip }, async () => {
  await using host = await hostWith(["hostile"], blocking);
  const sleeping = host.invoke("hostile", mischief, "sleep-forever", [], { deadline: 100 });
  const next = host.invoke("hostile", mischief, "behave");
  await assert.rejects(sleeping, TimeoutError);
  assert.equal(await next, 7);
});

test("a guest that spins is ended there as well", { skip }, async () => {
  await using host = await hostWith(["hostile", "kitchen-sink", "kitchen-host"], blocking);
  await host.link({ source: "kitchen-sink", target: "kitchen-host", interface: "trellis:kitchen/host" });
  await assert.rejects(host.invoke("hostile", mischief, "spin", [], { deadline: 200 }), TimeoutError);
  // The component that is called was loaded into the new worker before the caller blocked it.
  assert.equal(await host.invoke("kitchen-sink", sink, "host-add", [1, 2]), 3);
});

test("without a way to wait, a guest that has to fails, and others do not", async () => {
  for (const isolation of ["worker", "inline"] as const) {
    await using host = await hostWith([], { isolation, suspension: "none" });
    const hello = await start(host, "http-hello");
    assert.equal((await hello.fetch("/")).status, 200);
    await start(host, "hostile");
    await assert.rejects(host.invoke("hostile", mischief, "return-after", [10]), SuspensionError);
    assert.equal(await host.invoke("hostile", mischief, "behave"), 7);
  }
});
