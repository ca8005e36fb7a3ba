/** What a failing core does to those who use it. */

import assert from "node:assert/strict";
import { test } from "node:test";

import type { Core, EngineOutside } from "../src/core.js";
import { EngineClient, type EngineOwner, NotBegun } from "../src/engine/client.js";
import { rootContext } from "../src/engine/context.js";
import { Guard } from "../src/engine/guard.js";
import { openInline } from "../src/engine/inline.js";
import { ConflictError, PanicError } from "../src/errors.js";
import { invoke } from "./support/calls.js";
import { uncounted } from "./support/meter.js";

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

/** A core whose engine answers nothing, and fails when told to. */
function fragileCore(): { core: Core; outside: () => EngineOutside } {
  let outside!: EngineOutside;
  class Engine {
    constructor(given: EngineOutside) {
      outside = given;
    }
    invoke(call: number): void {
      // Never answers.
      outside.began(call);
    }
    unload(): void {
      panic();
    }
  }
  return { core: { Engine } as unknown as Core, outside: () => outside };
}

const nothing = (): void => undefined;
const share = { memories: 10, pages: 10 };
const unheard = { meter: uncounted, struck: nothing, ready: nothing, idle: nothing, stats: nothing };

test("a panic rejects what an inline engine was at, and refuses what comes after", async () => {
  const lost: Error[] = [];
  const host: EngineOwner = {
    guestCalls: async () => ({ results: new Uint8Array() }), deadline: 1, log: nothing, stdio: nothing, ...unheard,
    lost: (error) => (lost.push(error), void client.close(error)),
  };
  const { core } = fragileCore();
  const client: EngineClient = new EngineClient((listener) => openInline(core, "none", share, listener), host);
  const invocation = { instance: "a:b/c", func: "f", params: new Uint8Array(), channels: [] };
  const pending = assert.rejects(invoke(client, 1, invocation, rootContext(Infinity, undefined)), PanicError);
  client.unload(1);
  await pending;
  assert.ok(lost[0] instanceof PanicError);
  assert.throws(() => invoke(client, 1, invocation, rootContext(Infinity, undefined)), (error) => error instanceof NotBegun && error.cause === lost[0]);
});

test("a callback that throws does not tear through the core", async () => {
  const { core, outside } = fragileCore();
  const host: EngineOwner = {
    guestCalls: async () => ({ results: new Uint8Array() }), deadline: 1, stdio: nothing, lost: nothing, ...unheard,
    log: () => {
      throw new Error("a listener of the user's");
    },
  };
  new EngineClient((listener) => openInline(core, "none", share, listener), host);
  const later: (() => void)[] = [];
  const queue = globalThis.queueMicrotask;
  globalThis.queueMicrotask = (callback) => void later.push(callback);
  try {
    assert.doesNotThrow(() => outside().log(1, 2, "", "text"));
  } finally {
    globalThis.queueMicrotask = queue;
  }
  assert.throws(() => later[0]?.(), /a listener of the user's/);
});
