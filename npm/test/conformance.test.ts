/**
 * The reference tests of the component model, replayed against the engine: what `trellis-conformance` made of the
 * `.wast` scripts (`npm/dist-test/conformance`). Arguments and expected results are bytes in wRPC encoding.
 *
 * A trap counts when its message contains the reference's own. `playwright-tests/conformance/expectations.json` says
 * what is known to fail and why; what it names must fail. What needs a feature of WebAssembly that the platform does not
 * have is skipped, and counted: exceptions, and several memories in a module (adapters between components with memory).
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import * as core from "../pkg/trellis_host.js";
import { type Instance, startEngine } from "./conformance/engine.js";
import { type Directive, expectations, hexOf, readBinary, readScript, scriptNames } from "./conformance/data.js";
import { hasExceptions, hasManyMemories } from "./support/features.js";
import { readFile } from "./support/files.js";

test("the reference tests of the component model", async (t) => {
  core.initSync({ module: await WebAssembly.compile(await readFile("npm/pkg/trellis_host_bg.wasm")) });
  const expected = await expectations();
  for (const name of await scriptNames()) {
    await t.test(name, async (t) => {
      const skipped = await replay(name, expected);
      if (skipped > 0) t.diagnostic(`${name}: ${skipped} directives need what this platform does not have`);
    });
  }
});

/** Replays a script. Returns how many directives were skipped. */
async function replay(name: string, expected: Record<string, string>): Promise<number> {
  const engine = startEngine(core);
  const instances = new Map<string | null, Instance | "skipped">();
  const wrong: string[] = [];
  let skipped = 0;
  for (const directive of await readScript(name)) {
    const place = `${name}.wast:${directive.line}`;
    const failure = await failureOf(directive);
    if (failure === "skipped") {
      skipped++;
      continue;
    }
    if (failure !== undefined && !(place in expected)) wrong.push(`${place}: ${failure}`);
    if (failure === undefined && place in expected) wrong.push(`${place}: passes, but is expected to fail`);
  }
  engine.close();
  assert.deepEqual(wrong, []);
  return skipped;

  /** Carries a directive out. Returns what went wrong. */
  async function failureOf(directive: Directive): Promise<string | undefined> {
    switch (directive.kind) {
      case "definition":
        return messageOf(async () => engine.compile(await binary(directive)));
      case "instance":
        return load(directive);
      case "invalid": {
        const refusal = await messageOf(async () => engine.compile(await binary(directive)));
        return refusal === undefined ? `is accepted, but is invalid: ${directive.message}` : undefined;
      }
      case "call":
        return call(directive);
      case "malformed-text":
        return directive.ok ? undefined : "the text is accepted";
      case "refused":
        return directive.reason;
    }
  }

  async function load(directive: Directive & { kind: "instance" }): Promise<string | undefined> {
    const keys = [directive.name, null];
    for (const key of keys) instances.delete(key);
    const failure = await messageOf(async () => {
      const instance = await engine.load(await binary(directive));
      for (const key of keys) instances.set(key, instance);
    });
    if (failure === "skipped") for (const key of keys) instances.set(key, failure);
    return failure;
  }

  async function call(directive: Directive & { kind: "call" }): Promise<string | undefined> {
    const instance = instances.get(directive.instance);
    if (instance === undefined) return "there is no instance to call";
    if (instance === "skipped") return instance;
    const outcome = await instance.call(directive.function, directive.params);
    if ("return" in directive.outcome) {
      const given = "results" in outcome ? hexOf(outcome.results) : `${outcome.error.code}: ${outcome.error.message}`;
      return given === directive.outcome.return ? undefined : `expected ${directive.outcome.return}, got ${given}`;
    }
    if ("results" in outcome) return `expected the trap "${directive.outcome.trap}", got ${hexOf(outcome.results)}`;
    const { code, message } = outcome.error;
    const trapped = code === "guest-trap" && message.includes(phrase(directive.outcome.trap));
    return trapped ? undefined : `expected the trap "${directive.outcome.trap}", got ${code}: ${message}`;
  }

  function binary(directive: { binary: number }): Promise<Uint8Array<ArrayBuffer>> {
    return readBinary(name, directive.binary);
  }
}

/** What went wrong in `work`, if anything; `skipped` if the platform lacks what it needs. */
async function messageOf(work: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    const lacking = error instanceof WebAssembly.CompileError && missing.some((what) => what.test(error.message));
    return lacking ? "skipped" : String(error);
  }
}

/** The part of an expected message that is not one program's habit. */
function phrase(message: string): string {
  return message.replace(/^wasm trap: /, "");
}

/** How the platform words what it does not have. */
const missing = [
  hasManyMemories ? undefined : /one memory|memory count/,
  hasExceptions ? undefined : /opcode 0x1f/,
].filter((phrase) => phrase !== undefined);
