/** Traps: the same words on every platform, an instance that is not used again, and a core that lives on. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { encoded, TestEngine, wireError } from "./engine/engine.js";
import { hasExceptions } from "./support/features.js";

/**
 * What goes wrong in which function of `traps.wat`. Some engines of V8 do not tell an empty place of a table from one of
 * another type, and SpiderMonkey does not tell the end of a table from that of a memory.
 */
const traps: Record<string, string | RegExp> = {
  "unreachable": "wasm `unreachable` instruction executed",
  "divide": "integer divide by zero",
  "overflow": "integer overflow",
  "truncate": "invalid conversion to integer",
  "out-of-bounds": "out of bounds memory access",
  "no-element": /^wasm trap: (uninitialized element|indirect call type mismatch)$/,
  "no-table-place": /^wasm trap: (undefined element: out of bounds table access|out of bounds memory access)$/,
  "other-type": "indirect call type mismatch",
  "recurse": "call stack exhausted",
  "recurse-far": "call stack exhausted",
};

/** An engine whose `ping` answers its argument. */
async function pinging(): Promise<TestEngine> {
  const engine = await TestEngine.start("none");
  engine.answer = (_call, _func, params) => params;
  return engine;
}

for (const [func, words] of Object.entries(traps)) {
  test(`${func} traps, and its instance is not used again`, async () => {
    const engine = await pinging();
    const guest = await engine.load("traps", { reuse: true });
    assert.deepEqual(await engine.call(guest, "count"), encoded(1));
    assert.deepEqual(await engine.call(guest, "count"), encoded(2));
    await assert.rejects(engine.call(guest, func), { code: "guest-trap", message: typeof words === "string" ? `wasm trap: ${words}` : words });
    assert.deepEqual(await engine.call(guest, "count"), encoded(1));
    engine.close();
  });
}

test("a stack that overflows in the core's own frames leaves the core well", async () => {
  const engine = await pinging();
  const guest = await engine.load("traps");
  // Twice: to unwind such a stack takes Firefox ten seconds.
  for (let round = 0; round < 2; round++) {
    await assert.rejects(engine.call(guest, "recurse-far"), { code: "guest-trap", message: /call stack exhausted/ });
    assert.deepEqual(await engine.call(guest, "ping", encoded(round)), encoded(round));
  }
  engine.close();
});

test("what the outside throws passes through the guest with its code", async () => {
  const engine = await pinging();
  const guest = await engine.load("traps", { reuse: true });
  await engine.call(guest, "count");
  engine.answer = () => {
    throw wireError("missing-link", "nobody serves this");
  };
  await assert.rejects(engine.call(guest, "ping", encoded(1)), { code: "missing-link", message: "nobody serves this" });
  assert.deepEqual(await engine.call(guest, "count"), encoded(1));
  engine.close();
});

test("a guest that catches what stops it is stopped all the same", { skip: !hasExceptions }, async () => {
  const engine = await pinging();
  const guest = await engine.load("catches", { reuse: true });
  engine.answer = (_call, _func, params) => {
    if (params[0] === 0) throw wireError("missing-link", "nobody serves this");
    return params;
  };
  assert.deepEqual(await engine.call(guest, "ping", encoded(7)), encoded(7));
  await assert.rejects(engine.call(guest, "ping", encoded(0)), { code: "missing-link", message: "nobody serves this" });
  assert.deepEqual(await engine.call(guest, "count"), encoded(0));
  engine.close();
});

test("parameters and answers that cannot be decoded end the call", async () => {
  const engine = await pinging();
  const guest = await engine.load("traps", { reuse: true });
  await engine.call(guest, "count");
  for (const params of [encoded(), new Uint8Array(6).fill(0xff)]) {
    await assert.rejects(engine.call(guest, "ping", params), { code: "decode" });
    engine.answer = () => params;
    await assert.rejects(engine.call(guest, "ping", encoded(1)), { code: "decode" });
  }
  assert.deepEqual(await engine.call(guest, "count"), encoded(1));
  engine.close();
});

test("bytes after the last parameter and after an answer are passed over, since native encoders write some", async () => {
  const engine = await pinging();
  const guest = await engine.load("traps");
  const seen: Uint8Array[] = [];
  engine.answer = (_call, _func, params) => (seen.push(params), encoded(4, 5));
  assert.deepEqual(await engine.call(guest, "ping", encoded(1, 2)), encoded(4));
  assert.deepEqual(seen, [encoded(1)]);
  engine.close();
});

test("what is not there cannot be called", async () => {
  const engine = await pinging();
  const guest = await engine.load("traps");
  await assert.rejects(engine.call(guest, "nothing"), { code: "not-found", message: /`nothing`/ });
  await assert.rejects(engine.call(guest + 1000, "count"), { code: "not-found" });
  engine.commands.unload(guest);
  await assert.rejects(engine.call(guest, "count"), { code: "not-found" });
  engine.close();
});
