/** A host and its components, in a worker and inline: start, call, update, stop. */

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  AbortedError, compile, ConflictError, createHost, DecodeError, GuestError, inspect, InvalidArgumentError,
  InvalidComponentError, LoadError, NotFoundError, StoppedError, TrellisError, UnsupportedError, VERSION,
} from "trellis-host";

import { readText } from "./support/files.js";
import { hostWith, inBoth, sample, start } from "./support/hosts.js";

const sink = "trellis:kitchen/sink";
const person = { id: 7n, name: "Ada", home: { x: -1, y: 2 }, tags: ["a", "b"], age: undefined };

inBoth("a component answers a request", "nothing", async (isolation) => {
  await using host = await hostWith(["http-hello"], { isolation });
  const response = await host.fetch("http-hello", "/path?q=1");
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "text/plain");
  assert.match(await response.text(), /\/path\?q=1/);
});

inBoth("values of every kind go to a component and come back", "nothing", async (isolation) => {
  await using host = await hostWith(["kitchen-sink"], { isolation });
  const values: Record<string, unknown[]> = {
    "echo-bool": [true, false],
    "echo-u8": [0, 255], "echo-s8": [-128, 127], "echo-u16": [65535], "echo-s16": [-32768, 32767],
    "echo-u32": [4294967295], "echo-s32": [-2147483648, -1, 2147483647],
    "echo-u64": [0n, 2n ** 64n - 1n], "echo-s64": [-(2n ** 63n), 2n ** 63n - 1n],
    "echo-f32": [1.5, -0, Infinity, NaN], "echo-f64": [Math.PI, Number.MIN_VALUE],
    "echo-char": ["a", "€", "😀"], "echo-string": ["", "héllo 😀", "x".repeat(100_000)],
    "echo-bytes": [Uint8Array.of(), Uint8Array.of(1, 2, 3)], "echo-strings": [["", "a"]], "echo-numbers": [[1n, -1n]],
    "echo-bools": [[true, false]], "echo-chars": [["é"]], "echo-floats": [[0.5]], "echo-nested-lists": [[[[1], []], []]],
    "echo-people": [[person, { ...person, age: 36 }]], "echo-options": [[1, undefined, -1]],
    "echo-point": [{ x: 1, y: -1 }], "echo-person": [person], "echo-tuple": [[true, -65n, 1.5, "€", [1, 300]]],
    "echo-color": ["green"], "echo-shape": [{ tag: "nothing" }, { tag: "circle", val: 2 }, { tag: "path", val: [{ x: 1, y: 1 }] }],
    "echo-option": [undefined, 5], "echo-nested-option": [{ tag: "none" }, { tag: "some", val: undefined }, { tag: "some", val: "x" }],
    "echo-flags17": [Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`f${i}`, i % 3 === 0]))],
  };
  for (const [func, each] of Object.entries(values)) {
    for (const value of each) assert.deepEqual(await host.invoke("kitchen-sink", sink, func, [value]), value, func);
  }
  assert.equal(await host.invoke("kitchen-sink", sink, "nothing"), undefined);
  const spilled = [1, "b", [2], -3, person, 0.5, "g"];
  assert.deepEqual(await host.invoke("kitchen-sink", sink, "spilled", spilled), spilled);
  assert.equal(await host.invoke("kitchen-sink", sink, "sum-bytes", [new Uint8Array(1_000_000).fill(1)]), 1_000_000n);
});

inBoth("the error arm of a result is thrown, with its value", "nothing", async (isolation) => {
  await using host = await hostWith(["kitchen-sink"], { isolation });
  const call = (value: unknown): Promise<unknown> => host.invoke("kitchen-sink", sink, "echo-result", [value]);
  assert.equal(await call({ tag: "ok", val: 3 }), 3);
  await assert.rejects(call({ tag: "err", val: "why" }), (error) => error instanceof GuestError && error.payload === "why");
});

inBoth("functions are found by name, with or without version", "nothing", async (isolation) => {
  await using host = await hostWith(["kitchen-sink"], { isolation });
  assert.equal(await host.invoke("kitchen-sink", `${sink}@0.1.0`, "echo-u8", [1]), 1);
  await assert.rejects(host.invoke("kitchen-sink", `${sink}@9.0.0`, "echo-u8", [1]), NotFoundError);
  await assert.rejects(host.invoke("kitchen-sink", "a:b/c", "echo-u8", [1]), NotFoundError);
  await assert.rejects(host.invoke("kitchen-sink", sink, "echo-u128", [1]), NotFoundError);
  await assert.rejects(host.invoke("nobody", sink, "echo-u8", [1]), NotFoundError);
  await assert.rejects(host.invoke("kitchen-sink", sink, "echo-u8", ["1"]), InvalidArgumentError);
});

