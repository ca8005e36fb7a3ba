/** A guest leaves a secret wherever it can; whoever calls next finds what a new instance would have. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { type CompiledGuest, compileGuest } from "./engine/engine.js";
import { callOf, freshOutcomesOf, outcomesOf, seriesOf } from "./restore/outcome.js";
import { readFile } from "./support/files.js";

const SECRET = 0x5ec2e7;

/** What `smuggler.wat` can put and get where an instance can be set back. */
const restored = [
  "below-stack", "far-below-stack", "stack-pointer", "data", "end", "grown", "size", "filled", "copied",
  "i32", "i64", "f32", "f64", "v128", "funcref", "handle", "freed-handle", "rep",
];

/** Where it cannot after `put`, but can after `get`. */
const partly = ["data-drop", "table-set", "table-null", "table-fill", "table-copy", "table-init", "table-size"];

/** And where it never can. */
const ways = [...restored, ...partly, "grown-far", "room", "elem-drop", "table-room"];

/** Where there may be memory that the guest has no right to yet. */
const beyond = ["behind-end", "far-behind-end"];

let compiled: Promise<CompiledGuest> | undefined;

function smuggler(): Promise<CompiledGuest> {
  return (compiled ??= readFile("npm/dist-test/engine/smuggler.wasm").then(compileGuest));
}

for (const way of [...ways, ...beyond]) {
  const put = callOf(`put-${way}`, SECRET);
  const get = callOf(`get-${way}`);

  test(`${way}: the next caller finds nothing`, async () => {
    const guest = await smuggler();
    const [put0, get0] = await freshOutcomesOf(guest, [put, get]);
    const { outcomes, restored: times } = await seriesOf(guest, [put, get, get, put, put, get]);
    assert.deepEqual(outcomes, [put0, get0, get0, put0, put0, get0]);
    assert.equal(times > 0, restored.includes(way) || partly.includes(way) || beyond.includes(way), `${times} instances were set back`);
  });

  if (beyond.includes(way)) continue;
  test(`${way}: it would be found by who reuses the instance`, async () => {
    const guest = await smuggler();
    const [put0 = "", get0] = await freshOutcomesOf(guest, [put, get]);
    assert.equal(put0, "");
    const [, kept] = await outcomesOf(guest, [put, get], { reuse: true });
    assert.notEqual(kept, get0);
  });
}

test("a secret goes from no way to any other", async () => {
  const guest = await smuggler();
  const gets = [...ways, ...beyond].map((way) => callOf(`get-${way}`));
  const fresh = await freshOutcomesOf(guest, gets);
  for (const way of ways) {
    const calls = gets.flatMap((get) => [callOf(`put-${way}`, SECRET), get]);
    const outcomes = await outcomesOf(guest, calls);
    assert.deepEqual(outcomes.filter((_, index) => index % 2 === 1), fresh, way);
  }
});

test("what an instance got while it started is there for its call, and for no other", async () => {
  const guest = await compileGuest(await readFile("npm/dist-test/engine/starts.wasm"));
  const calls = ["handle", "drop-handle", "handle", "next-handle", "next-handle", "handle", "starts"].map((func) => callOf(func));
  assert.deepEqual(await outcomesOf(guest, calls), ["2a", "", "2a", "02", "02", "2a", "01"]);
  // A number that was drawn by chance would tell a caller what others have drawn.
  const drawn = await outcomesOf(guest, new Array(10).fill(callOf("drawn")));
  assert.equal(new Set(drawn).size, drawn.length);
});
