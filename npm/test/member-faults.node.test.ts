/**
 * What breaks between the hosts of a lattice and their server, and that all is well afterwards: calls that were under way
 * have ended, calls are answered as soon as the connection is back, and the hosts know the same links and configs.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import type { NatsBus, NatsOptions } from "trellis-host/nats";

import { startNatsServer, type NatsServer, type NatsServerOptions } from "../../scripts/lib/nats-server.mjs";
import { until } from "./support/hosts.js";
import { noUnhandledRejections } from "./support/leftovers.js";
import { Lattice, type Member, ownComponent } from "./support/members.js";
import { Proxy } from "./support/proxy.js";
import type { Statuses } from "./support/statuses.js";

noUnhandledRejections();

/** Milliseconds that a server is frozen. `npm run soak` sets TRELLIS_SOAK. */
const FROZEN = process.env.TRELLIS_SOAK === undefined ? 1500 : 20_000;

/** Milliseconds that a call may take: those that are lost end then. */
const DEADLINE = 2000;

const configs = { shop: { limit: "9" } };
const link = { source: "shop", interface: "wasi:keyvalue/store", target: "keyvalue" };

/** What a test has to itself: a server, what is between it and the first host, and a lattice. */
interface Scene {
  server: NatsServer;
  proxy: Proxy;
  lattice: Lattice;
}

/** How the server of a test is configured, and who its first host and all others are. */
interface Settings extends NatsServerOptions {
  first?: Partial<NatsOptions>;
  others?: Partial<NatsOptions>;
}

/** Declares a test with two hosts, which know of a link and a config. A proxy is between the first and the server. */
function faultTest(name: string, { first, others, ...settings }: Settings, body: (scene: Scene, one: Member, other: Member) => Promise<void>): void {
  test(name, { timeout: 60_000 }, async () => {
    const server = await startNatsServer(settings);
    const proxy = await Proxy.start(server.port);
    const lattice = await Lattice.on(server, DEADLINE, others);
    try {
      const one = await lattice.join({ servers: `nats://127.0.0.1:${proxy.port}`, ...first });
      const other = await lattice.join(others);
      await furnish(one);
      await lattice.isWell(configs, ["keyvalue"]);
      await body({ server, proxy, lattice }, one, other);
      await lattice.isQuiet();
    } finally {
      await lattice.end();
      await proxy.stop();
      await server.stop();
    }
  });
}

async function furnish({ host }: Member): Promise<void> {
  await host.link(link);
  await host.config.put("shop", configs.shop);
}

/** Calls and commands, one after the other, until told to stop: resolves with how many were answered, and how others failed. */
function traffic(lattice: Lattice, members: readonly Member[] = lattice.members): () => Promise<{ answered: number; failed: string[] }> {
  let stopped = false;
  let answered = 0;
  const failed: string[] = [];
  const keepOn = async (work: () => Promise<unknown>): Promise<void> => {
    while (!stopped) await work().then(() => (answered += 1), (error: unknown) => failed.push(String((error as { code?: string }).code)));
  };
  const callers = members.map((member) => keepOn(() => lattice.caller.ask(ownComponent(member), "/echo", new Uint8Array(5000))));
  const askers = members.map(({ host }) => keepOn(() => lattice.client.ask(`host.get.${host.id}`)));
  const all = Promise.all([...callers, ...askers, keepOn(() => lattice.caller.ask("http-hello"))]);
  return async () => {
    stopped = true;
    await all;
    return { answered, failed };
  };
}

/** Resolves when all of them know that the server is away. */
async function lost(...lines: readonly { statuses: Statuses }[]): Promise<void> {
  await Promise.all(lines.map(({ statuses }) => statuses.next("disconnected")));
}

/** Resolves when all of them are connected again, and the server knows what they are subscribed to. */
async function back(...lines: readonly { statuses: Statuses; bus: NatsBus }[]): Promise<void> {
  await Promise.all(lines.map(async ({ statuses, bus }) => {
    await statuses.next("connected");
    await bus.flush();
  }));
}

