/** Messages on their way to a worker. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Outbox } from "../src/engine/outbox.js";

const LARGE = 100_000;

/** An outbox whose messages are cloned as a port does it; what has arrived, and what was refused. */
function outbox(): { box: Outbox<unknown[]>; batches: unknown[][][]; refused: unknown[][] } {
  const batches: unknown[][][] = [];
  const refused: unknown[][] = [];
  const post = (messages: unknown[][], transfer: ArrayBuffer[]): void => void batches.push(structuredClone(messages, { transfer }));
  return { box: new Outbox(post, (message) => refused.push(message)), batches, refused };
}

test("messages of one turn go together", async () => {
  const { box, batches } = outbox();
  box.push(["a", 1]);
  box.push(["b", 2]);
  await Promise.resolve();
  assert.deepEqual(batches, [[["a", 1], ["b", 2]]]);
});

test("of a batch, what cannot be cloned is refused, and nothing else is lost", async () => {
  const { box, batches, refused } = outbox();
  const uncloneable = ["b", () => undefined, new Uint8Array(LARGE)];
  box.push(["a", new Uint8Array(LARGE).fill(1)]);
  box.push(uncloneable);
  box.push(["c", 3]);
  await Promise.resolve();
  assert.deepEqual(batches.flat().map(([name]) => name), ["a", "c"]);
  assert.ok((batches[0]?.[0]?.[1] as Uint8Array).every((byte) => byte === 1));
  assert.deepEqual(refused, [uncloneable]);
});

test("large byte arrays are given away; small ones, and those that share their buffer, are copied", () => {
  const { box, batches } = outbox();
  const [large, small, part] = [new Uint8Array(LARGE), new Uint8Array(10), new Uint8Array(2 * LARGE).subarray(LARGE)];
  box.push(["m", large, small, part]);
  box.flush();
  assert.deepEqual([large.length, small.length, part.length], [0, 10, LARGE]);
  assert.deepEqual(batches[0]?.[0]?.slice(1).map((bytes) => (bytes as Uint8Array).length), [LARGE, 10, LARGE]);
});

test("what is held goes when it is released, in order", () => {
  const { box, batches } = outbox();
  box.hold();
  box.push(["a"]);
  box.push(["b"]);
  assert.deepEqual(batches, []);
  box.release();
  assert.deepEqual(batches, [[["a"], ["b"]]]);
});
