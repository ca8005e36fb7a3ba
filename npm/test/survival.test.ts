/** What a host is like after its guests have misbehaved: as before. See also hostile.test.ts. */

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  AbortedError, createHost, GuestTrapError, type Host, InvalidComponentError, type Isolation, NotFoundError, StoppedError,
  TimeoutError, UnsupportedError,
} from "trellis-host";

import { lengthOf } from "./guests/bodies.js";
import { held, workersStarted } from "./guests/footprint.js";
import { readFile } from "./support/files.js";
import { hasJspi, hostWith, inBoth, start } from "./support/hosts.js";

const MiB = 1024 * 1024;
const mischief = "trellis:hostile/mischief";
const call = (host: Host, func: string, args: unknown[] = [], options = {}): Promise<unknown> =>
  host.invoke("hostile", mischief, func, args, options);

inBoth("200 rounds of mischief leave nothing behind", "nothing", async (isolation) => {
  await using host = await hostWith(["hostile", "http-hello"], { isolation, component: { maxInstances: 4 } });
  const about = JSON.stringify({ ...host.inventory(), uptimeSeconds: 0 });
  await rounds(host, 100);
  const workers = workersStarted();
  const before = await held();
  await rounds(host, 200);
  const after = await held();
  assert.ok(after.heap - before.heap < 8 * MiB, `${(after.heap - before.heap) / MiB} MiB more are held`);
  // The platform may hold on to the last few.
  assert.ok(after.memories < 10, `${after.memories} guests are still there`);
  assert.equal(workersStarted(), workers);
  assert.equal(JSON.stringify({ ...host.inventory(), uptimeSeconds: 0 }), about);
  // Every place for an instance is free again.
  const answers = await Promise.all(Array.from({ length: 8 }, () => call(host, "behave")));
  assert.deepEqual(answers, new Array(8).fill(7));
});

async function rounds(host: Host, count: number): Promise<void> {
  for (let round = 0; round < count; round++) {
    const func = ["trap", "out-of-bounds", "exit"][round % 3] ?? "trap";
    await assert.rejects(call(host, func, func === "exit" ? [true] : []));
  }
}

inBoth("calls given up while they wait leave room for those that follow at once", "waiting", async (isolation) => {
  await using host = await hostWith(["hostile"], { isolation, component: { maxInstances: 2 } });
  for (let round = 0; round < 40; round++) {
    const controller = new AbortController();
    const waiting = call(host, "sleep-forever", [], { signal: controller.signal });
    // Some have not begun by then; a guest that blocks its worker lets no other in.
    if (round % 4 === 1 && hasJspi()) await call(host, "return-after", [1]);
    if (round % 4 > 1) await new Promise((resolve) => setTimeout(resolve, round % 4));
    controller.abort();
    await assert.rejects(waiting, AbortedError);
    assert.ok(Number(await call(host, "return-after", [1])) >= 0);
  }
});

inBoth("calls that wait for a place can be given up", "waiting", async (isolation) => {
  await using host = await hostWith(["hostile"], { isolation, component: { maxInstances: 1 } });
  const holding = new AbortController();
  const held = assert.rejects(call(host, "sleep-forever", [], { signal: holding.signal }), AbortedError);
  const queued = new AbortController();
  const waits = Array.from({ length: 5 }, () => assert.rejects(call(host, "behave", [], { signal: queued.signal }), AbortedError));
  const last = call(host, "behave");
  queued.abort();
  await Promise.all(waits);
  await assert.rejects(call(host, "behave", [], { deadline: 50 }), TimeoutError);
  holding.abort();
  await held;
  assert.equal(await last, 7);
});

test("memory without end is an end like any other", async () => {
  await using host = await hostWith(["hostile", "http-hello"]);
  const taken = await call(host, "allocate", [], { deadline: 3000 }).catch((error: unknown) => error);
  const refused = typeof taken === "number" && taken > 16;
  assert.ok(refused || taken instanceof GuestTrapError || taken instanceof TimeoutError, String(taken));
  assert.equal((await host.fetch("http-hello", "/")).status, 200);
  assert.equal(await call(host, "behave"), 7);
});

inBoth("a host that is stopped amid calls tells every caller", "waiting", async (isolation) => {
  const host = await hostWith(["hostile", "http-echo", "kitchen-sink"], { isolation });
  await using served = await host.provide("never", { "trellis:kitchen/host": { add: () => new Promise<never>(() => undefined) } });
  await host.link({ source: "kitchen-sink", target: "never", interface: "trellis:kitchen/host" });
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({ start: (controller) => controller.enqueue(new Uint8Array(9)) });
  const response = await host.fetch("http-echo", "/echo", { method: "POST", body });
  const told = [
    assert.rejects(lengthOf(response), StoppedError),
    ...Array.from({ length: 5 }, () => assert.rejects(call(host, "sleep-forever"), StoppedError)),
    assert.rejects(host.invoke("kitchen-sink", "trellis:kitchen/sink", "host-add", [1, 2]), StoppedError),
  ];
  const [first, second] = [host.stop(), host.stop()];
  await Promise.all([...told, first, second]);
  await host[Symbol.asyncDispose]();
  await served[Symbol.asyncDispose]();
  await assert.rejects(call(host, "behave"), StoppedError);
  await assert.rejects(host.link({ source: "a", target: "b", interface: "a:b/c" }), StoppedError);
  await assert.rejects(host.config.put("a", {}), StoppedError);
});

inBoth("components end with their scope, hosts with theirs", "nothing", async (isolation) => {
  let outer: Host;
  {
    await using host = await createHost({ isolation, onOutput: () => undefined });
    outer = host;
    {
      await using component = await start(host, "hostile");
      assert.equal(await component.invoke(mischief, "behave"), 7);
    }
    await assert.rejects(call(host, "behave"), NotFoundError);
  }
  await assert.rejects(call(outer, "behave"), StoppedError);
});

test("what this host cannot run is refused by name, before it runs", async () => {
  await using host = await createHost();
  const refused = (source: Uint8Array, kind: typeof UnsupportedError | typeof InvalidComponentError, message: RegExp): Promise<void> =>
    assert.rejects(host.startComponent({ id: "x", source }), (error) => {
      assert.ok(error instanceof kind, String(error));
      assert.match(error.message, message);
      return true;
    });
  await refused(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0), InvalidComponentError, /core WebAssembly module/);
  await refused(Uint8Array.of(), InvalidComponentError, /./);
  await refused(new TextEncoder().encode("(component)"), InvalidComponentError, /./);
  const guest = (name: string): Promise<Uint8Array> => readFile(`npm/dist-test/engine/async-${name}.wasm`);
  await refused(await guest("lift"), UnsupportedError, /`canon lift` with the option `async` \(component model async\)/);
  await refused(await guest("stream"), UnsupportedError, /the type `stream` \(component model async\)/);
  await refused(await guest("future"), UnsupportedError, /the type `future` \(component model async\)/);
  assert.deepEqual(host.inventory().components, []);
});

for (const isolation of ["worker", "inline"] satisfies Isolation[]) {
  test(`no tier to wait by: guests that only compute run, those that wait fail by name (${isolation})`, async () => {
    await using host = await hostWith(["hostile", "http-hello"], { isolation, suspension: "none" });
    assert.equal(await call(host, "behave"), 7);
    assert.equal((await host.fetch("http-hello", "/")).status, 200);
    await assert.rejects(call(host, "sleep-forever"), { code: "suspension", message: /has to wait for `\[method\]pollable\.block`/ });
    assert.equal(await call(host, "behave"), 7);
  });
}
