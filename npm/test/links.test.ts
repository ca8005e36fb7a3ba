/** Links, providers and configs; several hosts on one bus. */

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  ConflictError, createHost, createMemoryBus, GuestError, GuestTrapError, type Host, InvalidArgumentError, type LatticeEvent,
  MissingLinkError, NotFoundError, type RawCall,
} from "trellis-host";

import { hasJspi, hasSharedMemory, hostWith, inBoth, sample, start, until } from "./support/hosts.js";

const sink = "trellis:kitchen/sink";
const kitchen = { source: "kitchen-sink", interface: "trellis:kitchen/host" };
const counting = { source: "http-counter", target: "keyvalue", interface: ["wasi:keyvalue/store", "wasi:keyvalue/atomics"] };

const add = (host: Host, a: number, b: number): Promise<unknown> => host.invoke("kitchen-sink", sink, "host-add", [a, b]);
const count = async (host: Host, path: string): Promise<string> => (await (await host.fetch("http-counter", path)).text()).trim();

inBoth("a component calls another over a link", "waiting", async (isolation) => {
  await using host = await hostWith(["kitchen-sink", "kitchen-host"], { isolation });
  await host.link({ ...kitchen, target: "kitchen-host" });
  assert.equal(await add(host, 2, 3), 5);
  const person = { id: 1n, name: "a", home: { x: 0, y: 0 }, tags: [], age: 3 };
  assert.deepEqual(await host.invoke("kitchen-sink", sink, "host-rename", [person, "b"]), { ...person, name: "b" });
  assert.equal(await host.invoke("kitchen-sink", sink, "host-divide", [6, 3]), 2);
  await assert.rejects(host.invoke("kitchen-sink", sink, "host-divide", [1, 0]), GuestError);
  await host.unlink(kitchen);
  await assert.rejects(add(host, 1, 1), MissingLinkError);
});

test("a component in a worker calls one inline, and the other way round", { skip: !hasJspi() }, async () => {
  for (const isolation of ["worker", "inline"] as const) {
    await using host = await hostWith(["kitchen-sink"], { isolation });
    await start(host, "kitchen-host", { isolation: isolation === "inline" ? "worker" : "inline" });
    await host.link({ ...kitchen, target: "kitchen-host" });
    assert.equal(await add(host, 2, 3), 5);
  }
});

test("many calls over links at once", async () => {
  await using host = await hostWith(["kitchen-sink", "kitchen-host"]);
  await host.link({ ...kitchen, target: "kitchen-host" });
  const numbers = Array.from({ length: 40 }, (_, index) => index);
  assert.deepEqual(await Promise.all(numbers.map((number) => add(host, number, 1))), numbers.map((number) => number + 1));
});

inBoth("the key-value store in memory serves who is linked to it", "nothing", async (isolation) => {
  await using host = await hostWith([], { isolation });
  await host.link(counting);
  await start(host, "http-counter");
  assert.deepEqual([await count(host, "/a"), await count(host, "/a"), await count(host, "/b")], ["1", "2", "1"]);
  assert.equal(await count(host, "/a?peek"), "2");
  assert.equal((await host.fetch("http-counter", "/a", { method: "DELETE" })).status, 200);
  assert.equal(await count(host, "/a"), "1");
});

inBoth("a link made or removed later is in force at once", "waiting", async (isolation) => {
  await using host = await hostWith(["http-counter"], { isolation });
  const status = async (): Promise<number> => (await host.fetch("http-counter", "/a")).status;
  assert.equal(await status(), 503);
  await host.link(counting);
  assert.equal(await status(), 200);
  await host.unlink(counting);
  assert.equal(await status(), 503);
});

