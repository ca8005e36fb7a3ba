/** The commands that ask the hosts of a lattice, as processes against a real server and a host. */

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";

import { type Bus, createHost, type Host } from "trellis-host";
import { natsBus } from "trellis-host/nats";

import { type NatsServer, startNatsServer } from "../../scripts/lib/nats-server.mjs";
import { type Ended, endAll, projectFile, run, Running, startUp } from "./support/cli.js";
import { sample, start } from "./support/hosts.js";
import { freshLattice } from "./support/lattice.js";
import { startRegistry, type TestRegistry } from "./support/registry.js";
import { ISSUER, sign, SUBJECT } from "./support/signed.js";

const hello = projectFile("examples/dist/http-hello.wasm");
const echo = projectFile("examples/dist/http-echo.wasm");
const sink = projectFile("examples/dist/kitchen-sink.wasm");

let folder: string;
let server: NatsServer;
let registry: TestRegistry;
let bus: Bus;
let up: Running;
let id: string;
let there: string[];
let lattice: string;

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "trellis-cli-"));
  server = await startNatsServer();
  registry = await startRegistry(await sample("http-hello"));
  bus = await natsBus({ servers: server.url });
  lattice = freshLattice();
  there = ["--nats", server.url, "-x", lattice];
  ({ up, id } = await startUp([...there, "-l", "zone=lab", "--allow-file-load", "--allowed-insecure", new URL(registry.origin).host], { XDG_CACHE_HOME: "/nonexistent" }));
});
after(async () => {
  const { code } = await up.end();
  endAll();
  await bus.close();
  await Promise.all([server.stop(), registry.close(), rm(folder, { recursive: true })]);
  assert.equal(code, 0);
});

/** A command in the lattice of this file. Options may stand anywhere before `--`. */
const trellis = (first: string, second: string, ...args: string[]): Promise<Ended> => run([first, second, ...there, ...args]);

/** The same, with its JSON. */
async function json(first: string, second: string, ...args: string[]): Promise<Record<string, unknown>> {
  const { code, out, err } = await trellis(first, second, ...args, "-o", "json");
  assert.deepEqual([code, err], [0, ""]);
  return JSON.parse(out) as Record<string, unknown>;
}

/** What runs on the host. */
async function components(): Promise<{ id: string; image_ref: string; max_instances: number }[]> {
  const { inventories } = await json("get", "inventory", id.slice(0, 8)) as { inventories: { components: { id: string; image_ref: string; max_instances: number }[] }[] };
  return inventories[0]?.components ?? [];
}

test("get hosts lists them, for people and as JSON", async () => {
  const { code, out } = await trellis("get", "hosts");
  assert.equal(code, 0);
  assert.match(out, new RegExp(`^ID +NAME +VERSION +UPTIME +LABELS\n${id}  \\S+ +0\\.1\\.0 .*zone=lab`));
  const { hosts } = await json("get", "hosts") as { hosts: { id: string }[] };
  assert.deepEqual(hosts.map((host) => host.id), [id]);
  const nobody = await run(["get", "hosts", "--nats", server.url, "-x", "elsewhere"]);
  assert.deepEqual([nobody.code, nobody.out], [0, "No host has answered.\n"]);
});

test("a component is started from a file, scaled, updated, called and stopped", async () => {
  const started = await json("start", "component", hello, "hello", "--constraint", "zone=lab", "--count", "2", "--annotation", "a=b");
  assert.deepEqual([started["id"], started["host"], String(started["reference"]).startsWith("file:///")], ["hello", id, true]);
  assert.deepEqual((await components()).map(({ id: each, max_instances: count }) => [each, count]), [["hello", 2]]);
  const greeting = await trellis("call", "hello", "wasi:http/incoming-handler.handle", "/where");
  assert.match(greeting.out, /^HTTP 200\ncontent-type: text\/plain\n\nHello from Trellis!\nYou asked for \/where\.\n/);
  assert.match((await trellis("scale", "component", "hello", "7")).out, /^hello may have 7 instances on N/);
  await json("update", "component", "hello", echo);
  const [updated] = await components();
  assert.deepEqual([updated?.max_instances, updated?.image_ref.endsWith("/http-echo.wasm")], [7, true]);
  const posted = await json("call", "hello", "wasi:http/incoming-handler.handle", "/echo", JSON.stringify({ method: "POST", body: "ping" }));
  assert.deepEqual([posted["status"], posted["body"]], [200, "ping"]);
  assert.match((await trellis("update", "component", "hello", echo)).out, /^hello runs file:.* already\.\n$/);
  const again = await trellis("start", "component", hello, "hello", "--host", id);
  assert.deepEqual([again.code, again.err.startsWith("warning: Requested to scale existing component to a different image reference")], [0, true]);
  await json("stop", "component", "hello");
  assert.deepEqual(await components(), []);
});

