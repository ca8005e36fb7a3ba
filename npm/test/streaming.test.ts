/** Bodies without end: constant memory, and nothing left behind when they break off. See also fetch.test.ts. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { AbortedError, GuestError, type Isolation } from "trellis-host";

import { lengthOf, restOf } from "./guests/bodies.js";
import { canWait, hostWith, inBoth } from "./support/hosts.js";

const MiB = 1024 * 1024;
const inNode = typeof process !== "undefined" && typeof process.memoryUsage === "function";
/** A browser under test is slower, and tells nothing about its memory: there it is many windows full, that all come through. */
const plenty = inNode ? 1024 * MiB : 64 * MiB;

/** A body of so many bytes. */
function bytes(length: number): ReadableStream<Uint8Array<ArrayBuffer>> {
  let left = length;
  return new ReadableStream({
    pull(controller) {
      if (left === 0) return controller.close();
      const chunk = new Uint8Array(Math.min(left, 64 * 1024));
      left -= chunk.length;
      controller.enqueue(chunk);
    },
  }, { highWaterMark: 0 });
}

/** A body that never ends; `cancelled` resolves when nobody reads on. */
function endless(): { body: ReadableStream<Uint8Array<ArrayBuffer>>; cancelled: Promise<void> } {
  let cancel!: () => void;
  const cancelled = new Promise<void>((resolve) => (cancel = resolve));
  const pull = (controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>): void => controller.enqueue(new Uint8Array(1000));
  return { body: new ReadableStream({ pull, cancel }, { highWaterMark: 0 }), cancelled };
}

for (const isolation of ["worker", "inline"] as const) {
  for (const path of ["/count", "/echo"]) {
    const skip = !canWait(isolation);
    test(`${plenty / MiB} MiB through ${path} take no more memory than one (${isolation})`, { skip, timeout: 300_000 }, () => passes(isolation, path));
  }
}

async function passes(isolation: Isolation, path: string): Promise<void> {
  await using host = await hostWith(["http-echo"], { isolation });
  const send = (length: number): Promise<Response> => host.fetch("http-echo", path, { method: "POST", body: bytes(length) });
  await (await send(MiB)).arrayBuffer();
  const grown = growth();
  const response = await send(plenty);
  if (path === "/count") assert.equal(await response.text(), `${plenty}\n`);
  else assert.equal(await lengthOf(response), plenty);
  const most = grown();
  assert.ok(most < 200 * MiB, `${most / MiB} MiB more were in use`);
}

/** By how much the process has grown since, at most, looked at now and then. */
function growth(): () => number {
  if (!inNode) return () => 0;
  const before = process.memoryUsage.rss();
  let most = 0;
  const look = (): void => void (most = Math.max(most, process.memoryUsage.rss() - before));
  const timer = setInterval(look, 20);
  return () => (clearInterval(timer), look(), most);
}

inBoth("a guest that leaves its response unfinished fails the reader, who has what came before", "waiting", async (isolation) => {
  await using host = await hostWith(["http-echo"], { isolation });
  let sent = 0;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: (controller) => (sent++ < 3 ? controller.enqueue(new Uint8Array(100)) : controller.error(new Error("broken"))),
  }, { highWaterMark: 0 });
  const response = await host.fetch("http-echo", "/echo", { method: "POST", body });
  assert.equal(response.status, 200);
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  let received = 0;
  await assert.rejects(async () => {
    for (let next = await reader.read(); !next.done; next = await reader.read()) received += next.value.length;
  }, (error) => error instanceof GuestError && error.message.includes('did not finish the body'));
  assert.equal(received, 300);
});

inBoth("requests given up at any point leave room for the next", "waiting", async (isolation) => {
  await using host = await hostWith(["http-echo"], { isolation, component: { maxInstances: 1 } });
  for (let round = 0; round < 30; round++) {
    const controller = new AbortController();
    const { body, cancelled } = endless();
    const answer = host.fetch("http-echo", "/echo", { method: "POST", body, signal: controller.signal });
    if (round % 3 === 0) {
      controller.abort();
      await assert.rejects(answer, AbortedError);
      continue;
    }
    const reader = ((await answer).body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    if (round % 3 === 1) await reader.cancel();
    else {
      controller.abort();
      await assert.rejects(restOf(reader), AbortedError);
    }
    await cancelled;
  }
  const response = await host.fetch("http-echo", "/echo", { method: "POST", body: "still here" });
  assert.equal(await response.text(), "still here");
});

inBoth("many requests stream at once", "waiting", async (isolation) => {
  await using host = await hostWith(["http-echo"], { isolation });
  const lengths = Array.from({ length: 8 }, (_, index) => (index + 1) * 300_000);
  const answers = await Promise.all(lengths.map(async (length) =>
    lengthOf(await host.fetch("http-echo", "/echo", { method: "POST", body: bytes(length) }))));
  assert.deepEqual(answers, lengths);
});

inBoth("a HEAD request has an answer without a body", "waiting", async (isolation) => {
  await using host = await hostWith(["http-echo", "http-hello"], { isolation, component: { maxInstances: 1 } });
  for (let round = 0; round < 3; round++) {
    const response = await host.fetch("http-hello", "/", { method: "HEAD" });
    assert.deepEqual([response.status, response.body, response.headers.get("content-type")], [200, null, "text/plain"]);
    const long = await host.fetch("http-echo", new Request("http://h/headers", { method: "HEAD", headers: { "x-long": "x".repeat(100_000) } }));
    assert.equal(long.body, null);
  }
});

inBoth("headers: many, large, of any byte, and several of one name", "waiting", async (isolation) => {
  await using host = await hostWith(["http-echo"], { isolation });
  const ask = async (headers: [string, string][]): Promise<string[]> =>
    (await (await host.fetch("http-echo", "/headers", { headers })).text()).split("\n").slice(0, -1);
  assert.deepEqual(await ask([["x-large", "v".repeat(60_000)]]), [`x-large: ${"v".repeat(60_000)}`]);
  const many = Array.from({ length: 500 }, (_, index): [string, string] => [`x-${String(index).padStart(3, "0")}`, String(index)]);
  assert.deepEqual(await ask(many), many.map(([name, value]) => `${name}: ${value}`));
  // The guest reads bytes as UTF-8; this is no UTF-8.
  assert.deepEqual(await ask([["x-latin", "\u00e9"], ["x-empty", ""]]), ["x-empty: ", "x-latin: \ufffd"]);
  if (inNode) assert.deepEqual(await ask([["set-cookie", "a=1"], ["set-cookie", "b=2, 3"]]), ["set-cookie: a=1", "set-cookie: b=2, 3"]);
});

inBoth("an answer to a request whose body was not read", "waiting", async (isolation) => {
  await using host = await hostWith(["http-echo"], { isolation });
  const { body, cancelled } = endless();
  const response = await host.fetch("http-echo", "/nowhere", { method: "POST", body });
  assert.deepEqual([response.status, (await response.text()).includes('try /echo')], [404, true]);
  await cancelled;
});
