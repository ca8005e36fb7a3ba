/** What breaks between a bus and its NATS server, and what comes back. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { natsBus, type NatsBus, type NatsOptions } from "trellis-host/nats";

import { startNatsServer, type NatsServer, type NatsServerOptions } from "../../scripts/lib/nats-server.mjs";
import type { Entry } from "../src/bus.js";
import { all, bytes, hour, keep, next, nothing, settle, text, unique } from "./compliance/support.js";
import { noUnhandledRejections } from "./support/leftovers.js";
import { hasWebSocket } from "./support/nats.js";
import { Proxy } from "./support/proxy.js";
import { Statuses } from "./support/statuses.js";

noUnhandledRejections();

/** Fast enough for tests. */
const quick: Omit<NatsOptions, "servers"> = { reconnect: { minDelay: 10, maxDelay: 50 }, timeout: 2000, pingInterval: 100 };

const carriers: { name: string; url: (server: NatsServer) => string }[] = [
  { name: "TCP", url: (server) => server.url },
  ...hasWebSocket ? [{ name: "WebSocket", url: (server: NatsServer) => server.webSocketUrl }] : [],
];

/** Declares a test with a server of its own and a bus. */
function faultTest(
  name: string, url: (server: NatsServer) => string, settings: NatsServerOptions & { options?: Partial<NatsOptions> },
  body: (bus: NatsBus, server: NatsServer, statuses: Statuses, at: string) => Promise<void>,
): void {
  test(name, { timeout: 60_000 }, async () => {
    const server = await startNatsServer(settings);
    const statuses = new Statuses();
    try {
      const bus = await natsBus({ ...quick, servers: url(server), onStatus: statuses.hear, ...settings.options });
      await statuses.next("connected");
      try {
        await body(bus, server, statuses, unique());
      } finally {
        await bus.close();
      }
    } finally {
      await server.stop();
    }
  });
}

