/** Guests that misbehave cost their caller an error, and nobody else more than their worker. */

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  AbortedError, GuestExitError, GuestTrapError, type Host, MissingLinkError, TimeoutError, WorkerLostError,
} from "trellis-host";

import { childContext, MAX_DEPTH, rootContext } from "../src/engine/context.js";
import { hasJspi, hostWith, inBoth, start } from "./support/hosts.js";

const mischief = "trellis:hostile/mischief";
const call = (host: Host, func: string, args: unknown[] = [], options = {}): Promise<unknown> =>
  host.invoke("hostile", mischief, func, args, options);

inBoth("a trap is an error, and the next call is well", "nothing", async (isolation) => {
  await using host = await hostWith(["hostile"], { isolation });
  for (const func of ["trap", "out-of-bounds", "recurse"]) {
    await assert.rejects(call(host, func), GuestTrapError, func);
    assert.equal(await call(host, "behave"), 7);
  }
  await assert.rejects(call(host, "panic", ["so be it"]), GuestTrapError);
});

inBoth("a trapped instance is not used again", "nothing", async (isolation) => {
  await using host = await hostWith([], { isolation });
  await start(host, "hostile", { reuse: true });
  await assert.rejects(call(host, "trap"), GuestTrapError);
  assert.equal(await call(host, "behave"), 7);
});

inBoth("an exit is told with its code", "nothing", async (isolation) => {
  await using host = await hostWith(["hostile"], { isolation });
  for (const [success, exitCode] of [[true, 0], [false, 1]] as const) {
    await assert.rejects(call(host, "exit", [success]), (error) => error instanceof GuestExitError && error.exitCode === exitCode);
  }
});

inBoth("a guest that waits too long is given up, and others go on", "waiting", async (isolation) => {
  await using host = await hostWith(["hostile"], { isolation });
  await assert.rejects(call(host, "sleep-forever", [], { deadline: 200 }), TimeoutError);
  assert.equal(await call(host, "behave"), 7);
});

inBoth("a caller can give a waiting guest up", "waiting", async (isolation) => {
  await using host = await hostWith(["hostile"], { isolation });
  const controller = new AbortController();
  const reason = new Error("never mind");
  const waiting = call(host, "sleep-forever", [], { signal: controller.signal });
  setTimeout(() => controller.abort(reason), 50);
  await assert.rejects(waiting, (error) => error instanceof AbortedError && error.cause === reason);
  assert.equal(await call(host, "behave"), 7);
});

test("a guest that spins is ended with its worker, and a new worker serves the next call", async () => {
  await using host = await hostWith(["hostile", "http-hello"]);
  await assert.rejects(call(host, "spin", [], { deadline: 300 }), TimeoutError);
  assert.equal(await call(host, "behave"), 7);
  assert.equal((await host.fetch("http-hello", "/")).status, 200);
  await assert.rejects(call(host, "spin", [], { deadline: 300 }), TimeoutError);
  assert.equal(await call(host, "behave"), 7);
});

test("a caller can give a spinning guest up, and others are served after it", async () => {
  await using host = await hostWith(["hostile"], { deadline: 60_000 });
  const controller = new AbortController();
  const spinning = call(host, "spin", [], { signal: controller.signal });
  setTimeout(() => controller.abort(), 200);
  await assert.rejects(spinning, AbortedError);
  assert.equal(await call(host, "behave"), 7);
});

test("calls in a worker that has to be ended are told; those not begun are made again", async () => {
  await using host = await hostWith(["hostile"], { deadline: 60_000 });
  // Where guests block their worker, only one of these two begins.
  const waiting = call(host, "sleep-forever", [], { deadline: 3000 });
  const told = assert.rejects(waiting, hasJspi() ? WorkerLostError : TimeoutError);
  const spinning = assert.rejects(call(host, "spin", [], { deadline: 400 }), TimeoutError);
  const unbegun = call(host, "behave");
  await spinning;
  assert.equal(await unbegun, 7);
  await told;
});

test("calls over links go no deeper than a limit, and inherit the deadline", () => {
  const root = rootContext(1000, undefined);
  let context = root;
  const { signal } = new AbortController();
  for (let depth = 1; depth <= MAX_DEPTH; depth++) context = childContext(context, 60_000, signal);
  assert.ok(context.deadlineAt <= root.deadlineAt);
  assert.equal(childContext(root, 10, signal).deadline, 10);
  assert.throws(() => childContext(context, 1, signal), { code: "limit" });
});

test("what was printed for ever ends with its deadline", async () => {
  let bytes = 0;
  const onOutput = (output: { bytes: Uint8Array }): void => void (bytes += output.bytes.length);
  await using host = await hostWith(["hostile"], { onOutput });
  await assert.rejects(call(host, "print-forever", [], { deadline: 300 }), TimeoutError);
  assert.ok(bytes > 0);
  assert.equal(await call(host, "behave"), 7);
});

inBoth("an import without a link fails when it is called, not before", "waiting", async (isolation) => {
  await using host = await hostWith(["kitchen-sink"], { isolation });
  await assert.rejects(host.invoke("kitchen-sink", "trellis:kitchen/sink", "host-add", [1, 2]), MissingLinkError);
});
