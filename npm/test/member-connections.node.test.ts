/**
 * Hosts with a connection for control and one for calls, each to a server of its own that knows nothing of the other: what
 * goes by the wrong one reaches nobody.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { createHost, createMemoryBus, type Host, type HostOptions, NotFoundError } from "trellis-host";
import { natsBus, type NatsBus, type NatsOptions } from "trellis-host/nats";

import { startNatsServer, type NatsServer } from "../../scripts/lib/nats-server.mjs";
import { text } from "./compliance/support.js";
import { sample, start, until } from "./support/hosts.js";
import { noUnhandledRejections } from "./support/leftovers.js";
import { Client, freshLattice, httpOver } from "./support/lattice.js";
import { Caller, quick } from "./support/members.js";
import { Proxy } from "./support/proxy.js";
import { Statuses } from "./support/statuses.js";

noUnhandledRejections();

/** A server, what is between it and the hosts, and a connection of somebody else. */
interface Side {
  server: NatsServer;
  proxy: Proxy;
  bus: NatsBus;
  /** Hears of the connections of hosts. */
  statuses: Statuses;
  /** How a host connects. */
  nats: NatsOptions;
}

/** What a test has to itself. */
interface Scene {
  ctl: Side;
  rpc: Side;
  lattice: string;
  client: Client;
  caller: Caller;
  /** What hosts were warned of. */
  warnings: string[];
  /** A host with two connections of its own; it is stopped at the end. */
  join: (options?: HostOptions) => Promise<Host>;
}

async function sideOf(options: Parameters<typeof startNatsServer>[0]): Promise<Side> {
  const server = await startNatsServer(options);
  const proxy = await Proxy.start(server.port);
  const statuses = new Statuses();
  const bus = await natsBus({ ...quick, servers: server.url });
  return { server, proxy, bus, statuses, nats: { ...quick, servers: `nats://127.0.0.1:${proxy.port}`, onStatus: statuses.hear } };
}

/** Declares a test. Only the server for control has buckets. */
function connectionsTest(name: string, body: (scene: Scene) => Promise<void>): void {
  test(name, { timeout: 60_000 }, async () => {
    const [ctl, rpc] = await Promise.all([sideOf({}), sideOf({ jetStream: false })]);
    const lattice = freshLattice();
    const client = new Client(ctl.bus, lattice);
    const caller = await Caller.on(rpc.bus, lattice);
    const warnings: string[] = [];
    const hosts: Host[] = [];
    const join = async (options: HostOptions = {}): Promise<Host> => {
      const host = await createHost({
        lattice, nats: ctl.nats, rpcNats: rpc.nats, onOutput: () => undefined, onWarning: (text) => warnings.push(text), ...options,
      });
      hosts.push(host);
      return host;
    };
    try {
      await body({ ctl, rpc, lattice, client, caller, warnings, join });
    } finally {
      await Promise.all(hosts.map((host) => host.stop()));
      client.close();
      caller.close();
      for (const { server, proxy, bus } of [ctl, rpc]) {
        await bus.close();
        await proxy.stop();
        await server.stop();
      }
    }
  });
}

/** Breaks the connections of hosts, and lets no other through. Resolves when one of them knows. */
async function lose({ proxy, statuses }: Side): Promise<void> {
  proxy.mode = "refuse";
  proxy.cut();
  await statuses.next("disconnected");
}

/** Lets them connect again. Resolves when one of them has. */
async function regain({ proxy, statuses }: Side): Promise<void> {
  proxy.mode = "pass";
  await statuses.next("connected");
}

