/**
 * An instance that has served before answers as a new one would, byte for byte and error for error: for the components
 * of the reference tests, and for generated ones.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { bytesOf, type Directive, readBinary, readScript, scriptNames } from "./conformance/data.js";
import { type Answer, type CompiledGuest, compileGuest } from "./engine/engine.js";
import { readCases, readComponent } from "./generated/data.js";
import { type Call, freshOutcomesOf, outcomesOf } from "./restore/outcome.js";
import { hasManyMemories } from "./support/features.js";

/**
 * Calls each several times on one engine, which makes a new instance at first, and once on an engine of its own. Returns
 * what differs.
 */
async function difference(guest: CompiledGuest, calls: readonly Call[], answer?: Answer): Promise<string | undefined> {
  const fresh = await freshOutcomesOf(guest, calls, answer);
  const outcomes = await outcomesOf(guest, [...calls, ...calls, ...calls, ...calls], {}, answer);
  const index = outcomes.findIndex((outcome, at) => outcome !== fresh[at % calls.length]);
  const call = calls[index % calls.length];
  return index < 0 ? undefined : `${call?.func}: ${outcomes[index]}, of a new instance ${fresh[index % calls.length]}`;
}

/** The components of a script with the calls of each. */
async function componentsOf(script: string): Promise<Map<number, Call[]>> {
  const components = new Map<number, Call[]>();
  const instances = new Map<string | null, Call[]>();
  const add = (directive: Directive): void => {
    if (directive.kind === "instance") {
      const calls: Call[] = [];
      components.set(directive.binary, calls);
      instances.set(directive.name, calls).set(null, calls);
    } else if (directive.kind === "call") {
      instances.get(directive.instance)?.push({ func: directive.function, params: bytesOf(directive.params) });
    }
  };
  (await readScript(script)).forEach(add);
  return components;
}

test("the components of the reference tests", { timeout: 240_000 }, async (t) => {
  for (const script of await scriptNames()) {
    await t.test(script, async () => {
      const wrong: string[] = [];
      for (const [binary, calls] of await componentsOf(script)) {
        if (calls.length === 0) continue;
        const guest = await compileGuest(await readBinary(script, binary)).catch(() => undefined);
        // What this platform cannot compile, or this host refuses, the reference tests themselves look at.
        const failure = guest && await difference(guest, calls);
        if (failure !== undefined) wrong.push(`${script}.${binary}: ${failure}`);
      }
      assert.deepEqual(wrong, []);
    });
  }
});

test("generated components", { timeout: 240_000 }, async () => {
  const { seed, cases } = await readCases();
  const wrong: string[] = [];
  for (const [number, { guests, calls }] of cases.entries()) {
    if (guests.length > 1 && !hasManyMemories) continue;
    const guest = await compileGuest(await readComponent(number));
    for (const { params, answer } of calls) {
      const failure = await difference(guest, [{ func: "call", params: bytesOf(params) }], () => bytesOf(answer));
      if (failure !== undefined) wrong.push(`seed ${seed}, case ${number}: ${failure}`);
    }
  }
  assert.deepEqual(wrong, []);
});
