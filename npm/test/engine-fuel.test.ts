/**
 * Fuel bounds what a guest does, also by instructions that no interpreter in the tests of the pass knows, and what it has
 * the engine do.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { compileGuest, encoded, TestEngine } from "./engine/engine.js";
import { hasCasts, hasManyMemories } from "./support/features.js";
import { readFile } from "./support/files.js";

test("a function that ends by a cast has paid", { skip: !hasCasts }, async () => {
  const engine = await TestEngine.start("none");
  const compiled = await compileGuest(await readFile("npm/dist-test/engine/casts.wasm"), true);
  const guest = engine.loadCompiled(compiled, { fuel: 10_000 });
  assert.deepEqual(await engine.call(guest, "spin", encoded(50)), encoded(0));
  await assert.rejects(engine.call(guest, "spin", encoded(5000)), { limit: "fuel" });
  engine.close();
});

// Each step is 512 bytes; a few are left for the code.
for (const func of ["take", "give", "pass"]) {
  test(`what a guest passes takes fuel: ${func}`, { skip: !hasManyMemories }, async () => {
    const engine = await TestEngine.start("none");
    let length = 0;
    engine.answer = (_call, func) => func === "give" ? encoded("x".repeat(length)) : encoded();
    const compiled = await compileGuest(await readFile("npm/dist-test/engine/strings.wasm"), true);
    const call = (guest: number, bytes: number): Promise<Uint8Array> => engine.call(guest, func, encoded(length = bytes));

    const guest = engine.loadCompiled(compiled, { fuel: 1000 });
    assert.deepEqual(await call(guest, 900 * 512), encoded());
    await assert.rejects(call(guest, 1000 * 512), { code: "limit", limit: "fuel" });
    assert.deepEqual(await call(guest, 900 * 512), encoded(), "each call has its own");
    assert.deepEqual(await call(engine.loadCompiled(compiled), 1000 * 512), encoded(), "without a limit");
    engine.close();
  });
}
