/** Bodies without end, read and unread, in both directions. See also streaming.test.ts for the honest ones. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { AbortedError, type ComponentOptions, createHost, type Host, type Isolation, LimitError, TimeoutError } from "trellis-host";

import { restOf } from "./guests/bodies.js";
import { readFile } from "./support/files.js";
import { canWait, hasJspi, start, until } from "./support/hosts.js";

const MiB = 1024 * 1024;
const GiB = 1024 * MiB;
const inNode = typeof process !== "undefined" && typeof process.memoryUsage === "function";
/** What is streamed of a body without end before it is given up: `npm run soak` sets TRELLIS_SOAK. */
const PLENTY = !inNode ? 64 * MiB : process.env.TRELLIS_SOAK === undefined ? 512 * MiB : 10 * GiB;
/** What a host may hold of a body, in both directions: windows, chunks on their way, and garbage. */
const MOST = 200 * MiB;

const isolations = (["worker", "dedicated", "inline"] satisfies Isolation[]).filter((isolation) => canWait(isolation));

/** A host with the flood, beside an honest component. */
async function flooded(isolation: Isolation, options: ComponentOptions = {}): Promise<Host> {
  const host = await createHost({ isolation, onOutput: () => undefined });
  await start(host, "http-hello");
  await host.startComponent({ id: "flood", source: await readFile("npm/dist-test/engine/flood.wasm"), ...options });
  return host;
}

async function readerOf(answer: Promise<Response>): Promise<ReadableStreamDefaultReader<Uint8Array>> {
  const { body } = await answer;
  assert.ok(body);
  return body.getReader();
}

async function assertServing(host: Host): Promise<void> {
  assert.equal(await (await host.fetch("http-hello", "/")).text(), "Hello from Trellis!\n");
  const reader = await readerOf(host.fetch("flood", "/"));
  assert.ok(((await reader.read()).value?.length ?? 0) > 0);
  await reader.cancel();
}

/** Reads so much of a body, and watches the process meanwhile. Returns by how many bytes it had grown at most. */
async function read(reader: ReadableStreamDefaultReader<Uint8Array>, bytes: number): Promise<number> {
  const rss = (): number => (inNode ? process.memoryUsage.rss() : 0);
  const before = rss();
  let most = 0;
  for (let left = bytes; left > 0;) {
    const { value, done } = await reader.read();
    assert.equal(done, false);
    left -= value.length;
    if (left % 128 === 0) most = Math.max(most, rss() - before);
  }
  return most;
}

for (const isolation of isolations) {
  test(`${PLENTY / MiB} MiB of a response without end take no more memory than the first of them (${isolation})`, { timeout: 3_600_000 }, async () => {
    await using host = await flooded(isolation);
    const reader = await readerOf(host.fetch("flood", "/"));
    await read(reader, 4 * MiB);
    const most = await read(reader, PLENTY);
    assert.ok(most < MOST, `${most / MiB} MiB more were in use`);
    await reader.cancel();
    await assertServing(host);
  });

  test(`a response without end that nobody reads is given up at its deadline (${isolation})`, async () => {
    await using host = await flooded(isolation, { maxInstances: 1 });
    const unread = await readerOf(host.fetch("flood", "/", { deadline: 300 }));
    // Its instance is the only one: this call has its turn when that is free again.
    await assertServing(host);
    await assert.rejects(restOf(unread), TimeoutError);
  });

  test(`a response without end ends with its caller (${isolation})`, async () => {
    await using host = await flooded(isolation, { maxInstances: 1 });
    const controller = new AbortController();
    const reader = await readerOf(host.fetch("flood", "/", { signal: controller.signal }));
    await read(reader, MiB);
    controller.abort();
    await assert.rejects(restOf(reader), AbortedError);
    await assertServing(host);
  });

  test(`a request without end that its guest does not read stays where it is (${isolation})`, async () => {
    await using host = await flooded(isolation);
    let pulled = 0;
    let cancel!: () => void;
    const cancelled = new Promise<void>((resolve) => (cancel = resolve));
    const pull = (controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>): void => {
      pulled += 64 * 1024;
      controller.enqueue(new Uint8Array(64 * 1024));
    };
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({ pull, cancel }, { highWaterMark: 0 });
    const reader = await readerOf(host.fetch("flood", "/", { method: "POST", body }));
    await read(reader, 8 * MiB);
    assert.ok(pulled <= 4 * 64 * 1024, `${pulled} bytes were read for it`);
    await reader.cancel();
    await cancelled;
    await assertServing(host);
  });

  test(`streams that are opened and never read are limited (${isolation})`, async () => {
    // A guest that blocks its thread has its worker for itself, and there are two. A call has two streams or three.
    const [calls, most] = hasJspi() ? [40, 20] : [2, 3];
    await using host = await flooded(isolation, { maxInstances: calls, maxStreamsInFlight: most });
    const answers = await Promise.allSettled(Array.from({ length: calls }, () => host.fetch("flood", "/", { deadline: 20_000 })));
    const refused = answers.filter((answer) => answer.status === "rejected").map(({ reason }) => reason as unknown);
    assert.ok(refused.length > 0 && refused.length < answers.length, `${refused.length} of ${answers.length} were refused`);
    for (const error of refused) assert.ok(error instanceof LimitError && error.limit === "maxStreamsInFlight", String(error));
    assert.ok(host.metrics().limits.maxStreamsInFlight !== undefined);
    for (const answer of answers) if (answer.status === "fulfilled") await answer.value.body?.cancel();
    await assertServing(host);
    await until(() => host.metrics().streams.open === 0);
  });
}