for (const { name, url } of carriers) {
  describe(`by ${name}`, () => {
    faultTest("a server that crashes and comes back", url, {}, async (bus, server, statuses, at) => {
      const kept = keep(bus, at);
      bus.subscribe(`${at}.mute`, { callback: () => undefined });
      const bucket = await bus.bucket(at);
      const changes = (await bucket.watch())[Symbol.asyncIterator]();
      const lost = assert.rejects(bus.request(`${at}.mute`, nothing, { timeout: hour }), { code: "connection", fault: "lost" });
      await bus.flush();
      await server.kill();
      await statuses.next("disconnected");
      await lost;
      bus.publish(at, bytes("held"));
      bus.subscribe(`${at}.answers`, { callback: ({ reply }) => void bus.publish(reply ?? "", bytes("yes")) });
      const answer = bus.request(`${at}.answers`, nothing);
      const flushed = bus.flush();
      await statuses.next("reconnecting");
      await server.start();
      await statuses.next("connected");
      await flushed;
      assert.equal(text((await answer).payload), "yes");
      await settle(bus);
      assert.deepEqual(kept, ["held"]);
      await bucket.put("a", bytes("1"));
      assert.equal(show(await next(changes)), "put a 1");
    });

    faultTest("a server that is frozen", url, { options: { timeout: 300 } }, async (bus, server, statuses, at) => {
      const kept = keep(bus, at);
      await bus.flush();
      server.pause();
      await statuses.next("disconnected");
      await statuses.next("reconnecting");
      await statuses.next("reconnecting");
      server.resume();
      await statuses.next("connected");
      bus.publish(at, bytes("again"));
      await settle(bus);
      assert.deepEqual(kept, ["again"]);
    });

    faultTest("JetStream that lost everything", url, {}, async (bus, server, statuses, at) => {
      const bucket = await bus.bucket(at);
      const revision = await bucket.put("a", bytes("1"));
      await bucket.put("b", bytes("2"));
      const watches = [await bucket.watch(), await bucket.watch({ updatesOnly: true, key: "n.*" })];
      const [changes, others] = watches.map((watch) => watch[Symbol.asyncIterator]()) as [AsyncIterator<Entry>, AsyncIterator<Entry>];
      assert.deepEqual([show(await next(changes)), show(await next(changes))], ["put a 1", "put b 2"]);
      await server.kill();
      server.wipe();
      await server.start();
      await statuses.next("connected");
      const gone = [await next(changes), await next(changes)];
      assert.deepEqual(gone.map(show).sort(), ["delete a ", "delete b "]);
      assert.deepEqual(gone.map((entry) => entry.revision), [0, 0]);
      assert.equal(await bucket.get("a"), undefined);
      await assert.rejects(bucket.update("a", bytes("old"), revision), { code: "conflict" });
      await bucket.update("a", bytes("new"), 0);
      await bucket.put("n.1", bytes("new"));
      assert.deepEqual([show(await next(changes)), show(await next(others))], ["put a new", "put n.1 new"]);
    });

    faultTest("a bucket that was deleted under a watch", url, {}, async (bus, _server, _statuses, at) => {
      const bucket = await bus.bucket(at);
      await bucket.put("a", bytes("1"));
      const changes = (await bucket.watch())[Symbol.asyncIterator]();
      assert.equal(show(await next(changes)), "put a 1");
      await bus.request(`$JS.API.STREAM.DELETE.KV_${at}`, nothing);
      // The heartbeats cease.
      assert.equal(show(await next(changes)), "delete a ");
      await bus.request(`$JS.API.STREAM.DELETE.KV_${at}`, nothing);
      await bucket.put("b", bytes("2"));
      assert.equal(show(await next(changes)), "put b 2");
    });

    const users = `authorization { users: [{ user: "a", password: "p" }] }`;
    faultTest("a user who is not welcome any more", url, { config: users, options: { auth: { user: "a", password: "p" } } }, async (bus, server, statuses, at) => {
      bus.subscribe(`${at}.mute`, { callback: () => undefined });
      const request = bus.request(`${at}.mute`, nothing, { timeout: hour }).catch((error: unknown) => error as { code: string });
      const iterating = all(bus.subscribe(at));
      await bus.flush();
      await server.reload(users.replace(`"a"`, `"b"`));
      assert.equal((await statuses.next("unauthorized")).error.code, "connection");
      const closed = await statuses.next("closed");
      assert.ok(closed.error !== undefined && "fault" in closed.error && closed.error.fault === "unauthorized", String(closed.error));
      assert.equal(await bus.closed, closed.error);
      assert.equal((await request as { code: string }).code, "connection");
      assert.deepEqual(await iterating, []);
      assert.throws(() => bus.publish(at, nothing), { code: "stopped" });
    });

    faultTest("an attempt limit", url, { options: { reconnect: { attempts: 2, minDelay: 1 } } }, async (bus, server, statuses) => {
      await server.kill();
      const { error } = await statuses.next("closed");
      assert.equal(error?.code, "connection");
      assert.equal((await bus.closed)?.code, "connection");
    });

    faultTest("close while the server is away", url, {}, async (bus, server, statuses, at) => {
      await server.kill();
      await statuses.next("disconnected");
      const request = assert.rejects(bus.request(at, nothing, { timeout: hour }), { code: "stopped" });
      await bus.close();
      await request;
      assert.equal(await bus.closed, undefined);
      assert.equal(statuses.all.at(-1)?.type, "closed");
    });

    faultTest("more waits for the connection than is allowed", url, { options: { maxHeldBytes: 10 } }, async (bus, server, statuses, at) => {
      await server.kill();
      await statuses.next("disconnected");
      bus.publish(at, bytes("0123456789"));
      assert.throws(() => bus.publish(at, bytes("1")), { code: "limit", limit: "maxHeldBytes" });
    });

    faultTest("a reader that is slow", url, { options: { slowConsumer: 10 } }, async (bus, _server, statuses, at) => {
      const messages = bus.subscribe(at)[Symbol.asyncIterator]();
      for (let index = 0; index < 20; index += 1) bus.publish(at, bytes(`${index}`));
      assert.deepEqual(await statuses.next("slow-consumer"), { type: "slow-consumer", subject: at, pending: 11 });
      await settle(bus);
      for (let index = 0; index < 20; index += 1) assert.equal(text((await next(messages)).payload), `${index}`);
      assert.equal(statuses.all.filter(({ type }) => type === "slow-consumer").length, 1);
    });
  });
}

