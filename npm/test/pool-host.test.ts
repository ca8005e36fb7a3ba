/** The pool of workers with real guests in it. What it decides is in pool.test.ts. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { compile, createHost, TimeoutError } from "trellis-host";

import { canWait, hasJspi, hostWith, sample, start } from "./support/hosts.js";

const sink = "trellis:kitchen/sink";
const mischief = "trellis:hostile/mischief";
const skip = !canWait("worker");

for (const isolation of ["worker", "dedicated", "inline"] as const) {
  test(`parameters of any size arrive, and stay the caller's (${isolation})`, async () => {
    await using host = await hostWith(["kitchen-sink"], { isolation });
    for (const length of [0, 1, 65_536, 65_537, 5_000_000]) {
      const bytes = new Uint8Array(length).fill(3);
      assert.equal(await host.invoke("kitchen-sink", sink, "sum-bytes", [bytes]), BigInt(3 * length));
      assert.equal(bytes.length, length);
      assert.ok(bytes.every((byte) => byte === 3));
    }
  });
}

test("a thousand components are started, and each is called once", async () => {
  // However slow the machine is.
  await using host = await createHost({ deadline: null });
  const source = await compile(await sample("http-hello"));
  const ids = Array.from({ length: 1000 }, (_, index) => `c${index}`);
  await Promise.all(ids.map((id) => host.startComponent({ id, source })));
  const answers = await Promise.all(ids.map(async (id) => (await host.fetch(id, "/")).status));
  assert.ok(answers.every((status) => status === 200));
  const { calls, instances } = host.metrics();
  assert.deepEqual([calls.succeeded, calls.waiting, calls.inFlight], [1000, 0, 0]);
  assert.ok(instances.live < 1000, `${instances.live} instances are alive`);
});

test("a worker starts while the first component is compiled", async () => {
  await using host = await createHost();
  const started = host.startComponent({ id: "hello", source: await sample("http-hello") });
  assert.equal(host.metrics().workers.started, 1);
  await started;
});

test("others are served while one guest spins, and after its worker is ended", { skip }, async () => {
  await using host = await hostWith(["hostile", "http-hello"]);
  assert.equal((await host.fetch("http-hello", "/")).status, 200);
  for (let round = 0; round < 2; round++) {
    const spun = assert.rejects(host.invoke("hostile", mischief, "spin", [], { deadline: 300 }), TimeoutError);
    for (let count = 0; count < 20; count++) assert.equal((await host.fetch("http-hello", "/")).status, 200);
    await spun;
  }
  assert.equal((await host.fetch("http-hello", "/")).status, 200);
  assert.equal(host.metrics().failures["worker-lost"], undefined);
});

test("a dedicated worker that is lost costs nobody else a call", { skip: skip || !hasJspi() }, async () => {
  await using host = await hostWith(["http-hello"]);
  await start(host, "hostile", { isolation: "dedicated" });
  const sleeping = host.invoke("hostile", mischief, "return-after", [600]);
  const told = assert.rejects(sleeping, { code: "worker-lost" });
  await assert.rejects(host.invoke("hostile", mischief, "spin", [], { deadline: 100 }), TimeoutError);
  const answers = await Promise.all(Array.from({ length: 50 }, async () => (await host.fetch("http-hello", "/")).status));
  assert.ok(answers.every((status) => status === 200));
  await told;
  assert.equal(await host.invoke("hostile", mischief, "behave"), 7);
  assert.equal(host.metrics().workers.lost, 1);
});

test("many calls at a time are all answered, each with its own answer", async () => {
  await using host = await hostWith(["kitchen-sink"]);
  const numbers = Array.from({ length: 2000 }, (_, index) => index % 256);
  // More than wait by default.
  for (let at = 0; at < numbers.length; at += 1000) {
    const some = numbers.slice(at, at + 1000);
    assert.deepEqual(await Promise.all(some.map((number) => host.invoke("kitchen-sink", sink, "echo-u8", [number]))), some);
  }
});
