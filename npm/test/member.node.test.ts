/** A member of a lattice through what happens to servers: crashes, empty buckets, no JetStream. And what it leaves behind. */

import assert from "node:assert/strict";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import { createArtifactStore, createHost, createMemoryBus, NotFoundError } from "trellis-host";
import { natsBus } from "trellis-host/nats";

import { startNatsServer } from "../../scripts/lib/nats-server.mjs";
import { encodeRequest } from "../src/http/message.js";
import { start, until } from "./support/hosts.js";
import { Client, freshLattice, httpOver } from "./support/lattice.js";
import { Proxy } from "./support/proxy.js";

const reconnect = { minDelay: 20, maxDelay: 100 };
const link = {
  source_id: "shop", target: "keyvalue", name: "default", wit_namespace: "wasi", wit_package: "keyvalue", interfaces: ["store"],
};

test("a host outlives a crash of its server: it is there again, with its components, and reads links anew", async () => {
  const server = await startNatsServer();
  const lattice = freshLattice();
  // It may be back before the client is.
  const host = await createHost({ lattice, nats: { servers: server.url, reconnect }, member: { heartbeat: 1000 } });
  await start(host, "http-hello");
  await host.link({ source: "shop", interface: "wasi:keyvalue/store", target: "keyvalue" });
  await server.kill();
  await server.start();
  const bus = await natsBus({ servers: server.url });
  const client = new Client(bus, lattice);
  const heartbeat = await client.event("host_heartbeat");
  assert.equal(heartbeat["host_id"], host.id);
  assert.deepEqual((heartbeat["components"] as { id: string }[]).map((each) => each.id), ["http-hello"]);
  assert.match(await httpOver(bus, lattice, "http-hello", "/"), /Hello/i);
  // It answers for the lattice as soon as it has read its buckets again.
  let links: unknown;
  await until(async () => {
    const answer = await client.ask("link.get").catch(() => undefined);
    links = answer?.response;
    return answer !== undefined;
  });
  assert.deepEqual(links, [{ ...link, source_config: [], target_config: [] }]);
  await host.link({ source: "shop", interface: "wasi:http/outgoing-handler", target: "http-client" });
  await host.stop();
  client.close();
  await bus.close();
  await server.stop();
});

test("a host that stops leaves no subscription, and closes the connection that it has opened", async () => {
  const server = await startNatsServer({ config: "http: 127.0.0.1:-1" });
  const monitor = /Starting http monitor on (\S+)/.exec(server.log)?.[1];
  const connections = async (): Promise<{ subscriptions_list?: string[] }[]> =>
    ((await (await fetch(`http://${monitor}/connz?subs=1`)).json()) as { connections: { subscriptions_list?: string[] }[] }).connections;
  const bus = await natsBus({ servers: server.url });
  await bus.request("nobody.listens", new Uint8Array()).catch(() => undefined);
  const [before] = await connections();
  const host = await createHost({ lattice: freshLattice(), bus });
  await start(host, "http-hello");
  await bus.flush();
  const [during] = await connections();
  assert.ok(during?.subscriptions_list?.some((subject) => subject.endsWith("wrpc:http/incoming-handler@0.1.0.handle")));
  await host.stop();
  await until(async () => (await connections())[0]?.subscriptions_list?.length === before?.subscriptions_list?.length);
  assert.deepEqual((await connections())[0]?.subscriptions_list?.sort(), before?.subscriptions_list?.sort());
  const own = await createHost({ lattice: freshLattice(), nats: { servers: server.url } });
  assert.equal((await connections()).length, 2);
  await own.stop();
  await until(async () => (await connections()).length === 1);
  await bus.close();
  await server.stop();
});

test("a host that is there can be asked, however far away its server is", async () => {
  const server = await startNatsServer();
  const proxy = await Proxy.start(server.port);
  proxy.delay = 30;
  const bus = await natsBus({ servers: server.url });
  const lattice = freshLattice();
  const client = new Client(bus, lattice);
  const host = await createHost({ lattice, nats: { servers: `nats://127.0.0.1:${proxy.port}` } });
  for (const subject of ["link.get", `host.get.${host.id}`]) assert.equal((await client.ask(subject)).success, true);
  await host.stop();
  client.close();
  await bus.close();
  await proxy.stop();
  await server.stop();
});

test("a host whose server is away can be stopped, and what it cannot do is told", async () => {
  const server = await startNatsServer();
  const bus = await natsBus({ servers: server.url, reconnect });
  const host = await createHost({ lattice: freshLattice(), bus });
  const own = await createHost({ lattice: freshLattice(), nats: { servers: server.url, reconnect } });
  await start(host, "http-hello");
  const offline = new Promise<void>((resolve) => void bus.onConnection({ online: () => undefined, offline: () => resolve() }));
  await server.kill();
  await offline;
  await assert.rejects(host.link({ source: "shop", interface: "wasi:keyvalue/store", target: "keyvalue" }), /not connected/);
  assert.match(await (await host.fetch("http-hello", "/")).text(), /Hello/i);
  await Promise.all([host.stop(), own.stop()]);
  await bus.close();
  await server.stop();
});

test("without JetStream a host runs what it is told to, and answers for itself only", async () => {
  const server = await startNatsServer({ jetStream: false });
  const lattice = freshLattice();
  const bus = await natsBus({ servers: server.url });
  const client = new Client(bus, lattice);
  const host = await createHost({ lattice, bus });
  await start(host, "http-hello");
  assert.match(await httpOver(bus, lattice, "http-hello", "/"), /Hello/i);
  const inventory = await client.ask(`host.get.${host.id}`);
  assert.deepEqual((inventory.response as { components: { id: string }[] }).components.map((each) => each.id), ["http-hello"]);
  await assert.rejects(client.ask("link.get"), NotFoundError);
  await host.stop();
  client.close();
  await bus.close();
  await server.stop();
});

