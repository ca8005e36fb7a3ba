/** Every type of WIT through a real guest, its resources, and calls of one component to another over a link. */

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  type ComponentHandle, ConflictError, DecodeError, GuestError, inspect, InvalidArgumentError, MissingLinkError,
  NotFoundError, ResourceHandle,
} from "trellis-host";

import { echoes, results, somebody, wrong } from "./guests/kitchen.js";
import { hostWith, inBoth, sample, start } from "./support/hosts.js";

const sink = "trellis:kitchen/sink";
const plain = ["nothing", "no-result", "no-params", "spilled", "big-result", "sum-bytes", "calls"];
const resources = [
  "[constructor]tally", "[method]tally.add", "[method]tally.value", "[static]tally.merge", "[static]tally.max", "live-tallies",
  "make-tallies", "sum-tallies", "consume-tally", "maybe-tally",
];
const linked = ["host-add", "host-upper", "host-rename", "host-divide", "host-measure", "host-loop"];

test("no function of kitchen-sink is left out here", async () => {
  const { exports } = await inspect(await sample("kitchen-sink"));
  const functions = exports.flatMap((each) => each.functions.map((func) => func.name));
  const tested = [...Object.keys(echoes), ...Object.keys(results), ...plain, ...resources, ...linked];
  assert.deepEqual(functions.sort(), tested.sort());
});

inBoth("the ends of every type go to a guest and come back", "nothing", async (isolation) => {
  await using host = await hostWith(["kitchen-sink"], { isolation });
  for (const [func, values] of Object.entries(echoes)) {
    for (const value of values) assert.deepEqual(await host.invoke("kitchen-sink", sink, func, [value]), value, func);
  }
});

inBoth("results come back as value or error, with their payload", "nothing", async (isolation) => {
  await using host = await hostWith(["kitchen-sink"], { isolation });
  for (const [func, values] of Object.entries(results)) {
    for (const value of values) {
      const answer = host.invoke("kitchen-sink", sink, func, [value]);
      if (value.tag === "ok") assert.deepEqual(await answer, value.val, func);
      else await assert.rejects(answer, (error) => carries(error, value.val), func);
    }
  }
});

inBoth("parameters and results of any number and size", "nothing", async (isolation) => {
  await using host = await hostWith(["kitchen-sink"], { isolation });
  const call = (func: string, ...args: unknown[]): Promise<unknown> => host.invoke("kitchen-sink", sink, func, args);
  assert.equal(await call("nothing"), undefined);
  assert.equal(await call("no-result", 1), undefined);
  assert.equal(await call("no-params"), 42);
  const spilled = [255, "b€", [0, 0xffff_ffff], undefined, somebody, -0, "\u{10ffff}"];
  assert.deepEqual(await call("spilled", ...spilled), spilled);
  for (const length of [0, 1, 65_535, 65_536, 5_000_000]) {
    const bytes = await call("big-result", length);
    assert.ok(bytes instanceof Uint8Array && bytes.length === length && bytes.every((byte, index) => byte === index % 256));
  }
  assert.equal(await call("sum-bytes", new Uint8Array(5_000_000).fill(255)), 1_275_000_000n);
});

inBoth("wrong arguments are refused by their path, and the component is none the worse", "nothing", async (isolation) => {
  await using host = await hostWith([], { isolation });
  const component = await start(host, "kitchen-sink", { reuse: true, maxInstances: 1 });
  assert.equal(await component.invoke(sink, "calls"), 1);
  for (const [func, args, message] of wrong) {
    const said = (error: unknown): boolean => error instanceof InvalidArgumentError && message.test(error.message);
    await assert.rejects(component.invoke(sink, func, args), said, `${func} ${String(message)}`);
  }
  assert.equal(await component.invoke(sink, "calls"), 2);
});

inBoth("a lone surrogate is no Unicode: the guest gets a replacement character", "nothing", async (isolation) => {
  await using host = await hostWith(["kitchen-sink"], { isolation });
  assert.equal(await host.invoke("kitchen-sink", sink, "echo-string", ["a\ud800b"]), "a\ufffdb");
});

inBoth("a caller constructs, uses and gives away a guest's resources", "nothing", async (isolation) => {
  await using host = await hostWith([], { isolation });
  const call = caller(await start(host, "kitchen-sink", { reuse: true, maxInstances: 1 }));
  const one = await call("[constructor]tally", 40n);
  assert.ok(one instanceof ResourceHandle && one.resource.endsWith("tally"));
  assert.equal(await call("[method]tally.add", one, 2n), 42n);
  assert.equal(await call("[method]tally.value", one), 42n);
  const [two, three] = (await call("make-tallies", [-1n, -(2n ** 63n)])) as [ResourceHandle, ResourceHandle];
  assert.equal(await call("live-tallies"), 3);
  assert.equal(await call("[static]tally.max", two, three), -1n);
  assert.equal(await call("sum-tallies", [one, one, two]), 83n);
  assert.equal(await call("live-tallies"), 3);
  const merged = await call("[static]tally.merge", one, two);
  assert.equal(await call("[method]tally.value", merged), 41n);
  assert.equal(await call("live-tallies"), 2);
  assert.equal(await call("consume-tally", merged), 41n);
  assert.equal(await call("maybe-tally", undefined), undefined);
  const maybe = await call("maybe-tally", 5n);
  assert.equal(await call("consume-tally", maybe), 5n);
  assert.equal(await call("consume-tally", three), -(2n ** 63n));
  assert.equal(await call("live-tallies"), 0);
});

