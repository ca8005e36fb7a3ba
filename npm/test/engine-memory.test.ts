/** Strings go into and come out of a memory that grows meanwhile: no view of it is held too long. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { encoded, TestEngine } from "./engine/engine.js";

/** Lengths about the sizes of encodings, pages, and what is copied at once. */
const lengths = [0, 1, 127, 128, 4095, 65_535, 65_536, 65_537, 200_000, 1_000_000];

for (const func of ["echo", "relay"]) {
  test(`${func}: strings cross a memory that grows with each of them`, async () => {
    const engine = await TestEngine.start("none");
    engine.answer = (_call, _func, params) => params;
    const guest = await engine.load("memory", { reuse: true });
    for (const length of lengths) {
      const text = encoded("ab\u00fc".repeat(length).slice(0, length));
      assert.deepEqual(await engine.call(guest, func, text), text, `${length} characters`);
    }
    engine.close();
  });
}

test("a memory may grow between calls", async () => {
  const engine = await TestEngine.start("none");
  const guest = await engine.load("memory", { reuse: true });
  assert.deepEqual(await engine.call(guest, "echo", encoded("before")), encoded("before"));
  assert.deepEqual(await engine.call(guest, "grow", encoded(10)), encoded(2));
  assert.deepEqual(await engine.call(guest, "echo", encoded("after")), encoded("after"));
  engine.close();
});

test("a memory may grow while the host answers an import, by another call", async () => {
  const engine = await TestEngine.start("none");
  const guest = await engine.load("memory");
  engine.answer = (_call, _func, params) => {
    if (params[0] !== 5) return params;
    let nested: Uint8Array | undefined;
    void engine.call(guest, "relay", encoded("x".repeat(300_000)));
    const settled = engine.events.findLast((event) => event[0] === "settled");
    if (settled !== undefined) nested = settled[2];
    assert.equal(nested?.length, 300_003);
    return params;
  };
  assert.deepEqual(await engine.call(guest, "relay", encoded("outer")), encoded("outer"));
  engine.close();
});
