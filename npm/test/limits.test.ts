/** Limits that strike: a typed error at the caller, an event of the lattice, and a count. See also arguments.test.ts. */

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  compile, type Host, type HostOptions, InvalidArgumentError, type LatticeEvent, LimitError, type Output, TimeoutError,
} from "trellis-host";

import { bounded, childContext, rootContext } from "../src/engine/context.js";
import { hostWith, inBoth, sample, start } from "./support/hosts.js";

const sink = "trellis:kitchen/sink";
const mischief = "trellis:hostile/mischief";
const tour = "trellis:tour/tour";
const MiB = 1024 * 1024;
const kitchen = { source: "kitchen-sink", interface: "trellis:kitchen/host" };

/** The error is a limit's, and names it. */
const strikes = (limit: string) => (error: unknown): boolean => {
  assert.ok(error instanceof LimitError, String(error));
  assert.deepEqual([error.code, error.limit], ["limit", limit]);
  return error.message.includes(limit);
};

/** The next event of a limit. */
async function nextStrike(host: Host): Promise<LatticeEvent["data"]> {
  for await (const { name, data } of host.events()) if (name === "limit_reached") return data;
  throw new Error("the host has stopped");
}

const counted = (host: Host, limit: string): number => host.metrics().limits[limit] ?? 0;

inBoth("parameters that are too large are refused", "nothing", async (isolation) => {
  await using host = await hostWith(["kitchen-sink"], { isolation, component: { maxMessageBytes: 1000 } });
  const echo = (length: number): Promise<unknown> => host.invoke("kitchen-sink", sink, "echo-string", ["x".repeat(length)]);
  assert.equal(await echo(998), "x".repeat(998));
  assert.equal(counted(host, "maxMessageBytes"), 0);
  const told = nextStrike(host);
  await assert.rejects(echo(999), strikes("maxMessageBytes"));
  const { detail, ...data } = await told;
  assert.deepEqual(data, { component_id: "kitchen-sink", host_id: host.id, limit: "maxMessageBytes", count: 1 });
  assert.match(String(detail), /^the parameters have 1001 bytes, and kitchen-sink takes 1000; /);
  const { limits, failures } = host.metrics();
  assert.deepEqual([limits, failures], [{ maxMessageBytes: 1 }, { limit: 1 }]);
  assert.equal(await echo(998), "x".repeat(998));
});

test("streams that go along with what is refused are given up", async () => {
  await using host = await hostWith(["http-echo"], { component: { maxMessageBytes: 10 } });
  let cancelled: unknown;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({ cancel: (reason) => void (cancelled = reason) });
  await assert.rejects(host.fetch("http-echo", "/echo", { method: "POST", body }), strikes("maxMessageBytes"));
  assert.ok(cancelled instanceof LimitError);
});

inBoth("what a provider answers is bounded by who asked", "waiting", async (isolation) => {
  await using host = await hostWith(["kitchen-sink"], { isolation, component: { maxMessageBytes: 1000 } });
  const provider = { "trellis:kitchen/host": { upper: (text: string) => text.repeat(100) } };
  const types = host.inspection("kitchen-sink");
  assert.ok(types);
  await host.provide("cook", provider, types);
  await host.link({ ...kitchen, target: "cook" });
  const upper = (text: string): Promise<unknown> => host.invoke("kitchen-sink", sink, "host-upper", [text]);
  assert.equal(await upper("abc"), "abc".repeat(100));
  const told = nextStrike(host);
  await assert.rejects(upper("0123456789abc"));
  // Not what the guest makes of it.
  assert.match(String((await told)["detail"]), /^the results of upper of trellis:kitchen\/host@0\.1\.0 have 1302 bytes, /);
  assert.equal(host.metrics().components["kitchen-sink"]?.limits["maxMessageBytes"], 1);
});

test("a deadline is counted as the other limits are, and null lifts it", async () => {
  await using host = await hostWith(["hostile"], { deadline: 50 });
  const told = nextStrike(host);
  await assert.rejects(host.invoke("hostile", mischief, "spin"), TimeoutError);
  assert.equal((await told)["limit"], "deadline");
  assert.deepEqual([host.metrics().limits, host.metrics().failures], [{ deadline: 1 }, { timeout: 1 }]);
  const patient = await start(host, "hostile", { id: "patient", deadline: null });
  assert.ok(Number(await patient.invoke(mischief, "return-after", [100])) >= 100);
});

inBoth("streams that stand still for too long are counted, too", "waiting", async (isolation) => {
  await using host = await hostWith(["http-echo"], { isolation, deadline: 1500 });
  const told = nextStrike(host);
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>();
  const response = await host.fetch("http-echo", "/echo", { method: "POST", body });
  await assert.rejects(response.body?.getReader().read() ?? Promise.resolve(), TimeoutError);
  assert.equal((await told)["limit"], "deadline");
  assert.deepEqual([host.metrics().limits, host.metrics().failures], [{ deadline: 1 }, {}]);
});

test("a component's deadline holds for calls of other components too", () => {
  const context = rootContext(1000, undefined);
  assert.equal(bounded(1000, context), context);
  assert.equal(bounded(Infinity, context), context);
  const child = childContext(context, 500, new AbortController().signal);
  const { deadline, deadlineAt, depth, parent } = bounded(5, child);
  assert.deepEqual([deadline, depth, parent, deadlineAt <= performance.now() + 5], [5, 1, context, true]);
  assert.equal(bounded(5, rootContext(Infinity, undefined)).deadline, 5);
});