test("a component comes from a registry; what goes wrong there is told, and is an exit code", async () => {
  const { host } = new URL(registry.origin);
  await json("start", "component", `${host}/bearer/hello:1.0`, "pulled");
  await json("stop", "component", "pulled");
  const missing = await trellis("start", "component", `${host}/nothing/hello:1.0`, "missing");
  assert.deepEqual([missing.code, missing.out], [1, ""]);
  assert.match(missing.err, /^error: .*manifest unknown/);
  const latest = await trellis("start", "component", `${host}/bearer/hello:latest`, "latest", "-o", "json");
  const { error } = JSON.parse(latest.err) as { error: { code: string; message: string } };
  assert.deepEqual([latest.code, error.code, error.message.includes('\'latest\' is currently prohibited')], [1, "refused", true]);
  const nowhere = await trellis("start", "component", hello, "hello", "--constraint", "zone=moon", "--timeout-ms", "300");
  assert.deepEqual([nowhere.code, /no host of the lattice .* with zone=moon offers to run hello/.test(nowhere.err)], [1, true]);
});

test("call knows the types of a component by its reference, or by --component", async () => {
  await json("start", "component", sink, "sink");
  const call = (func: string, ...args: string[]): Promise<Ended> => trellis("call", "sink", `trellis:kitchen/sink.${func}`, "-o", "json", "--", ...args);
  const echoed: [func: string, arg: string, result: unknown][] = [
    ["echo-s8", "-5", -5],
    ["echo-u64", "18446744073709551615", "18446744073709551615"],
    ["echo-f64", '"-Infinity"', "-Infinity"],
    ["echo-string", "no quotes", "no quotes"],
    ["echo-bytes", "[1, 2]", [1, 2]],
    ["echo-nested-option", '{"tag": "some", "val": null}', { tag: "some", val: null }],
  ];
  for (const [func, arg, result] of echoed) {
    const { code, out, err } = await call(func, arg);
    assert.deepEqual([func, code, err, code === 0 && (JSON.parse(out) as { result: unknown }).result], [func, 0, "", result]);
  }
  const named = await trellis("call", "sink", "trellis:kitchen/sink@0.1.0.echo-u8", "7", "--component", sink);
  assert.deepEqual([named.code, named.out], [0, "7\n"]);
  const wrong = await call("echo-u8", "300");
  assert.deepEqual([wrong.code, wrong.err.includes('args[0]: expected a u8, got 300. The function is echo-u8: func(v: u8) -> u8')], [2, true]);
  const unknown = await call("echo-you");
  assert.deepEqual([unknown.code, unknown.err.includes('has no function echo-you; it has')], [1, true]);
  await json("stop", "component", "sink");
});

test("an error of the guest is a failure with its payload, and so is a call that nobody serves", async () => {
  const host: Host = await createHost({ lattice, bus });
  await start(host, "kitchen-host", { id: "khost" });
  const call = (target: string, ...args: string[]): Promise<Ended> =>
    trellis("call", target, "trellis:kitchen/host.checked-divide", "--component", projectFile("examples/dist/kitchen-host.wasm"), ...args);
  assert.equal((await call("khost", "7", "2")).out, "3\n");
  const failed = await call("khost", "7", "0", "-o", "json");
  const { error } = JSON.parse(failed.err) as { error: { code: string; payload: unknown } };
  assert.deepEqual([failed.code, failed.out, error.code, typeof error.payload], [1, "", "guest-error", "string"]);
  // Its reference is none that others could pull.
  const untyped = await trellis("call", "khost", "trellis:kitchen/host.add", "1", "2");
  assert.deepEqual([untyped.code, /the types of khost are not known.*--component/.test(untyped.err)], [1, true]);
  await host.stop();
  assert.equal((await call("khost", "7", "2")).code, 1);
});

test("links are put, listed and removed", async () => {
  await json("link", "put", "shop", "keyvalue", "wasi:keyvalue/store,atomics@0.2.0-draft", "--name", "other");
  const { links } = await json("get", "links") as { links: object[] };
  const link = { source_id: "shop", target: "keyvalue", name: "other", wit_namespace: "wasi", wit_package: "keyvalue", interfaces: ["store", "atomics"] };
  assert.deepEqual(links, [{ ...link, source_config: [], target_config: [] }]);
  assert.match((await trellis("get", "links")).out, /^SOURCE +TARGET +INTERFACES +NAME +CONFIGS\nshop +keyvalue +wasi:keyvalue\/store,atomics +other\n/);
  const conflict = await trellis("link", "put", "shop", "elsewhere", "wasi:keyvalue/store", "--name", "other");
  assert.deepEqual([conflict.code, conflict.err.startsWith("error: link already exists with different target")], [1, true]);
  const missing = await trellis("link", "put", "shop", "keyvalue", "wasi:blobstore/container", "--target-config", "none");
  assert.match(missing.err, /^error: .*Configuration none not found/);
  await json("link", "del", "shop", "wasi:keyvalue", "--name", "other");
  assert.deepEqual((await json("get", "links"))["links"], []);
});

