/** What buckets over NATS put on the wire: the same as the hosts of a lattice (`shared/lattice-v1/vectors/kv.json`). */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { natsBus, type NatsBus } from "trellis-host/nats";

import { startNatsServer, type NatsServer } from "../../scripts/lib/nats-server.mjs";
import type { Message } from "../src/bus.js";
import { bytes, next, nothing, settle, text, unique } from "./compliance/support.js";
import { readText } from "./support/files.js";
import { noUnhandledRejections } from "./support/leftovers.js";

noUnhandledRejections();

interface Vectors {
  stream_create_requests: Record<string, unknown>[];
  stream_configs_reported_by_server: Record<string, Record<string, unknown>>;
  consumers_created_by_host: { request: { config: Record<string, unknown> } }[];
  wire_operations: { op: string; subject: string; header_block: string | null }[];
}
const vectors = JSON.parse(await readText("shared/lattice-v1/vectors/kv.json")) as Vectors;

let server: NatsServer;
let bus: NatsBus;
let witness: NatsBus;
const seen: Message[] = [];
before(async () => {
  server = await startNatsServer({ domain: "hub" });
  bus = await natsBus({ servers: server.url });
  witness = await natsBus({ servers: server.url });
  for (const subject of ["$JS.>", "$KV.>"]) {
    witness.subscribe(subject, { callback: (message) => message.subject.startsWith("$JS.ACK") || seen.push(message) });
  }
  await witness.flush();
});
after(async () => {
  await bus.close();
  await witness.close();
  await server.stop();
});

/** What goes over the wire while `act` runs. */
async function watchWire(act: () => Promise<unknown>): Promise<Message[]> {
  seen.length = 0;
  await act();
  await bus.flush();
  await settle(witness);
  return [...seen];
}

const json = (message: Message | undefined): Record<string, unknown> => JSON.parse(text(message?.payload ?? nothing)) as Record<string, unknown>;
/** The headers of a recorded block, in no particular order. */
const headersOf = (block: string | null): string[] => (block ?? "").split("\r\n").filter((line) => line.includes(":")).sort();

test("a bucket is looked for, and created with the settings of the hosts of a lattice", async () => {
  for (const recorded of vectors.stream_create_requests) {
    const [kind] = String(recorded["name"]).slice("KV_".length).split("_");
    const name = `${kind ?? ""}_${unique()}`;
    const expected = JSON.parse(JSON.stringify(recorded).replaceAll(String(recorded["name"]).slice("KV_".length), name)) as unknown;
    const wire = await watchWire(() => bus.bucket(name));
    assert.deepEqual(wire.map(({ subject }) => subject), [`$JS.API.STREAM.INFO.KV_${name}`, `$JS.API.STREAM.CREATE.KV_${name}`]);
    assert.equal(text(wire[0]?.payload ?? nothing), "null");
    assert.equal(text(wire[1]?.payload ?? nothing), JSON.stringify(expected));
    const again = await watchWire(() => bus.bucket(name));
    assert.deepEqual(again.map(({ subject }) => subject), [`$JS.API.STREAM.INFO.KV_${name}`]);
    const { config } = json(await bus.request(`$JS.API.STREAM.INFO.KV_${name}`, nothing)) as { config: Record<string, unknown> };
    const reported = vectors.stream_configs_reported_by_server[String(recorded["name"])] ?? {};
    for (const [option, value] of Object.entries(reported)) {
      if (option !== "name" && option !== "subjects") assert.deepEqual(config[option], value, option);
    }
  }
});

test("put, get, delete and purge look as recorded", async () => {
  const at = unique();
  const bucket = await bus.bucket(at);
  const recorded = vectors.wire_operations;
  const put = await watchWire(() => bucket.put("a", bytes("1")));
  assert.deepEqual(put.map(({ subject, headers }) => [subject, headers]), [[`$KV.${at}.a`, []]]);
  const get = await watchWire(() => bucket.get("a"));
  assert.deepEqual(get.map(({ subject, headers, payload }) => [subject, headers, payload.length]), [[`$JS.API.DIRECT.GET.KV_${at}.$KV.${at}.a`, [], 0]]);
  assert.ok(recorded.some(({ subject }) => subject.startsWith("$JS.API.DIRECT.GET.KV_CONFIGDATA_default.$KV.CONFIGDATA_default.")));
  const remove = await watchWire(() => bucket.delete("a"));
  assert.deepEqual(remove.map(({ headers, payload }) => [headers, payload.length]), [[[["KV-Operation", "DEL"]], 0]]);
  const [purge] = await watchWire(() => bucket.purge("a"));
  const purges = recorded.filter(({ header_block: block }) => block?.includes("PURGE"));
  assert.ok(purges.length > 0);
  for (const { header_block: block } of purges) {
    assert.deepEqual(purge?.headers.map(([name, value]) => `${name}: ${value}`).sort(), headersOf(block));
  }
});