test("a bus in memory can carry a lattice, too", async () => {
  const bus = await createMemoryBus();
  const lattice = freshLattice();
  const client = new Client(bus, lattice);
  const host = await createHost({ lattice, bus, member: true });
  await start(host, "http-hello", { config: { color: "blue" } });
  assert.match(await httpOver(bus, lattice, "http-hello", "/"), /Hello/i);
  assert.equal((await client.ask(`host.get.${host.id}`)).success, true);
  await host.config.put("shop", { limit: "9" });
  await host.config.delete("shop");
  assert.equal(await host.config.get("shop"), undefined);
  await host.stop();
  await bus.close();
});

test("many calls at once, and a call that is given up, leave nothing behind", async () => {
  const server = await startNatsServer();
  const lattice = freshLattice();
  const bus = await natsBus({ servers: server.url });
  const host = await createHost({ lattice, bus });
  await start(host, "http-hello");
  const texts = await Promise.all(Array.from({ length: 64 }, () => httpOver(bus, lattice, "http-hello", "/")));
  assert.ok(texts.every((text) => /Hello/i.test(text)));
  assert.deepEqual([host.metrics().calls.begun, host.metrics().calls.inFlight, host.metrics().streams.open], [64, 0, 0]);
  await host.stop();
  await bus.close();
  await server.stop();
});

test("an update that fails leaves the old code its configs, also when it is deployed anew afterwards", async () => {
  const server = await startNatsServer();
  const folder = await mkdtemp(path.join(tmpdir(), "trellis-"));
  const file = async (from: string, name = path.basename(from)): Promise<string> => {
    await copyFile(from, path.join(folder, name));
    return pathToFileURL(path.join(folder, name)).href;
  };
  const lattice = freshLattice();
  const host = await createHost({
    lattice, nats: { servers: server.url, reconnect }, artifacts: createArtifactStore({ cache: false, allowFileLoad: true }), onOutput: () => undefined,
  });
  const bus = await natsBus({ servers: server.url });
  const client = new Client(bus, lattice);
  for (const color of ["red", "blue"]) await host.config.put(color, { color });
  const scale = async (reference: string, config: string): Promise<void> => {
    const command = { component_ref: reference, component_id: "tour", count: 1, config: [config], allow_update: true };
    assert.equal((await client.ask(`component.scale.${host.id}`, command)).success, true);
  };
  const color = (): Promise<unknown> => host.invoke("tour", "trellis:tour/tour", "config-get", ["color"]);
  await scale(await file("examples/dist/wasi-tour.wasm"), "red");
  await client.event("component_scaled");
  assert.equal(await color(), "red");
  await scale(await file("npm/dist-test/engine/unservable.wasm"), "blue");
  await client.event("component_scale_failed");
  // Where its links change, a component is looked at anew.
  await host.link({ source: "tour", interface: "wasi:keyvalue/store", target: "keyvalue" });
  assert.equal(await color(), "red");
  await scale(await file("examples/dist/wasi-tour.wasm", "newer.wasm"), "blue");
  await client.event("component_scaled");
  assert.equal(await color(), "blue");
  await host.stop();
  client.close();
  await bus.close();
  await server.stop();
  await rm(folder, { recursive: true });
});

test("a host that stops waits for the parameters of calls that it has taken, and refuses those that do not come in time", async () => {
  const server = await startNatsServer();
  const bus = await natsBus({ servers: server.url });
  const { params } = encodeRequest({ method: "GET", url: new URL("http://localhost/"), headers: new Headers(), body: undefined });
  const lattice = freshLattice();
  const host = await createHost({ lattice, nats: { servers: server.url, reconnect } });
  /** Begins a call, and gives what ends it: the rest of its parameters. */
  const begin = async (inbox: string): Promise<{ end: () => void; heard: Promise<number> }> => {
    const results = bus.subscribe(`${inbox}.results`, { max: 1 })[Symbol.asyncIterator]();
    const to = `${lattice}.http-hello.wrpc.0.0.1.wrpc:http/incoming-handler@0.1.0.handle`;
    const taken = bus.subscribe(inbox, { max: 1 })[Symbol.asyncIterator]();
    bus.publish(to, params.subarray(0, 9), { reply: inbox });
    const { value } = await taken.next() as { value: { reply?: string } };
    return {
      end: () => {
        bus.publish(`${value.reply}.params`, params.subarray(9));
        bus.publish(`${value.reply}.params`, new Uint8Array());
      },
      heard: results.next().then(({ value: first }) => (first as { payload: Uint8Array }).payload.length),
    };
  };
  await start(host, "http-hello");
  // Others hear a little later than the host that it can be called.
  await until(() => httpOver(bus, lattice, "http-hello", "/").then(() => true, () => false));
  const [whole, half] = [await begin("_INBOX.whole"), await begin("_INBOX.half")];
  const stopped = host.stop({ deadline: 2000 });
  await until(() => httpOver(bus, lattice, "http-hello", "/").then(() => false, (error: unknown) => error instanceof NotFoundError));
  whole.end();
  assert.ok(await whole.heard > 0);
  // An answer without content is the end of one that failed.
  assert.equal(await half.heard, 0);
  await stopped;
  await bus.close();
  await server.stop();
});