inBoth("bytes can be exchanged without types", "nothing", async (isolation) => {
  await using host = await hostWith(["kitchen-sink"], { isolation });
  const params = Uint8Array.of(2, 104, 105);
  const { results, channels } = await host.invokeRaw("kitchen-sink", `${sink}@0.1.0`, "echo-string", params);
  assert.deepEqual([[...results], channels.length, params.length], [[2, 104, 105], 0, 3]);
  await assert.rejects(host.invokeRaw("kitchen-sink", `${sink}@0.1.0`, "echo-string", Uint8Array.of(9)), DecodeError);
  await assert.rejects(host.invokeRaw("kitchen-sink", `${sink}@0.1.0`, "no-such", params), NotFoundError);
});

inBoth("each call has an instance of its own, unless reuse is asked for", "nothing", async (isolation) => {
  await using host = await hostWith([], { isolation });
  const fresh = await start(host, "kitchen-sink");
  const used = await start(host, "kitchen-sink", { id: "used", reuse: true });
  const calls = async (component: typeof fresh): Promise<unknown[]> =>
    [await component.invoke(sink, "calls"), await component.invoke(sink, "calls"), await component.invoke(sink, "calls")];
  assert.deepEqual(await calls(fresh), [1, 1, 1]);
  assert.deepEqual(await calls(used), [1, 2, 3]);
  // What is not even called does not cost the state.
  await assert.rejects(host.invokeRaw("used", sink, "no-such-function", new Uint8Array()), NotFoundError);
  assert.equal(await used.invoke(sink, "calls"), 4);
});

inBoth("many calls at once all get their answers", "nothing", async (isolation) => {
  await using host = await hostWith(["kitchen-sink"], { isolation });
  const numbers = Array.from({ length: 60 }, (_, index) => index);
  const answers = await Promise.all(numbers.map((number) => host.invoke("kitchen-sink", sink, "echo-u32", [number])));
  assert.deepEqual(answers, numbers);
});

inBoth("environment, arguments and config reach the guest", "nothing", async (isolation) => {
  await using host = await hostWith([], { isolation });
  await host.config.put("named", { color: "red", size: "1" });
  const tour = "trellis:tour/tour";
  const plain = await start(host, "wasi-tour", { env: { HOME: "/h" }, args: ["me", "-v"], config: { a: "b" } });
  assert.deepEqual(await plain.invoke(tour, "environment"), [["HOME", "/h"]]);
  assert.deepEqual(await plain.invoke(tour, "command-line"), ["me", "-v"]);
  assert.equal(await plain.invoke(tour, "config-get", ["a"]), "b");
  assert.equal(await plain.invoke(tour, "config-get", ["b"]), undefined);
  const named = await start(host, "wasi-tour", { id: "named", config: ["named"] });
  assert.equal(await named.invoke(tour, "config-get", ["color"]), "red");
  await host.config.put("named", { color: "blue" });
  assert.deepEqual(await named.invoke(tour, "config-all"), [["color", "blue"]]);
  await host.config.delete("named");
  assert.deepEqual(await named.invoke(tour, "config-all"), []);
  await assert.rejects(start(host, "wasi-tour", { id: "other", config: ["nowhere"] }), NotFoundError);
});

inBoth("a guest prints and logs to who listens", "nothing", async (isolation) => {
  const heard: unknown[] = [];
  const options = {
    isolation,
    onOutput: ({ component, stream, bytes }: { component: string; stream: string; bytes: Uint8Array }) =>
      void heard.push([component, stream, new TextDecoder().decode(bytes)]),
    onLog: (entry: unknown) => void heard.push(entry),
  };
  await using host = await hostWith(["wasi-tour"], options);
  await host.invoke("wasi-tour", "trellis:tour/tour", "print-error", ["oh"]);
  await host.invoke("wasi-tour", "trellis:tour/tour", "log", ["warn", "where", "what"]);
  assert.deepEqual(heard.at(-1), { component: "wasi-tour", level: "warn", context: "where", message: "what" });
  const printed = heard.slice(0, -1) as [string, string, string][];
  assert.ok(printed.every(([component, stream]) => component === "wasi-tour" && stream === "stderr"));
  assert.match(printed.map(([, , text]) => text).join(""), /^oh/);
});

inBoth("new code takes over; what is broken does not", "nothing", async (isolation) => {
  await using host = await hostWith([], { isolation });
  const component = await start(host, "http-hello", { id: "web" });
  await assert.rejects(component.update(new Uint8Array(8)), TrellisError);
  assert.match(await (await component.fetch("/")).text(), /Hello/);
  await component.update(await sample("http-echo"));
  assert.equal(await (await component.fetch("/echo", { method: "POST", body: "back" })).text(), "back");
});

