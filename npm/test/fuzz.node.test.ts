/** What ever broke a promise of a fuzz target is tried again, and so are the inputs that the fuzzers begin with. */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";

import { targets } from "./fuzz/targets.js";

const root = new URL("../../../fuzz/crashers/", import.meta.url);

function crashersOf(name: string): Uint8Array[] {
  const folder = new URL(`${name}/`, root);
  return existsSync(folder) ? readdirSync(folder).map((file) => new Uint8Array(readFileSync(new URL(file, folder)))) : [];
}

for (const [name, target] of Object.entries(targets)) {
  describe(`fuzz target ${name}`, () => {
    test("holds on its seeds", async () => {
      const seeds = await target.seeds();
      assert.ok(seeds.length > 1);
      for (const seed of seeds) await target.run(seed);
    });

    test("crashers crash no more", async () => {
      for (const crasher of crashersOf(name)) await target.run(crasher);
    });
  });
}
