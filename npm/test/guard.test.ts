/** What a failing core does to those who use it. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Guard } from "../src/engine/guard.js";
import { ConflictError, PanicError } from "../src/errors.js";

/** A trap, as the core's abort on a panic is one. */
function panic(): never {
  // (module (func (export "f") unreachable))
  const bytes = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 5, 1, 3, 0, 0, 11);
  (new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports.f as () => void)();
  throw new Error("not reached");
}

test("a panic of the core closes it for good and is told once", () => {
  const guard = new Guard();
  const told: PanicError[] = [];
  guard.onPanic((error) => told.push(error));
  assert.equal(guard.run(() => 1), 1);
  assert.throws(() => guard.run(panic), PanicError);
  assert.throws(() => guard.run(() => 1), PanicError);
  assert.equal(told.length, 1);
  assert.ok(told[0]?.cause instanceof WebAssembly.RuntimeError);
  assert.equal(guard.panic, told[0]);
});

test("errors of the core are ours by their code, and leave it alive", () => {
  const guard = new Guard();
  assert.throws(() => guard.run(() => {
    throw Object.assign(new Error("in use"), { code: "conflict" });
  }), ConflictError);
  assert.equal(guard.run(() => 1), 1);
});