inBoth("JavaScript serves an interface with values", "waiting", async (isolation) => {
  await using host = await hostWith(["kitchen-sink"], { isolation });
  const inspection = host.inspection("kitchen-sink");
  assert.ok(inspection);
  await host.config.put("kitchen", { limit: "9" });
  const seen: unknown[] = [];
  const functions = {
    add: async (a: number, b: number, context: { source: string; link: string; config: object }) => {
      seen.push([context.source, context.link, context.config]);
      return a + b;
    },
    "checked-divide": (a: number, b: number) => {
      if (b === 0) throw new GuestError("by zero");
      return a / b;
    },
    upper: () => 5,
    measure: () => {
      throw new Error("out of order");
    },
  };
  const provider = await host.provide("js", { "trellis:kitchen/host": functions }, inspection);
  await host.link({ ...kitchen, target: "js", config: ["kitchen"] });
  assert.equal(await add(host, 20, 3), 23);
  assert.deepEqual(seen, [["kitchen-sink", "default", { limit: "9" }]]);
  assert.equal(await host.invoke("kitchen-sink", sink, "host-divide", [6, 3]), 2);
  await assert.rejects(host.invoke("kitchen-sink", sink, "host-divide", [6, 0]), (error) => error instanceof GuestError && error.payload === "by zero");
  // An answer of the wrong type, and a provider that fails, are failures of the call; so is a function that is not there.
  await assert.rejects(host.invoke("kitchen-sink", sink, "host-upper", ["a"]), /result: expected a string, got 5/);
  await assert.rejects(host.invoke("kitchen-sink", sink, "host-measure", [[]]), /out of order/);
  await assert.rejects(host.invoke("kitchen-sink", sink, "host-rename", [{ id: 1n, name: "", home: { x: 0, y: 0 }, tags: [] }, ""]), NotFoundError);
  await provider[Symbol.asyncDispose]();
  await assert.rejects(add(host, 1, 1), NotFoundError);
  await assert.rejects(host.provide("x", { "trellis:kitchen/host": { multiply: () => 1 } }, inspection), InvalidArgumentError);
});

inBoth("JavaScript serves an interface with bytes", "waiting", async (isolation) => {
  await using host = await hostWith(["kitchen-sink"], { isolation });
  const shared = Uint8Array.of(3, 72, 69, 89);
  const upper = ({ params, source, signal }: RawCall): Uint8Array => {
    assert.deepEqual([[...params], source, signal?.aborted], [[3, 104, 101, 121], "kitchen-sink", false]);
    return shared;
  };
  await host.provide("raw", { "trellis:kitchen/host@0.1.0": { upper, note: () => new Uint8Array() } });
  await host.link({ ...kitchen, target: "raw" });
  assert.equal(await host.invoke("kitchen-sink", sink, "host-upper", ["hey"]), "HEY");
  assert.equal(await host.invoke("kitchen-sink", sink, "host-upper", ["hey"]), "HEY");
  assert.equal(shared.length, 4);
});

test("a provider learns that nobody waits for it any more", async () => {
  await using host = await hostWith(["kitchen-sink"]);
  const gone = new Promise<void>((resolve) => {
    void host.provide("slow", {
      "trellis:kitchen/host": {
        add: ({ signal }) => new Promise<Uint8Array>(() => signal?.addEventListener("abort", () => resolve())),
      },
    });
  });
  await host.link({ ...kitchen, target: "slow" });
  await assert.rejects(host.invoke("kitchen-sink", sink, "host-add", [1, 2], { deadline: 200 }), { code: "timeout" });
  await gone;
});

test("links that cannot be are refused", async () => {
  await using host = await createHost({ isolation: "inline" });
  await host.link({ source: "a", target: "b", interface: "x:y/z" });
  await host.link({ source: "a", target: "b", namespace: "x", package: "y", interfaces: ["z", "w"] });
  await assert.rejects(host.link({ source: "a", target: "c", interface: "x:y/z" }), ConflictError);
  await host.link({ source: "a", target: "c", name: "other", interface: "x:y/z" });
  await assert.rejects(host.link({ source: "a", target: "b", interface: "z" }), InvalidArgumentError);
  await assert.rejects(host.link({ source: "a", target: "b", interface: [] }), InvalidArgumentError);
  await assert.rejects(host.link({ source: "a", target: "b", interface: ["x:y/z", "x:v/z"] }), InvalidArgumentError);
  await assert.rejects(host.link({ source: "a.b", target: "b", interface: "x:y/z" }), InvalidArgumentError);
  await assert.rejects(host.link({ source: "a", target: "b", interface: "x:y/z", config: ["nowhere"] }), NotFoundError);
  await assert.rejects(host.provide("keyvalue", {}), ConflictError);
});