test("configs are put, shown and removed", async () => {
  await json("config", "put", "shop", "limit=9", "url=a=b");
  assert.deepEqual(await json("config", "get", "shop"), { name: "shop", config: { limit: "9", url: "a=b" } });
  assert.equal((await trellis("get", "config", "shop")).out, "KEY    VALUE\nlimit  9\nurl    a=b\n");
  await json("config", "del", "shop");
  const gone = await trellis("config", "get", "shop");
  assert.deepEqual([gone.code, gone.err], [1, "error: there is no config shop\n"]);
});

test("claims of what is signed are listed, and none are none", async () => {
  assert.deepEqual(await json("get", "claims"), { claims: [] });
  assert.equal((await trellis("get", "claims")).out, "Nothing in the lattice is signed.\n");
  const file = path.join(folder, "signed.wasm");
  await writeFile(file, (await sign(await sample("http-hello"))).bytes);
  await json("start", "component", file, "signed");
  assert.match((await trellis("get", "claims")).out, new RegExp(`\\n${SUBJECT}  ${ISSUER}  Shop  1\\.2\\.3    7\\n$`));
  await json("stop", "component", "signed");
});

test("inspect verifies a signature", async () => {
  const [good, bad] = [path.join(folder, "good.wasm"), path.join(folder, "bad.wasm")];
  await writeFile(good, (await sign(await sample("http-hello"))).bytes);
  await writeFile(bad, (await sign(await sample("http-hello"), await sample("http-echo"))).bytes);
  assert.match((await run(["inspect", good])).out, new RegExp(`\\nsignature +Shop, by ${ISSUER}\\n`));
  assert.match((await run(["inspect", bad])).out, /\nsignature +not valid: /);
  const { signature } = JSON.parse((await run(["inspect", good, "-o", "json"])).out) as { signature: Record<string, unknown> };
  assert.deepEqual([signature["valid"], signature["publicKey"], signature["revision"]], [true, SUBJECT, 7]);
});

test("spy sees calls, decoded, also those that fail", async () => {
  await json("start", "component", sink, "spied");
  const spies = [new Running(["spy", "spied", ...there]), new Running(["spy", "spied", ...there, "-o", "json"])] as const;
  await Promise.all(spies.map((spy) => spy.wrote("err", /Watching spied/)));
  const call = (func: string, ...args: string[]): Promise<Ended> => trellis("call", "spied", `trellis:kitchen/sink.${func}`, "--", ...args);
  const person = '{"id":"9007199254740993","name":"Ann","home":{"x":1,"y":-2},"tags":["a"],"age":null}';
  assert.equal((await call("spilled", "1", "two", "[3]", "4", person, "6.5", "7")).code, 0);
  assert.equal((await call("host-add", "1", "2")).code, 1);
  await Promise.all(spies.map((spy) => spy.wrote("out", /host-add.*\n/)));
  const [text, lines] = await Promise.all(spies.map((spy) => spy.end("SIGINT")));
  assert.deepEqual([text?.code, lines?.code], [0, 0]);
  assert.match(text?.out ?? "", /trellis-host → trellis:kitchen\/sink@0\.1\.0\.host-add\(1, 2\) ! it has failed/);
  const [spilled, added] = (lines?.out ?? "").trimEnd().split("\n").map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual([spilled?.["function"], (spilled?.["params"] as unknown[]).slice(0, 4)], ["trellis:kitchen/sink@0.1.0.spilled", [1, "two", [3], 4]]);
  assert.deepEqual(spilled?.["result"], spilled?.["params"]);
  assert.deepEqual([added?.["source"], added?.["params"], added?.["error"]], ["trellis-host", [1, 2], "it has failed"]);
  await json("stop", "component", "spied");
});

test("a component that several hosts run has to be told apart by its host", async () => {
  const host = await createHost({ lattice, bus, artifacts: { allowFileLoad: true } });
  for (const each of [id, host.id]) await json("start", "component", hello, "twice", "--host", each);
  const both = await trellis("stop", "component", "twice");
  assert.deepEqual([both.code, /^error: twice runs on N.* and N.*: name one by --host\n$/.test(both.err)], [2, true]);
  await json("stop", "component", "twice", "--host", host.id);
  await json("stop", "component", "twice");
  await host.stop();
});

test("who does not answer is waited for as long as it is said", async () => {
  const silent = bus.subscribe("wasmbus.ctl.v1.silent.link.get", { callback: () => undefined });
  await bus.flush();
  const { code, err } = await run(["get", "links", "--nats", server.url, "-x", "silent", "--timeout-ms", "50"]);
  assert.deepEqual([code, /^error: .*no answer within 50 ms\n$/.test(err)], [4, true]);
  silent.close();
  const nobody = await run(["get", "links", "--nats", server.url, "-x", "empty"]);
  assert.deepEqual([nobody.code, nobody.err.startsWith("error: no host of the lattice empty answers link.get")], [1, true]);
});
