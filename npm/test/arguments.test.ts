/** Wrong arguments, as programs without types hand them in: refused by the name of the option, before anything is done. */

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  type CallOptions, compile, type ComponentStart, createHost, type Host, type HostOptions, inspect, InvalidArgumentError, type LinkSpec,
} from "trellis-host";

import { hostWith, sample, start } from "./support/hosts.js";

const sink = "trellis:kitchen/sink";

/** Takes for its declared type what is not of it. */
function wrong<T>(value: unknown): T {
  return value as T;
}

/** What was refused was refused by this name. */
async function refused(name: string, work: Promise<unknown>): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(error instanceof InvalidArgumentError, String(error));
    assert.ok(error.message.startsWith(name), `${error.message} begins with ${name}`);
    return true;
  });
}

/** Tries every value of every option. */
async function eachRefused(options: Record<string, unknown[]>, attempt: (options: object) => Promise<unknown>): Promise<void> {
  for (const [name, values] of Object.entries(options)) {
    for (const value of values) await refused(name, attempt({ [name]: value }));
  }
}

const deadline = [NaN, -1, "5", true, 5n];
/** What is no limit; the least of some is 1. */
const limit = [-1, 1.5, NaN, Infinity, "1", true, 1n, 2 ** 53];
const isolation = ["process", "", null, true];

test("options of a host", async () => {
  const options = { isolation, deadline, labels: [{ zone: 1 }, "zone"] };
  await eachRefused(options, (each) => createHost(wrong<HostOptions>(each)));
  const limits = ["maxMemory", "maxInstances", "maxQueue", "maxStreamsInFlight", "maxLogRate"];
  for (const value of [null, 5, "5", []]) await refused("limits: ", createHost(wrong<HostOptions>({ limits: value })));
  for (const name of limits) {
    for (const value of limit) await refused(`limits.${name}: `, createHost(wrong<HostOptions>({ limits: { [name]: value } })));
  }
  await refused(`limits.fuel: a host has no such limit; it has ${limits.join(", ")}`, createHost(wrong<HostOptions>({ limits: { fuel: 1 } })));
  await using host = await createHost({ limits: Object.fromEntries(limits.map((name) => [name, null])), deadline: null });
  assert.deepEqual(Object.values(host.inventory().limits), limits.map(() => null));
});

test("options of a component", async () => {
  await using host = await createHost();
  const options = {
    isolation, deadline,
    maxMemory: [0, ...limit], maxInstances: [0, ...limit], fuel: [0, ...limit],
    maxQueue: limit, maxStreamsInFlight: limit, maxMessageBytes: limit, maxTables: limit, maxLogRate: limit,
    config: ["name", { port: 8080 }, [1], null, 5],
    env: [{ HOME: undefined }, ["HOME"], null],
    args: ["main.wasm", [1], null],
    source: [null, undefined, 5, {}, [0, 97]],
  };
  const source = await sample("kitchen-sink");
  await eachRefused(options, (each) => host.startComponent({ id: "a", source, ...wrong<Partial<ComponentStart>>(each) }));
  await refused('config["port"]: expected a string, as all values are, got 8080', host.config.put("a", wrong({ port: 8080 })));
  assert.equal(await host.config.get("a"), undefined);
  await start(host, "kitchen-sink", { config: { port: "8080" }, env: {}, args: [], maxInstances: 1, deadline: Infinity });
  const lifted = { deadline: null, maxMemory: null, maxInstances: null, maxQueue: null, maxStreamsInFlight: null, maxMessageBytes: null, maxTables: null };
  const trusted = await start(host, "kitchen-sink", { id: "trusted", ...lifted, maxLogRate: null, fuel: null });
  assert.equal(await trusted.invoke(sink, "echo-string", ["x"]), "x");
  assert.deepEqual(host.inventory().components.map(({ id, limits: { maxInstances, deadline } }) => [id, maxInstances, deadline]), [
    ["kitchen-sink", 1, null], ["trusted", null, null],
  ]);
});

test("arguments of a call", async () => {
  await using host = await hostWith(["kitchen-sink"]);
  await refused('args: expected an array, got "x"', host.invoke("kitchen-sink", sink, "echo-string", wrong("x")));
  await refused("args", host.invoke("kitchen-sink", sink, "echo-string", wrong(null)));
  await refused("instance", host.invoke("kitchen-sink", wrong(undefined), "echo-string", ["x"]));
  await refused("params", host.invokeRaw("kitchen-sink", `${sink}@0.1.0`, "echo-string", wrong("x")));
  await refused("func", host.invokeRaw("kitchen-sink", `${sink}@0.1.0`, wrong(undefined), new Uint8Array()));
  const call = (options: object): Promise<unknown> =>
    host.invoke("kitchen-sink", sink, "echo-string", ["x"], wrong<CallOptions>(options));
  await eachRefused({ deadline }, call);
  await eachRefused({ deadline }, (options) => host.stop(options));
  assert.equal(await call({ deadline: 60_000 }), "x");
});

test("requests", async () => {
  await using host = await hostWith(["http-hello"]);
  const refuses = (input: unknown, init?: RequestInit): Promise<void> =>
    refused("no usable request", host.fetch("http-hello", wrong(input), init));
  for (const method of ["", "A B", "GET\r\n", "GÉT"]) await refuses("/", { method });
  for (const url of ["http://", "http://[", undefined, null, 5]) await refuses(url);
  await refuses("/", { headers: { "a b": "c" } });
  await refuses(new Request("http://h/"), { method: "A B" });
  await eachRefused({ deadline }, (options) => host.fetch("http-hello", "/", options));
  assert.equal((await host.fetch("http-hello", "/", { method: "PROPFIND" })).status, 200);
});

test("links", async () => {
  await using host = await createHost();
  const link = (spec: object): Promise<void> => host.link(wrong<LinkSpec>({ source: "a", target: "b", ...spec }));
  for (const spec of [{}, { interface: undefined }, { interface: 5 }, { interface: [5] }, { namespace: "a", package: "b" }]) {
    await refused("interface", link(spec));
  }
  await refused("namespace", link({ interfaces: ["c"] }));
  await refused("config", link({ interface: "a:b/c", config: "name" }));
  await refused("interface", unlinked(host));
});

function unlinked(host: Host): Promise<void> {
  return host.unlink(wrong({ source: "a" }));
}

test("bytes of a component", async () => {
  for (const bytes of [undefined, null, "path.wasm", [0]]) {
    await refused("bytes", inspect(wrong(bytes)));
    await refused("bytes", compile(wrong(bytes)));
  }
});