// Part of the parameters may be in the guest by then, so what it holds goes with it.
inBoth("a handle that names nothing is refused, and the instance is given up", "nothing", async (isolation) => {
  await using host = await hostWith([], { isolation });
  const call = caller(await start(host, "kitchen-sink", { reuse: true, maxInstances: 1 }));
  const spent = (await call("[constructor]tally", 2n)) as ResourceHandle;
  await call("consume-tally", spent);
  const forged = new ResourceHandle(spent.resource, Uint8Array.of(0xff, 0xff, 0xff, 0x7f));
  for (const handle of [spent, forged, new ResourceHandle(spent.resource, new Uint8Array(7))]) {
    await call("[constructor]tally", 1n);
    assert.equal(await call("live-tallies"), 1);
    await assert.rejects(call("consume-tally", handle), DecodeError);
    assert.equal(await call("live-tallies"), 0);
  }
  const tally = await call("[constructor]tally", 1n);
  await assert.rejects(call("[static]tally.merge", tally, tally), DecodeError);
  assert.equal(await call("live-tallies"), 0);
});

inBoth("a resource ends with its instance", "nothing", async (isolation) => {
  await using host = await hostWith([], { isolation });
  const call = caller(await start(host, "kitchen-sink"));
  const tally = await call("[constructor]tally", 1n);
  await assert.rejects(call("[method]tally.value", tally), DecodeError);
});

inBoth("one component calls another over a link", "waiting", async (isolation) => {
  const calls: string[] = [];
  await using host = await hostWith(["kitchen-sink", "kitchen-host"], { isolation, onCall: ({ target, func }) => calls.push(`${target} ${func}`) });
  const call = (func: string, ...args: unknown[]): Promise<unknown> => host.invoke("kitchen-sink", sink, func, args);
  await assert.rejects(call("host-add", 1, 2), MissingLinkError);
  await host.link({ source: "kitchen-sink", target: "kitchen-host", interface: "trellis:kitchen/host" });

  assert.equal(await call("host-add", 0xffff_ffff, 2), 1);
  assert.equal(await call("host-upper", "straße 😀"), "STRASSE 😀");
  assert.deepEqual(await call("host-rename", somebody, "Grace"), { ...somebody, name: "Grace" });
  assert.equal(await call("host-divide", 7, -2), -3);
  await assert.rejects(call("host-divide", -0x8000_0000, -1), (error) => carries(error, "-2147483648 / -1 has no result"));
  const shapes = [{ tag: "nothing" }, { tag: "circle", val: 1 }, { tag: "rectangle", val: [2, 3] }, { tag: "path", val: [] }];
  assert.deepEqual(await call("host-measure", shapes), [0, Math.PI, 6, 0]);
  assert.equal(await call("host-upper", "ä".repeat(500_000)), "Ä".repeat(500_000));
  calls.length = 0;
  assert.equal(await call("host-loop", 50), 1225);
  assert.deepEqual([calls.length, calls[0], calls[1]], [100, "kitchen-host note", "kitchen-host add"]);
});

inBoth("links can be removed, turned round and left hanging", "waiting", async (isolation) => {
  await using host = await hostWith(["kitchen-sink", "kitchen-host"], { isolation });
  const add = (): Promise<unknown> => host.invoke("kitchen-sink", sink, "host-add", [1, 2]);
  const link = { source: "kitchen-sink", interface: "trellis:kitchen/host" };
  await host.link({ ...link, target: "kitchen-host" });
  await assert.rejects(host.link({ ...link, target: "another" }), ConflictError);
  await host.stopComponent("kitchen-host");
  await assert.rejects(add(), NotFoundError);
  await start(host, "kitchen-host");
  assert.equal(await add(), 3);
  await host.unlink(link);
  await assert.rejects(add(), MissingLinkError);
  await host.link({ ...link, target: "nobody" });
  await assert.rejects(add(), NotFoundError);
});

inBoth("JavaScript serves what a component imports, at once, later, or with an error", "waiting", async (isolation) => {
  await using host = await hostWith(["kitchen-sink"], { isolation });
  const types = host.inspection("kitchen-sink");
  assert.ok(types);
  const functions = {
    add: (a: number, b: number) => a + b,
    upper: async (text: string) => `${text}!`,
    "checked-divide": () => { throw new GuestError("not today"); },
    note: () => { throw new Error("a mistake"); },
    measure: () => "no list",
  };
  await using served = await host.provide("kitchen", { "trellis:kitchen/host": functions }, types);
  await host.link({ source: "kitchen-sink", target: "kitchen", interface: "trellis:kitchen/host" });
  const call = (func: string, ...args: unknown[]): Promise<unknown> => host.invoke("kitchen-sink", sink, func, args);
  assert.equal(await call("host-add", 1, 2), 3);
  assert.equal(await call("host-upper", "hi"), "hi!");
  await assert.rejects(call("host-divide", 1, 1), (error) => carries(error, "not today"));
  await assert.rejects(call("host-loop", 1), /a mistake/);
  await assert.rejects(call("host-measure", []), { code: "invalid-argument", message: /result: expected an array/ });
  await assert.rejects(call("host-rename", somebody, "x"), NotFoundError);
  await served[Symbol.asyncDispose]();
  await assert.rejects(call("host-add", 1, 2), NotFoundError);
});

function caller(component: ComponentHandle): (func: string, ...args: unknown[]) => Promise<unknown> {
  return (func, ...args) => component.invoke(sink, func, args);
}

/** Whether it is a guest's error with this payload. */
function carries(error: unknown, payload: unknown): boolean {
  assert.ok(error instanceof GuestError, String(error));
  assert.deepEqual(error.payload, payload);
  return true;
}
