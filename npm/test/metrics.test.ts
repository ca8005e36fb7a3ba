/** What a host counts, and what it tells of limits that strike again and again. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { createHost, createMemoryBus, GuestTrapError, type LatticeEvent, LimitError } from "trellis-host";

import { limitsOf, SERVER_ROOM, totalsOf } from "../src/host/limits.js";
import { linesOf, LogRate } from "../src/host/log-rate.js";
import { HostMeter } from "../src/host/meter.js";
import { type Strike, Strikes } from "../src/host/strikes.js";
import { deferred, hostWith, inBoth, start } from "./support/hosts.js";

const mischief = "trellis:hostile/mischief";
const sink = "trellis:kitchen/sink";

inBoth("calls are counted by what has become of them", "waiting", async (isolation) => {
  await using host = await hostWith(["hostile", "kitchen-sink"], { isolation });
  assert.deepEqual(host.metrics().calls, { begun: 0, succeeded: 0, failed: 0, inFlight: 0, waiting: 0 });
  const open = host.invoke("hostile", mischief, "return-after", [1]);
  const { calls: made, inFlight, waiting } = host.metrics().components["hostile"] ?? {};
  assert.deepEqual([made, Number(inFlight) + Number(waiting)], [1, 1]);
  await open;
  await assert.rejects(host.invoke("hostile", mischief, "trap"), GuestTrapError);
  await host.invoke("kitchen-sink", sink, "echo-u8", [1]);
  // What never gets to a component is no call of it.
  await assert.rejects(host.invoke("kitchen-sink", sink, "no-such"));
  const { calls, failures, limits, streams, uptimeSeconds, components } = host.metrics();
  assert.deepEqual(calls, { begun: 3, succeeded: 2, failed: 1, inFlight: 0, waiting: 0 });
  assert.deepEqual([failures, limits, streams, Number.isInteger(uptimeSeconds)], [{ "guest-trap": 1 }, {}, { open: 0 }, true]);
  assert.deepEqual(components, {
    "hostile": { calls: 2, failures: { "guest-trap": 1 }, limits: {}, inFlight: 0, waiting: 0 },
    "kitchen-sink": { calls: 1, failures: {}, limits: {}, inFlight: 0, waiting: 0 },
  });
  await host.stopComponent("hostile");
  assert.deepEqual([Object.keys(host.metrics().components), host.metrics().calls.begun], [["kitchen-sink"], 3]);
});

test("metrics are plain data, and a copy", async () => {
  await using host = await hostWith(["kitchen-sink"]);
  const metrics = host.metrics();
  assert.deepEqual(structuredClone(metrics), metrics);
  metrics.failures["limit"] = 5;
  assert.deepEqual(host.metrics().failures, {});
});

inBoth("workers and instances are counted", "nothing", async (isolation) => {
  await using host = await hostWith(["kitchen-sink"], { isolation });
  for (let call = 0; call < 3; call++) await host.invoke("kitchen-sink", sink, "echo-u8", [call]);
  // What has become of the last instance may not be known yet.
  const { workers, instances } = host.metrics();
  assert.deepEqual([workers.live > 0, workers.started > 0, workers.lost], isolation === "worker" ? [true, true, 0] : [false, false, 0]);
  assert.ok(instances.created >= 1 && instances.created + instances.restored >= 3, JSON.stringify(instances));
  assert.ok(instances.live >= 1 && instances.idle <= instances.live, JSON.stringify(instances));
});

inBoth("calls that come together share an instance where their guests do not wait", "nothing", async (isolation) => {
  await using host = await hostWith(["kitchen-sink"], { isolation });
  for (let round = 0; round < 3; round++) {
    await Promise.all(Array.from({ length: 20 }, (_, call) => host.invoke("kitchen-sink", sink, "echo-u8", [call])));
  }
  const { workers, instances } = host.metrics();
  assert.ok(instances.live <= Math.max(1, workers.live), JSON.stringify({ workers, instances }));
});

test("a limit that strikes again and again is told of at once, and then once in a while", async () => {
  const told: Strike[] = [];
  const second = deferred();
  const strikes = new Strikes((strike) => {
    if (told.push(strike) === 2) second.resolve();
  });
  for (let i = 1; i <= 1000; i++) strikes.add("a", "maxQueue", `the ${i}th`);
  assert.deepEqual(told, []);
  // What tells of them keeps no process alive.
  const alive = setInterval(() => undefined, 1000);
  await second.promise;
  clearInterval(alive);
  assert.deepEqual(told, [
    { component_id: "a", limit: "maxQueue", detail: "the 1th", count: 1 },
    { component_id: "a", limit: "maxQueue", detail: "the 1000th", count: 999 },
  ]);
  strikes.close();
});

test("each limit of each component is told of for itself, and at the end what is left", async () => {
  const told: string[] = [];
  const strikes = new Strikes(({ component_id, limit, count }) => void told.push(`${component_id} ${limit} ${count}`));
  for (const component of ["a", "b"]) for (const limit of ["fuel", "fuel", "maxQueue"]) strikes.add(component, limit, "");
  await Promise.resolve();
  assert.deepEqual(told, ["a fuel 1", "a maxQueue 1", "b fuel 1", "b maxQueue 1"]);
  strikes.close();
  strikes.add("a", "fuel", "too late");
  await Promise.resolve();
  assert.deepEqual(told.slice(4), ["a fuel 1", "b fuel 1"]);
});

test("a bus that is gone does not matter to a limit", async () => {
  const bus = await createMemoryBus();
  const host = await createHost({ bus });
  await start(host, "kitchen-sink", { maxMessageBytes: 0 });
  const call = host.invoke("kitchen-sink", sink, "echo-u8", [1]);
  await bus.close();
  await assert.rejects(call, LimitError);
  assert.equal(host.metrics().limits["maxMessageBytes"], 1);
  await assert.rejects(host.stop());
});

test("a host that is asked for tells of its events from first to last", async () => {
  const names: string[] = [];
  const onEvent = ({ name, source }: LatticeEvent): void => void names.push(`${name} ${source}`);
  const host = await createHost({ onEvent });
  const events = host.events();
  await start(host, "kitchen-sink", { maxMessageBytes: 0 });
  for (let i = 0; i < 3; i++) await assert.rejects(host.invoke("kitchen-sink", sink, "echo-u8", [1]), LimitError);
  await host.stop();
  const each = ["host_started", "component_scaled", "limit_reached", "limit_reached", "host_stopped"];
  assert.deepEqual(names, each.map((name) => `${name} ${host.id}`));
  const counts: unknown[] = [];
  for await (const { name, data } of events) if (name === "limit_reached") counts.push(data["count"]);
  assert.deepEqual(counts, [1, 2]);
});

test("lines pass at their rate, and as many at once", () => {
  const rate = new LogRate(3);
  const admitted = (lines: number, now: number): boolean => rate.admits(lines, now);
  assert.deepEqual([1, 1, 1, 1].map((lines) => admitted(lines, 1000)), [true, true, true, false]);
  assert.deepEqual([admitted(1, 1300), admitted(1, 1400), admitted(1, 1401)], [false, true, false]);
  // Lines that come together overdraw.
  assert.deepEqual([admitted(30, 60_000), admitted(1, 61_000), admitted(1, 69_000), admitted(1, 70_000)], [true, false, false, true]);
  assert.deepEqual([new LogRate(0).admits(1), new LogRate(Infinity).admits(10 ** 9)], [false, true]);
});

test("lines are counted by their ends and their length", () => {
  const lines = (text: string): number => linesOf(new TextEncoder().encode(text));
  assert.deepEqual(["", "a", "a\n", "a\nb", "\n\n\n", "x".repeat(4096)].map(lines), [1, 1, 1, 1, 3, 2]);
  assert.deepEqual(["", "a", "a\nb", "x".repeat(8192)].map(linesOf), [1, 1, 2, 3]);
});

test("streams are counted for their component and for all", () => {
  const meter = new HostMeter(totalsOf({ maxStreamsInFlight: 3 }, SERVER_ROOM), new Strikes(() => undefined));
  ["a", "b"].forEach((id, number) => meter.assign(number, meter.component(id, limitsOf({ maxStreamsInFlight: 2 }))));
  meter.open(0);
  meter.open(0);
  assert.throws(() => meter.open(0), /^LimitError: 2 streams and futures of a are open.* maxStreamsInFlight$/);
  meter.open(1);
  assert.throws(() => meter.open(1), /^LimitError: 3 streams and futures of the host are open.* limits\.maxStreamsInFlight$/);
  assert.equal(meter.metrics().streams.open, 3);
  meter.closed(0);
  meter.open(1);
  assert.deepEqual([meter.metrics().streams.open, meter.metrics().limits], [3, { maxStreamsInFlight: 2 }]);
  // Nobody is left to count for.
  meter.open(7);
  meter.closed(7);
  meter.close();
});