test("hosts on one bus see each other's links, configs and events", async () => {
  await using bus = await createMemoryBus();
  await using one = await createHost({ bus, isolation: "inline", lattice: "shared" });
  await using two = await createHost({ bus, isolation: "inline", lattice: "shared" });
  await using elsewhere = await createHost({ bus, isolation: "inline", lattice: "other" });
  const heard: string[] = [];
  await using events = two.events();
  events.addEventListener("linkdef_set", (event) => heard.push((event as CustomEvent<LatticeEvent>).detail.source));
  const next = events[Symbol.asyncIterator]();
  await elsewhere.link(counting);
  await start(two, "http-counter");
  await one.link(counting);
  assert.deepEqual(await names(next, 2), ["component_scaled", "linkdef_set"]);
  assert.deepEqual(heard, [one.id]);
  // The store of `two` answers: `one` has no part in the call. The link reaches it with a watch, which is no event.
  await until(async () => (await two.fetch("http-counter", "/")).status === 200);
  await one.config.put("c", { a: "1" });
  assert.deepEqual(await names(next, 1), ["config_set"]);
  assert.deepEqual(await two.config.get("c"), { a: "1" });
  assert.equal(await elsewhere.config.get("c"), undefined);
});

test("simultaneous links of one source from two hosts are all kept", async () => {
  await using bus = await createMemoryBus();
  await using one = await createHost({ bus, isolation: "inline" });
  await using two = await createHost({ bus, isolation: "inline" });
  const targets = Array.from({ length: 8 }, (_, index) => `t${index}`);
  await Promise.all(targets.map((target, index) => (index % 2 ? one : two).link({ source: "s", target, interface: `a:b/i${index}` })));
  const bucket = await bus.bucket("LATTICEDATA_default");
  const entry = await bucket.get("COMPONENT_s");
  const spec = JSON.parse(new TextDecoder().decode(entry?.value)) as { links: { target: string }[] };
  assert.deepEqual(spec.links.map((link) => link.target).sort(), targets);
});

test("a guest reaches by HTTP only what the host allows", { skip: !hasJspi() && !hasSharedMemory() }, async () => {
  const client = { source: "http-echo", target: "http-client", interface: "wasi:http/outgoing-handler" };
  const platform = globalThis.fetch;
  const asked: string[] = [];
  const afar = async (input: RequestInfo | URL): Promise<Response> => (asked.push(input instanceof Request ? input.url : input.toString()), new Response("from afar"));
  try {
    for (const allow of [["http://a.test"], true, ["http://b.test"], []] as const) {
      await using host = await createHost({ http: { allow } });
      await host.startComponent({ id: "http-echo", source: await sample("http-echo") });
      await host.link(client);
      globalThis.fetch = afar;
      const response = await host.fetch("http-echo", `/fetch?url=${encodeURIComponent("http://a.test/x?y")}`);
      globalThis.fetch = platform;
      const allowed = allow === true || allow[0] === "http://a.test";
      const told = /from afar|denied/i.exec(await response.text())?.[0].toLowerCase();
      assert.deepEqual([response.status, told], allowed ? [200, "from afar"] : [502, "denied"]);
    }
  } finally {
    globalThis.fetch = platform;
  }
  assert.deepEqual(asked, ["http://a.test/x?y", "http://a.test/x?y"]);
});

test("a provider that fails unforeseen traps the guest", { skip: !hasJspi() }, async () => {
  await using host = await hostWith(["kitchen-sink"]);
  await host.provide("bad", { "trellis:kitchen/host": { add: () => Uint8Array.of(0xff) } });
  await host.link({ ...kitchen, target: "bad" });
  await assert.rejects(add(host, 1, 2), (error) => error instanceof GuestTrapError || (error as { code: string }).code === "decode");
});

async function names(events: AsyncIterator<LatticeEvent>, count: number): Promise<string[]> {
  const all: string[] = [];
  while (all.length < count) {
    const next = await events.next();
    if (next.done) break;
    all.push(next.value.name);
  }
  return all;
}