connectionsTest("calls go by the one, all else by the other", async ({ ctl, rpc, lattice, client, caller, join }) => {
  const told: string[] = [];
  rpc.bus.subscribe(`wasmbus.rpc.${lattice}.>`, { callback: ({ subject }) => void told.push(subject) });
  const heard: string[] = [];
  const [one, other] = [await join({ onEvent: ({ name }) => heard.push(name) }), await join()];
  await start(one, "http-hello");
  await client.event("component_scaled");
  await assert.rejects(one.fetch("http-hello", "/", { deadline: 0 }));
  await client.event("limit_reached");
  await until(() => ["component_scaled", "limit_reached"].every((name) => heard.includes(name)));
  assert.match(await caller.ask("http-hello"), /Hello/);
  await assert.rejects(httpOver(ctl.bus, lattice, "http-hello", "/"), NotFoundError);

  // From guest to guest, over the network.
  await start(one, "kitchen-sink");
  await start(other, "kitchen-host");
  await one.link({ source: "kitchen-sink", interface: "trellis:kitchen/host", target: "kitchen-host" });
  await client.event("linkdef_set");
  assert.equal(await one.invoke("kitchen-sink", "trellis:kitchen/sink", "host-add", [1, 2]), 3);
  await until(() => told.length >= 2);
  assert.deepEqual(told.sort(), ["kitchen-host", "kitchen-sink"].map((id) => `wasmbus.rpc.${lattice}.${id}.linkdefs.put`));

  await one.config.put("shop", { limit: "9" });
  await until(async () => (await other.config.get("shop").catch(() => undefined))?.["limit"] === "9");
  const [pong] = await client.askAll("host.ping", undefined, 1);
  const { ctl_host: ctlHost, rpc_host: rpcHost } = pong?.response as Record<string, string>;
  assert.deepEqual([ctlHost, rpcHost], [ctl.nats.servers, rpc.nats.servers]);
});

connectionsTest("who hears that something runs can call it, however far away the server for calls is", async ({ rpc, lattice, client, caller, join }) => {
  rpc.proxy.delay = 50;
  const host = await join();
  await Promise.all([start(host, "kitchen-host", { id: "app" }), client.event("component_scaled")]);
  await assert.rejects(caller.ask("app"), { code: "not-found" });
  const updating = host.updateComponent("app", await sample("http-hello"));
  await client.event("component_scaled");
  assert.match(await caller.ask("app"), /Hello/);
  await updating;

  const provider = { "acme:shop/cart": { add: () => new Uint8Array() } };
  const providing = host.provide("shop", provider);
  await client.event("provider_started", ({ provider_id: id }) => id === "shop");
  await rpc.bus.request(`${lattice}.shop.wrpc.0.0.1.acme:shop/cart.add`, new Uint8Array());
  await providing;
});

connectionsTest("what ends before it can be called is never announced", async ({ ctl, rpc, lattice, client, join }) => {
  rpc.proxy.delay = 50;
  const host = await join();
  let announced = "";
  ctl.bus.subscribe(`wasmbus.evt.${lattice}.provider_started`, { callback: ({ payload }) => void (announced += text(payload)) });
  await ctl.bus.flush();
  const providing = host.provide("shop", { "acme:shop/cart": { add: () => new Uint8Array() } });
  await until(() => host.inventory().providers.some(({ id }) => id === "shop"));
  await host.stop();
  await providing;
  await client.event("host_stopped");
  assert.doesNotMatch(announced, /"shop"/);
});

connectionsTest("without the connection for calls the lattice is served, and nothing is read again when it is back", async ({ ctl, rpc, client, caller, warnings, join }) => {
  const host = await join();
  await start(host, "http-hello");
  assert.match(await caller.ask("http-hello"), /Hello/);
  await lose(rpc);
  assert.equal((await client.ask(`host.get.${host.id}`)).success, true);
  await host.link({ source: "shop", interface: "wasi:keyvalue/store", target: "keyvalue" });
  await start(host, "http-echo");
  await client.event("component_scaled", ({ component_id: id }) => id === "http-echo");
  assert.match(warnings.join(), /cannot be called over the lattice until the connection for calls is back/);
  const { length } = ctl.proxy.sent;
  await regain(rpc);
  // What was started meanwhile is found, too.
  await until(() => caller.ask("http-echo", "/echo", Uint8Array.of(65)).then((answer) => answer === "A", () => false));
  assert.match(await caller.ask("http-hello"), /Hello/);
  assert.equal((await client.ask(`host.get.${host.id}`)).success, true);
  assert.doesNotMatch(ctl.proxy.sent.slice(length), /JS\.API\.CONSUMER\.CREATE|host_heartbeat/);
});