/** Resolves when hosts have calls under way. */
function busy(...members: readonly Member[]): Promise<void> {
  return until(() => members.every(({ host }) => host.metrics().calls.inFlight > 0));
}

faultTest("a server that crashes under load and comes back", {}, async ({ lattice, server }, ...members) => {
  for (let crash = 0; crash < 2; crash += 1) {
    const stop = traffic(lattice);
    await busy(...members);
    await server.kill();
    await lost(lattice, ...members);
    await server.start();
    await back(lattice, ...members);
    await lattice.isWell(configs, ["keyvalue"]);
    await stop();
  }
});

faultTest("a server that is frozen for a while", {}, async ({ lattice, server }, ...members) => {
  const stop = traffic(lattice);
  await busy(...members);
  server.pause();
  await lost(lattice, ...members);
  await new Promise((resolve) => setTimeout(resolve, FROZEN));
  server.resume();
  await back(lattice, ...members);
  await lattice.isWell(configs, ["keyvalue"]);
  await stop();
});

faultTest("JetStream that lost everything: what is there is in force", {}, async ({ lattice, server }, one, other) => {
  await server.kill();
  await lost(lattice, one, other);
  server.wipe();
  await server.start();
  await back(lattice, one, other);
  await lattice.isWell({ shop: undefined }, []);
  await furnish(other);
  await lattice.isWell(configs, ["keyvalue"]);
  await one.host.unlink(link);
  await one.host.config.delete("shop");
  await lattice.isWell({ shop: undefined }, []);
});

const users = (...names: string[]): string => `authorization { users: [${names.map((user) => `{ user: ${user}, password: p }`).join(", ")}] }`;
const as = (user: string): Partial<NatsOptions> => ({ auth: { user, password: "p" } });

faultTest("a host that is not welcome any more: the other goes on, and it can be stopped", {
  config: users("guest", "member"), first: as("guest"), others: as("member"),
}, async ({ lattice, server }, one, other) => {
  const stop = traffic(lattice, [other]);
  await server.reload(users("member"));
  assert.equal((await one.statuses.next("closed")).error?.code, "connection");
  await stop();
  await assert.rejects(lattice.caller.ask(ownComponent(one)), { code: "not-found" });
  await assert.rejects(one.host.link(link));
  assert.match(await (await one.host.fetch("http-hello", "/")).text(), /Hello/);
  await one.host.stop();
  lattice.members.shift();
  await lattice.isWell(configs, ["keyvalue"]);
});

faultTest("a host that reads too slowly is cut off, and comes back", {
  config: "max_pending: 1MB", first: { pingInterval: 60_000 },
}, async ({ lattice, server, proxy }, one) => {
  const flood = new Uint8Array(512 * 1024);
  proxy.freeze();
  // The buffers of the system between the two take some.
  for (let index = 0; index < 64 && !server.log.includes("Slow Consumer"); index += 1) {
    lattice.bus.publish(`wasmbus.ctl.v1.${lattice.name}.host.get.${one.host.id}`, flood);
    await lattice.bus.flush();
  }
  await server.logged(/Slow Consumer/);
  proxy.thaw();
  await lost(one);
  await back(one);
  await lattice.isWell(configs, ["keyvalue"]);
});

faultTest("a network that cuts: what comes afterwards is answered", {}, async ({ lattice, proxy }, one) => {
  for (let cut = 0; cut < 3; cut += 1) {
    const stop = traffic(lattice);
    await busy(one);
    proxy.cut();
    await lost(one);
    await back(one);
    await lattice.isWell(configs, ["keyvalue"]);
    await stop();
  }
});

faultTest("a network that delays: everything is answered", {}, async ({ lattice, proxy }, one) => {
  proxy.delay = 20;
  proxy.cut();
  await lost(one);
  await back(one);
  const stop = traffic(lattice);
  const { succeeded } = one.host.metrics().calls;
  await until(() => one.host.metrics().calls.succeeded > succeeded + 100);
  assert.deepEqual((await stop()).failed, []);
  await lattice.isWell(configs, ["keyvalue"]);
});
