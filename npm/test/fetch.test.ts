/** `host.fetch`: requests and responses, streaming both ways, and their ends before time. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { AbortedError, type Host, type Isolation, TimeoutError } from "trellis-host";

import { deferred, hostWith, inBoth } from "./support/hosts.js";

const MiB = 1024 * 1024;

/** A stream of so many bytes that counts what was taken from it. */
function stream(bytes: number, chunk = 256 * 1024): { body: ReadableStream<Uint8Array<ArrayBuffer>>; taken: () => number; cancelled: Promise<unknown> } {
  let taken = 0;
  const cancelled = deferred<unknown>();
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      if (taken >= bytes) return controller.close();
      controller.enqueue(new Uint8Array(Math.min(chunk, bytes - taken)).fill(taken / chunk));
      taken += chunk;
    },
    cancel: (reason) => cancelled.resolve(reason),
  }, { highWaterMark: 0 });
  return { body, taken: () => taken, cancelled: cancelled.promise };
}

async function length(response: Response): Promise<number> {
  let total = 0;
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) total += chunk.length;
  return total;
}

function echoing(isolation: Isolation): Promise<Host> {
  return hostWith(["http-echo"], { isolation });
}

inBoth("method, headers and body arrive", "waiting", async (isolation) => {
  await using host = await echoing(isolation);
  const response = await host.fetch("http-echo", "/headers", { headers: [["x-a", "1"], ["x-b", "2"], ["x-a", "3"]] });
  assert.match(await response.text(), /^x-a: 1, 3\nx-b: 2\n/);
  const init = { method: "POST", body: "text", headers: { "content-type": "text/x" } };
  const echo = await host.fetch("http-echo", new URL("http://h/echo"), init);
  assert.deepEqual([echo.status, echo.headers.get("content-type"), await echo.text()], [200, "text/x", "text"]);
  const request = await host.fetch("http-echo", new Request("http://h/echo", { method: "PUT", body: Uint8Array.of(1, 2) }));
  assert.deepEqual([...new Uint8Array(await request.arrayBuffer())], [1, 2]);
  assert.equal((await host.fetch("http-echo", "/nowhere")).status, 404);
});

inBoth("a body larger than any window comes back whole", "waiting", async (isolation) => {
  await using host = await echoing(isolation);
  const body = Uint8Array.from({ length: 3 * MiB + 5 }, (_, index) => index % 251);
  const echo = await host.fetch("http-echo", "/echo", { method: "POST", body });
  assert.deepEqual(new Uint8Array(await echo.arrayBuffer()), body);
});

inBoth("bodies stream: no more is taken than the reader has room for", "waiting", async (isolation) => {
  await using host = await echoing(isolation);
  const { body, taken } = stream(64 * MiB);
  const response = await host.fetch("http-echo", "/echo", { method: "POST", body });
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const first = await reader.read();
  assert.ok(first.value && first.value.length > 0);
  // The pipe holds a window on each side of the guest, and what the guest moves.
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.ok(taken() <= 2 * MiB, `${taken()} bytes were taken while nobody read`);
  let total = first.value.length;
  for (let next = await reader.read(); !next.done; next = await reader.read()) total += next.value.length;
  assert.equal(total, 64 * MiB);
});

inBoth("a guest reads a stream to its end", "waiting", async (isolation) => {
  await using host = await echoing(isolation);
  const response = await host.fetch("http-echo", "/count", { method: "POST", body: stream(8 * MiB).body });
  assert.equal((await response.text()).trim(), String(8 * MiB));
});

inBoth("a request body that fails, fails for the guest", "waiting", async (isolation) => {
  await using host = await echoing(isolation);
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new Uint8Array(10)),
    pull: (controller) => controller.error(new Error("broken")),
  }, { highWaterMark: 0 });
  const response = await host.fetch("http-echo", "/count", { method: "POST", body });
  assert.deepEqual([response.status, await response.text()], [400, "the request body broke off\n"]);
});

inBoth("a reader that leaves stops the guest and the source", "waiting", async (isolation) => {
  await using host = await echoing(isolation);
  const { body, cancelled, taken } = stream(1024 * MiB);
  const response = await host.fetch("http-echo", "/echo", { method: "POST", body });
  await response.body?.cancel();
  await cancelled;
  assert.ok(taken() < 64 * MiB);
});

inBoth("an aborted request ends body, guest and source", "waiting", async (isolation) => {
  await using host = await echoing(isolation);
  const { body, cancelled } = stream(1024 * MiB);
  const controller = new AbortController();
  const response = await host.fetch("http-echo", "/echo", { method: "POST", body, signal: controller.signal });
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  await reader.read();
  controller.abort(new Error("enough"));
  await cancelled;
  await assert.rejects(async () => {
    for (let next = await reader.read(); !next.done; next = await reader.read());
  }, AbortedError);
  await assert.rejects(host.fetch("http-echo", "/echo", { signal: AbortSignal.abort() }), AbortedError);
});

inBoth("a response that stands still for too long is ended", "waiting", async (isolation) => {
  await using host = await echoing(isolation);
  const never = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(new Uint8Array(1)) });
  const response = await host.fetch("http-echo", "/echo", { method: "POST", body: never, deadline: 1500 });
  await assert.rejects(length(response), TimeoutError);
});

test("a body of any length passes through a component in constant memory", { timeout: 300_000 }, async () => {
  await using host = await hostWith(["http-echo"]);
  // More than may be held; browsers, where memory is not told anyway, need only be through in good time. The gigabytes
  // are in streaming.test.ts.
  const size = (typeof process === "undefined" ? 64 : 256) * MiB;
  const { body } = stream(size);
  const response = await host.fetch("http-echo", "/echo", { method: "POST", body });
  const before = memory();
  let most = 0;
  let total = 0;
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    total += chunk.length;
    most = Math.max(most, memory() - before);
  }
  assert.equal(total, size);
  assert.ok(most < 128 * MiB, `${most / MiB} MiB more were in use`);
});

/** Bytes in array buffers, where the platform tells: the heap itself is the collector's business. */
function memory(): number {
  return typeof process === "undefined" || typeof process.memoryUsage !== "function" ? 0 : process.memoryUsage().arrayBuffers;
}
