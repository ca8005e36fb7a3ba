/** What an engine holds goes when it is freed: platforms have room for so many memories. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { TestEngine } from "./engine/engine.js";
import { held } from "./guests/footprint.js";

for (const reuse of [false, true]) {
  test(`idle instances are gone with their engine (reuse: ${reuse})`, async () => {
    const before = await held();
    for (let engines = 0; engines < 10; engines++) {
      const engine = await TestEngine.start("none");
      const component = await engine.load("calls", { reuse });
      for (let call = 0; call < 3; call++) await engine.call(component, "behave");
      engine.close();
    }
    // What was used last may be held by the machinery of the platform for a while.
    const { memories } = await held();
    assert.ok(memories <= before.memories + 1, `${memories - before.memories} memories of freed engines are held`);
  });
}