test("fuel needs code that counts", async () => {
  await using host = await hostWith([]);
  const bytes = await sample("kitchen-sink");
  const [plain, metered] = await Promise.all([compile(bytes), compile(bytes, { metered: true })]);
  assert.deepEqual([plain.metered, metered.metered], [false, true]);
  const named = (error: unknown): boolean => error instanceof InvalidArgumentError && error.message.startsWith("fuel: ");
  await assert.rejects(host.startComponent({ id: "a", source: plain, fuel: 10 ** 9 }), named);
  await start(host, "kitchen-sink", { fuel: 10 ** 9 });
  await assert.rejects(host.updateComponent("kitchen-sink", plain), named);
  await host.updateComponent("kitchen-sink", metered);
  assert.equal(await host.invoke("kitchen-sink", sink, "echo-u8", [7]), 7);
});

inBoth("a host bounds what all its components print", "nothing", async (isolation) => {
  const printed: Output[] = [];
  const options: HostOptions = { isolation, limits: { maxLogRate: 0 }, onOutput: (output) => printed.push(output) };
  await using host = await hostWith(["wasi-tour"], options);
  await host.invoke("wasi-tour", tour, "print", ["a line"]);
  assert.deepEqual(printed, []);
  assert.equal(host.metrics().components["wasi-tour"]?.limits["maxLogRate"], 1);
});

inBoth("a component that prints without end is cut down to its rate", "nothing", async (isolation) => {
  let lines = 0;
  const onOutput = ({ bytes }: Output): void => void (lines += bytes.filter((byte) => byte === 10).length);
  await using host = await hostWith(["wasi-tour"], { isolation, onOutput, component: { maxLogRate: 10, reuse: true } });
  const began = performance.now();
  for (let round = 0; round < 100; round++) await host.invoke("wasi-tour", tour, "print", ["a line"]);
  const most = 10 + ((performance.now() - began) / 1000) * 10;
  assert.ok(lines >= 10 && lines <= most + 1, `${lines} lines came, of ${most}`);
  assert.ok(lines === 100 || counted(host, "maxLogRate") > 0);
});

inBoth("a guest gets no more memory than it may have", "nothing", async (isolation) => {
  await using host = await hostWith(["hostile"], { isolation, component: { maxMemory: 16 * MiB } });
  const told = nextStrike(host);
  const mebibytes = Number(await host.invoke("hostile", mischief, "allocate"));
  assert.ok(mebibytes > 8 && mebibytes < 16, `it got ${mebibytes} MiB`);
  assert.equal((await told)["limit"], "maxMemory");
  assert.ok(counted(host, "maxMemory") > 0);
  assert.equal(await host.invoke("hostile", mischief, "behave"), 7);
});

inBoth("a guest that runs out of fuel is stopped, and its worker lives on", "nothing", async (isolation) => {
  await using host = await hostWith(["hostile", "kitchen-sink"], { isolation, component: { fuel: 10 ** 7 } });
  await assert.rejects(host.invoke("hostile", mischief, "spin"), strikes("fuel"));
  assert.equal(await host.invoke("hostile", mischief, "behave"), 7);
  assert.equal(await host.invoke("kitchen-sink", sink, "echo-u8", [7]), 7);
  assert.deepEqual([counted(host, "fuel"), host.metrics().workers.lost], [1, 0]);
});

inBoth("results that are too large are refused", "nothing", async (isolation) => {
  await using host = await hostWith(["wasi-tour"], { isolation, component: { maxMessageBytes: 100_000 } });
  const random = (length: number): Promise<unknown> => host.invoke("wasi-tour", tour, "random-bytes", [BigInt(length)]);
  assert.equal((await random(99_000) as Uint8Array).length, 99_000);
  await assert.rejects(random(101_000), strikes("maxMessageBytes"));
  assert.equal(counted(host, "maxMessageBytes"), 1);
});

inBoth("a component has so many streams open and no more", "waiting", async (isolation) => {
  await using host = await hostWith(["http-echo"], { isolation, component: { maxStreamsInFlight: 3 } });
  const closes: (() => void)[] = [];
  const post = (): Promise<Response> => {
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({ start: (controller) => void closes.push(() => controller.close()) });
    return host.fetch("http-echo", "/echo", { method: "POST", body });
  };
  // As long as its body has not come it takes one stream to the guest, and one with a future for the trailers back.
  const first = await post();
  assert.equal(host.metrics().streams.open, 3);
  await assert.rejects(post(), strikes("maxStreamsInFlight"));
  closes[0]?.();
  assert.equal(await first.text(), "");
  // The trailers end after the body.
  while (host.metrics().streams.open > 0) await new Promise((resolve) => setTimeout(resolve));
  assert.equal(await echoed(host), "hello");
});

async function echoed(host: Host): Promise<string> {
  const response = await host.fetch("http-echo", "/echo", { method: "POST", body: "hello" });
  return response.text();
}

inBoth("calls wait in a queue of bounded length", "waiting", async (isolation) => {
  await using host = await hostWith(["hostile"], { isolation, component: { maxInstances: 1, maxQueue: 1 } });
  const wait = (): Promise<unknown> => host.invoke("hostile", mischief, "return-after", [50]);
  const [first, second] = [wait(), wait()];
  await assert.rejects(wait(), strikes("maxQueue"));
  const { inFlight, waiting } = host.metrics().calls;
  assert.deepEqual([inFlight, waiting], [1, 1]);
  await Promise.all([first, second]);
  assert.deepEqual([host.metrics().failures, counted(host, "maxQueue")], [{ limit: 1 }, 1]);
});
