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

test("values cross a guest unchanged", { timeout: 240_000 }, async (t) => {
  await startCore();
  const { seed, cases } = await readCases();
  t.diagnostic(`seed ${seed}`);
  const wrong: string[] = [];
  let left = 0;
  for (const [number, case_] of cases.entries()) {
    // Adapters between guests have the memories of both.
    if (case_.guests.length > 1 && !hasManyMemories) {
      left++;
      continue;
    }
    const failure = await replay(case_, await readComponent(number));
    if (failure !== undefined) wrong.push(`seed ${seed}, case ${number} (${case_.guests.join(", ")}): ${failure}`);
  }
  if (left > 0) t.diagnostic(`${left} of ${cases.length} cases need several memories in a module`);
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
  try {
    const instance = await engine.load(component);
    for (const [number, call] of calls.entries()) {
      answer = call.answer;
      const outcome = await instance.call("call", call.params);
      if ("error" in outcome) return `call ${number}: ${outcome.error.code}: ${outcome.error.message}`;
      const wrong =
        difference("what the import got", seen, call.seen) ??
        difference("the result", hexOf(outcome.results), call.results);
      if (wrong !== undefined) return `call ${number}: ${wrong}`;
    }
    return undefined;
  } catch (error) {
    return String(error);
  } finally {
    engine.close();
  }
}

/** Where two texts in hex differ, if they do. */
function difference(what: string, given: string, expected: string): string | undefined {
  if (given === expected) return undefined;
  let same = 0;
  while (same < expected.length && given[same] === expected[same]) same++;
  const from = same - (same % 2);
  const [is, shouldBe] = [given, expected].map((hex) => hex.slice(from, from + 32) || "nothing");
  return `${what} has ${is} at byte ${from / 2}, not ${shouldBe}`;
}
