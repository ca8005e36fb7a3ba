/** The classes of errors are those that the core knows. */

import assert from "node:assert/strict";
import { test } from "node:test";

import * as errors from "../src/errors.js";
import { readText } from "./support/files.js";

test("every kind of the core has a class, and every class a kind", async () => {
  const source = await readText("host-wasm/error/src/lib.rs");
  const kinds = [...source.matchAll(/Kind::\w+ => "([a-z-]+)"/g)].map((match) => match[1]);
  assert.ok(kinds.length > 10);
  assert.deepEqual([...errors.errorCodes].sort(), [...kinds].sort());
});

test("a class has its own name and code, and keeps them over the port", () => {
  for (const code of errors.errorCodes) {
    const error = errors.fromWire({ code, message: "why" });
    assert.ok(error instanceof errors.TrellisError);
    // By its export: bundlers may rename the class itself.
    assert.equal((errors as Record<string, unknown>)[error.name], error.constructor);
    assert.equal((error.constructor as unknown as { code: string }).code, code);
    assert.equal(error.message, "why");
    assert.equal(errors.toWire(error).code, code);
    assert.equal(errors.typedError(Object.assign(new Error("why"), { code }))?.constructor, error.constructor);
  }
});

test("what errors carry beside the message crosses the port", () => {
  const exit = errors.fromWire(errors.toWire(new errors.GuestExitError("gone", 7)));
  assert.ok(exit instanceof errors.GuestExitError && exit.exitCode === 7);
  const missing = errors.fromWire(errors.toWire(new errors.MissingImportError("no", ["a:b/c"])));
  assert.ok(missing instanceof errors.MissingImportError);
  assert.deepEqual(missing.missing, ["a:b/c"]);
  const limit = errors.fromWire(errors.toWire(new errors.LimitError("too much", { limit: "fuel" })));
  assert.ok(limit instanceof errors.LimitError && limit.limit === "fuel");
  assert.deepEqual(errors.toWire(new errors.LimitError("too deep")), { code: "limit", message: "too deep" });
});

test("what was thrown by others is told by its words", () => {
  assert.deepEqual(errors.toWire(new TypeError("what")), { code: "guest-error", message: "what" });
  assert.deepEqual(errors.toWire("words"), { code: "guest-error", message: "words" });
  assert.equal(errors.typedError(Object.assign(new Error("no entry"), { code: "ENOENT" })), undefined);
});
