/**
 * Damaged components are refused with errors that have a code; none makes the core fail (`WebAssembly.RuntimeError`,
 * after which it would be dead). The components are those of `trellis-generated`, the damage is the same in every run.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import * as core from "../pkg/trellis_host.js";
import { startEngine } from "./conformance/engine.js";
import { hexOf } from "./conformance/data.js";
import { damage, Dice } from "./generated/damage.js";
import { readCases, readComponent } from "./generated/data.js";
import { readFile } from "./support/files.js";

/** How often each component is damaged. */
const rounds = 4;

test("damaged components are refused in order", async (t) => {
  core.initSync({ module: await WebAssembly.compile(await readFile("npm/pkg/trellis_host_bg.wasm")) });
  const engine = startEngine(core);
  const components = await readComponents();
  const dice = new Dice(2026);
  const codes = new Map<string, number>();
  const count = (code: string) => codes.set(code, (codes.get(code) ?? 0) + 1);
  for (const component of components) {
    for (let round = 0; round < rounds; round++) {
      const other = components[dice.roll(components.length)] ?? component;
      const bytes = damage(component, other, dice);
      count(codeOf(bytes, () => core.inspect(bytes)));
      try {
        await engine.load(bytes);
        count("loaded");
      } catch (error) {
        count(codeOfError(bytes, error));
      }
    }
  }
  engine.close();
  t.diagnostic([...codes].map(([code, times]) => `${times} times ${code}`).join(", "));
  assert.ok((codes.get("invalid-component") ?? 0) > components.length, "most damage is noticed");
});

async function readComponents(): Promise<Uint8Array[]> {
  const { cases } = await readCases();
  return Promise.all(cases.map((_, number) => readComponent(number)));
}

function codeOf(bytes: Uint8Array, work: () => unknown): string {
  try {
    work();
    return "accepted";
  } catch (error) {
    return codeOfError(bytes, error);
  }
}

/** The code of a refusal; the platform refuses the core modules that the core does not look into. */
function codeOfError(bytes: Uint8Array, error: unknown): string {
  if (error instanceof WebAssembly.CompileError) return "CompileError";
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  assert.ok(typeof code === "string", `${String(error)}, for ${hexOf(bytes)}`);
  return code;
}