test("consumers are those of the hosts of a lattice", async () => {
  const bucket = await bus.bucket(unique());
  const recorded = vectors.consumers_created_by_host.map(({ request }) => request.config);
  const expected = (policy: string): Record<string, unknown> => ({ ...recorded.find((config) => config["deliver_policy"] === policy) });
  const ofWatch = async (act: () => Promise<unknown>): Promise<Record<string, unknown>> => {
    const wire = await watchWire(act);
    const { config } = json(wire.find(({ subject }) => subject.includes("CONSUMER.CREATE"))) as { config: Record<string, unknown> };
    return config;
  };
  for (const [config, like] of [
    [await ofWatch(() => bucket.watch({ updatesOnly: true })), expected("new")],
    [await ofWatch(() => bucket.keys()), expected("last_per_subject")],
  ] as const) {
    for (const own of ["deliver_subject", "filter_subject", "description"]) {
      delete config[own];
      delete like[own];
    }
    assert.deepEqual(config, like);
  }
});

test("consumers are deleted when nobody needs them", async () => {
  const at = unique();
  const bucket = await bus.bucket(at);
  await bucket.put("a", nothing);
  await bucket.keys();
  const watch = await bucket.watch();
  watch.close();
  await bus.flush();
  const { state } = json(await bus.request(`$JS.API.STREAM.INFO.KV_${at}`, nothing)) as { state: { consumer_count: number } };
  assert.equal(state.consumer_count, 0);
});

test("a bucket of somebody else's is used as it is, also without direct gets", async () => {
  const at = unique();
  const config = { name: `KV_${at}`, subjects: [`$KV.${at}.>`], max_msgs_per_subject: 5, storage: "memory", allow_rollup_hdrs: true };
  await bus.request(`$JS.API.STREAM.CREATE.KV_${at}`, bytes(JSON.stringify(config)));
  const bucket = await bus.bucket(at);
  assert.equal(await bucket.get("a"), undefined);
  const revision = await bucket.put("a", bytes("é\u0000"));
  assert.deepEqual(await bucket.get("a"), { key: "a", operation: "put", value: bytes("é\u0000"), revision });
  await bucket.delete("a");
  assert.equal(await bucket.get("a"), undefined);
  await bucket.create("a", bytes("2"));
  assert.deepEqual(await bucket.keys(), ["a"]);
});

test("a large bucket is listed and watched in order", async () => {
  const bucket = await bus.bucket(unique());
  const value = new Uint8Array(10_000);
  await Promise.all(Array.from({ length: 500 }, (_, index) => bucket.put(`k.${index}`, value)));
  assert.equal((await bucket.keys()).length, 500);
  const changes = (await bucket.watch())[Symbol.asyncIterator]();
  let last = 0;
  for (let index = 0; index < 500; index += 1) {
    const { revision } = await next(changes);
    assert.ok(revision > last);
    last = revision;
  }
});

describe("a domain", () => {
  test("is in the subjects, of writes too", async () => {
    const hub = await natsBus({ servers: server.url, domain: "hub" });
    const at = unique();
    seen.length = 0;
    const bucket = await hub.bucket(at);
    const changes = (await bucket.watch())[Symbol.asyncIterator]();
    const revision = await bucket.put("a", bytes("1"));
    assert.equal((await bucket.get("a"))?.revision, revision);
    assert.deepEqual([(await next(changes)).key, await bucket.keys()], ["a", ["a"]]);
    await hub.close();
    await settle(witness);
    const subjects = seen.map(({ subject }) => subject);
    assert.ok(subjects.includes(`$JS.hub.API.$KV.${at}.a`), subjects.join("\n"));
    assert.ok(subjects.includes(`$JS.hub.API.DIRECT.GET.KV_${at}.$KV.${at}.a`));
  });

  test("that is not there is told", async () => {
    const nowhere = await natsBus({ servers: server.url, domain: "nowhere" });
    await assert.rejects(nowhere.bucket(unique()), { code: "unsupported", message: /JetStream.*`domain`/ });
    await nowhere.close();
  });
});

test("a server without JetStream says so", async () => {
  const plain = await startNatsServer({ jetStream: false });
  const there = await natsBus({ servers: plain.url });
  await assert.rejects(there.bucket("b"), { code: "unsupported", message: /JetStream/ });
  await there.close();
  await plain.stop();
});

test("a value that is too large for the server is refused before it is sent", async () => {
  const bucket = await bus.bucket(unique());
  await assert.rejects(bucket.put("a", new Uint8Array(bus.maxPayload + 1)), { code: "limit" });
});
