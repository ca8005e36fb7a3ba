/** Fuel bounds what a guest does, also by instructions that no interpreter in the tests of the pass knows. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { compileGuest, encoded, TestEngine } from "./engine/engine.js";
import { hasCasts } from "./support/features.js";
import { readFile } from "./support/files.js";

test("a function that ends by a cast has paid", { skip: !hasCasts }, async () => {
  const engine = await TestEngine.start("none");
  const compiled = await compileGuest(await readFile("npm/dist-test/engine/casts.wasm"), true);
  const guest = engine.loadCompiled(compiled, { fuel: 10_000 });
  assert.deepEqual(await engine.call(guest, "spin", encoded(50)), encoded(0));
  await assert.rejects(engine.call(guest, "spin", encoded(5000)), { limit: "fuel" });
  engine.close();
});