describe("a network between", () => {
  let server: NatsServer;
  let proxy: Proxy;
  let other: NatsBus;
  before(async () => {
    server = await startNatsServer({ config: "max_pending: 1MB" });
    proxy = await Proxy.start(server.port);
    other = await natsBus({ servers: server.url });
  });
  after(async () => {
    await other.close();
    await proxy.stop();
    await server.stop();
  });

  async function behindProxy(body: (bus: NatsBus, statuses: Statuses, at: string) => Promise<void>): Promise<void> {
    const statuses = new Statuses();
    const bus = await natsBus({ ...quick, servers: `nats://127.0.0.1:${proxy.port}`, onStatus: statuses.hear });
    await statuses.next("connected");
    await body(bus, statuses, unique());
    await bus.close();
  }

  test("a watch tells what has changed while it was cut off, and nothing twice", () => behindProxy(async (bus, statuses, at) => {
    const bucket = await bus.bucket(at);
    const theirs = await other.bucket(at);
    for (const key of ["same", "changed", "deleted", "vanished"]) await bucket.put(key, bytes("1"));
    const watch = await bucket.watch();
    const changes = watch[Symbol.asyncIterator]();
    for (let index = 0; index < 4; index += 1) await next(changes);
    proxy.mode = "refuse";
    proxy.cut();
    await statuses.next("disconnected");
    await theirs.put("changed", bytes("2"));
    await theirs.delete("deleted");
    await other.request(`$JS.API.STREAM.PURGE.KV_${at}`, bytes(JSON.stringify({ filter: `$KV.${at}.vanished` })));
    await theirs.put("new", bytes("1"));
    proxy.mode = "pass";
    await statuses.next("connected");
    const told = [await next(changes), await next(changes), await next(changes), await next(changes)];
    assert.deepEqual(told.map(show), ["put changed 2", "delete deleted ", "put new 1", "delete vanished "]);
    await theirs.put("last", nothing);
    assert.equal(show(await next(changes)), "put last ");
  }));

  test("a server that cuts who does not read", () => behindProxy(async (bus, statuses, at) => {
    const kept = keep(bus, at);
    await bus.flush();
    proxy.freeze();
    const flood = new Uint8Array(512 * 1024);
    // The buffers of the system between the two take some.
    for (let index = 0; index < 64 && !/Slow Consumer/.test(server.log); index += 1) {
      other.publish(at, flood);
      await other.flush();
    }
    assert.match(server.log, /Slow Consumer/);
    await statuses.next("disconnected");
    await statuses.next("connected");
    const before = kept.length;
    await other.flush();
    other.publish(at, nothing);
    await other.flush();
    await settle(bus);
    assert.equal(kept.length, before + 1);
  }));

  test("a way on which nothing comes back", () => behindProxy(async (bus, statuses, at) => {
    proxy.freeze();
    await assert.rejects(bus.flush({ timeout: 20 }), { code: "timeout" });
    await assert.rejects(bus.request(at, nothing, { timeout: 20 }), { code: "timeout" });
    const abort = new AbortController();
    const given = [bus.flush({ signal: abort.signal }), bus.bucket(at, { signal: abort.signal })];
    abort.abort();
    for (const each of given) await assert.rejects(each, { code: "aborted" });
    await statuses.next("disconnected");
    await statuses.next("connected");
    await bus.flush();
  }));
});

function show(entry: Entry): string {
  return `${entry.operation} ${entry.key} ${text(entry.value)}`;
}