connectionsTest("without the connection for control calls are answered, and what has changed is read when it is back", async ({ ctl, client, caller, join }) => {
  const [one, other] = [await join(), await join({ nats: { ...quick, servers: ctl.server.url } })];
  await start(one, "http-hello");
  await lose(ctl);
  assert.match(await caller.ask("http-hello"), /Hello/);
  await other.config.put("shop", { limit: "9" });
  await assert.rejects(one.link({ source: "shop", interface: "wasi:keyvalue/store", target: "keyvalue" }), /not connected/);
  assert.match(await caller.ask("http-hello"), /Hello/);
  client.forget();
  await regain(ctl);
  await client.event("host_heartbeat", (_, source) => source === one.id);
  await until(async () => (await one.config.get("shop").catch(() => undefined))?.["limit"] === "9");
});

connectionsTest("messages of calls are as large as the server for calls takes them, also when that changes", async ({ rpc, caller, join }) => {
  const host = await join();
  await start(host, "http-hello");
  const path = `/${"a".repeat(5000)}`;
  for (const most of [2048, 1024]) {
    await rpc.server.reload(`max_payload: ${most}`);
    await rpc.server.kill();
    await rpc.server.start();
    await until(() => rpc.bus.maxPayload === most);
    // The answer tells the path: it comes in pieces.
    await until(() => caller.ask("http-hello", path).then((answer) => answer.includes(path), () => false));
  }
});

connectionsTest("a host closes the connections that it has made, and no others", async ({ ctl, rpc, lattice, join }) => {
  await (await join()).stop();
  await Promise.all([ctl.proxy.idle(), rpc.proxy.idle()]);
  const given = await natsBus(rpc.nats);
  const host = await join({ rpcBus: given, rpcNats: undefined });
  await start(host, "http-hello");
  await host.stop();
  await ctl.proxy.idle();
  await given.flush();
  await assert.rejects(httpOver(rpc.bus, lattice, "http-hello", "/"), NotFoundError);
  await given.close();
  // Where one cannot be made, the other is not left open.
  rpc.proxy.mode = "refuse";
  await assert.rejects(join(), { code: "connection" });
  await ctl.proxy.idle();
});

connectionsTest("where nothing can be served nothing is started, and the lattice hears why", async ({ rpc, client, join }) => {
  const given = await natsBus(rpc.nats);
  const host = await join({ rpcBus: given, rpcNats: undefined });
  await given.close();
  await assert.rejects(start(host, "http-hello"), { code: "stopped" });
  assert.match(String((await client.event("component_scale_failed"))["error"]), /closed/);
  assert.deepEqual(host.inventory().components, []);
  assert.equal((await client.ask(`host.get.${host.id}`)).success, true);
});

connectionsTest("a connection for calls is refused where it would be of no use", async ({ ctl, rpc, join }) => {
  const invalid = { code: "invalid-argument" };
  const alone = { nats: undefined, rpcNats: undefined };
  await assert.rejects(join({ rpcBus: rpc.bus }), { ...invalid, message: /`rpcBus` or `rpcNats`, not both/ });
  await assert.rejects(join({ bus: ctl.bus }), { ...invalid, message: /`bus` or `nats`, not both/ });
  await assert.rejects(join({ ...alone, rpcBus: rpc.bus }), { ...invalid, message: /as `bus` or `nats`/ });
  await assert.rejects(join({ nats: undefined }), { ...invalid, message: /as `bus` or `nats`/ });
  await assert.rejects(join({ member: false }), { ...invalid, message: /only a member of a lattice/ });
  await using memory = await createMemoryBus();
  await assert.rejects(join({ ...alone, bus: memory, rpcBus: rpc.bus }), { ...invalid, message: /only a member of a lattice/ });
  await Promise.all([ctl.proxy.idle(), rpc.proxy.idle()]);
});
