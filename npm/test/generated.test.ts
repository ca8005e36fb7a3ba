/**
 * Property tests of the engine on what `trellis-generated` made from a seed (`npm/dist-test/generated`): components with
 * a function of random types that passes its parameters on to an import and returns what that answers.
 *
 * What the import gets and what the call returns are the bytes of the reference codec; so every value has been lowered
 * into a guest, lifted from it, and, where the component has two guests, copied from one to the other.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import * as core from "../pkg/trellis_host.js";
import { bytesOf, hexOf } from "./conformance/data.js";
import { startEngine } from "./conformance/engine.js";
import { type Case, readCases, readComponent } from "./generated/data.js";
import { hasManyMemories } from "./support/features.js";
import { readFile } from "./support/files.js";

async function startCore(): Promise<void> {
  core.initSync({ module: await WebAssembly.compile(await readFile("npm/pkg/trellis_host_bg.wasm")) });
}

test("values cross a guest unchanged", async (t) => {
  await startCore();
  const { seed, cases } = await readCases();
  t.diagnostic(`seed ${seed}`);
  const wrong: string[] = [];
  for (const [number, case_] of cases.entries()) {
    // Adapters between guests have the memories of both.
    if (case_.guests.length > 1 && !hasManyMemories) continue;
    const failure = await replay(case_, await readComponent(number));
    if (failure !== undefined) wrong.push(`seed ${seed}, case ${number} (${case_.guests.join(", ")}): ${failure}`);
  }
  assert.deepEqual(wrong, []);
});

/** Calls the component of a case. Returns what went wrong first. */
async function replay({ calls }: Case, component: Uint8Array): Promise<string | undefined> {
  let seen = "";
  let answer = "";
  const engine = startEngine(core, (_name, params) => {
    seen = hexOf(params);
    return bytesOf(answer);
  });
  const instance = await engine.load(component);
  for (const [number, call] of calls.entries()) {
    answer = call.answer;
    const outcome = await instance.call("call", call.params);
    if ("error" in outcome) return `call ${number}: ${outcome.error.code}: ${outcome.error.message}`;
    if (seen !== call.seen) return `call ${number}: the import got ${seen}, not ${call.seen}`;
    const results = hexOf(outcome.results);
    if (results !== call.results) return `call ${number}: returned ${results}, not ${call.results}`;
  }
  engine.close();
  return undefined;
}