inBoth("a stopped component is gone, and its id is free again", "nothing", async (isolation) => {
  await using host = await hostWith(["http-hello"], { isolation });
  await assert.rejects(start(host, "http-hello"), ConflictError);
  await host.stopComponent("http-hello");
  await assert.rejects(host.fetch("http-hello", "/"), NotFoundError);
  await assert.rejects(host.stopComponent("http-hello"), NotFoundError);
  {
    await using again = await start(host, "http-hello");
    assert.equal((await again.fetch("/")).status, 200);
  }
  assert.equal(host.hasComponent("http-hello"), false);
});

test("sources: bytes, buffers, responses, precompiled modules", async () => {
  const bytes = await sample("kitchen-sink");
  const precompiled = await compile(bytes);
  await using host = await createHost();
  const sources = { array: bytes, buffer: bytes.buffer, response: new Response(bytes), precompiled };
  for (const [id, source] of Object.entries(sources)) {
    await host.startComponent({ id, source });
    assert.equal(await host.invoke(id, sink, "no-params"), await host.invoke("array", sink, "no-params"));
  }
  const { plan, modules } = precompiled;
  const untyped = await host.startComponent({ id: "untyped", source: { plan, modules } });
  assert.equal(untyped.inspection, undefined);
  await assert.rejects(untyped.invoke(sink, "no-params"), UnsupportedError);
  assert.equal((await host.invokeRaw("untyped", `${sink}@0.1.0`, "echo-u8", Uint8Array.of(4))).results[0], 4);
});

test("what is no component is refused", async () => {
  await using host = await createHost({ isolation: "inline" });
  const refused = (source: Uint8Array | Response | string, kind: typeof InvalidComponentError | typeof LoadError): Promise<void> =>
    assert.rejects(host.startComponent({ id: "x", source }), kind);
  await refused(new TextEncoder().encode("not wasm"), InvalidComponentError);
  await refused(new Response("", { status: 404 }), LoadError);
  await refused("http://127.0.0.1:1/none.wasm", LoadError);
  await assert.rejects(host.startComponent({ id: "a.b", source: await sample("http-hello") }), InvalidArgumentError);
  assert.deepEqual(host.inventory().components, []);
});

test("a start can be given up", async () => {
  await using host = await createHost({ isolation: "inline" });
  const reason = new Error("no more");
  const start = host.startComponent({ id: "x", source: await sample("http-hello"), signal: AbortSignal.abort(reason) });
  await assert.rejects(start, (error) => error instanceof AbortedError && error.cause === reason);
});

test("a component tells what it imports and exports", async () => {
  const { imports, exports, wit, types } = await inspect(await sample("http-counter"));
  assert.ok(imports.some(({ name }) => name === "wasi:keyvalue/store@0.2.0-draft"));
  assert.ok(exports.some(({ name }) => name.startsWith("wasi:http/incoming-handler@0.2")));
  assert.match(wit, /wasi:keyvalue/);
  assert.ok(types.length > 0);
});

test("a host tells what it is and what runs on it", async () => {
  await using host = await hostWith(["http-hello"], { isolation: "inline", name: "n", labels: { zone: "lab" }, lattice: "shop" });
  const inventory = host.inventory();
  assert.equal(inventory.hostId, host.id);
  assert.match(host.id, /^N[A-Z2-7]{55}$/);
  assert.deepEqual([inventory.friendlyName, inventory.lattice, inventory.labels.zone], ["n", "shop", "lab"]);
  assert.deepEqual(inventory.components.map(({ id, isolation }) => [id, isolation]), [["http-hello", "inline"]]);
  assert.deepEqual(inventory.providers.map(({ id }) => id), ["keyvalue", "http-client"]);
  const { tier, isolation, why } = host.capabilities();
  assert.ok(["jspi", "atomics", "none"].includes(tier) && isolation === "inline" && why.length > 0);
});

inBoth("a stopped host takes nothing more, and calls in flight are told", "waiting", async (isolation) => {
  const host = await hostWith(["hostile"], { isolation });
  const waiting = assert.rejects(host.invoke("hostile", "trellis:hostile/mischief", "sleep-forever"), StoppedError);
  await host.stop();
  await waiting;
  await host.stop();
  await assert.rejects(host.invoke("hostile", "trellis:hostile/mischief", "behave"), StoppedError);
  await assert.rejects(start(host, "http-hello"), StoppedError);
  assert.throws(() => host.events(), StoppedError);
});

inBoth("a host that stops lets calls end in time", "waiting", async (isolation) => {
  const host = await hostWith(["hostile"], { isolation });
  const answer = host.invoke("hostile", "trellis:hostile/mischief", "return-after", [50]);
  await host.stop({ deadline: 20_000 });
  assert.ok(Number(await answer) >= 50);
});

test("a signal stops a host", async () => {
  const controller = new AbortController();
  const host = await createHost({ signal: controller.signal });
  controller.abort();
  await assert.rejects(host.fetch("x", "/"), StoppedError);
  await host.stop();
});

test("the version is the package's", async () => {
  assert.equal(VERSION, (JSON.parse(await readText("npm/package.json")) as { version: string }).version);
});
