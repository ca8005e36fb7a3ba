/** What becomes of calls when their worker is lost, is not ready, or takes no more. The workers do what the tests say. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { type CallContext, rootContext } from "../src/engine/context.js";
import { InvalidComponentError, TimeoutError, toWire, WorkerLostError } from "../src/errors.js";
import { hasSharedMemory } from "./support/hosts.js";
import { FakePool, type FakeWorker, turn } from "./support/workers.js";

const forever = (): CallContext => rootContext(Infinity, undefined);

test("calls that have not begun move on to the spare worker, in their order; others are told", async () => {
  await using fake = new FakePool();
  const component = await fake.start({ isolation: "dedicated" });
  const outcomes = [1, 2, 3].map((param) => component.call(forever(), Uint8Array.of(param)));
  await turn();
  const [first, spare] = [fake.worker(0), fake.worker(1)];
  assert.equal(first.calls.length, 3);
  first.say(["began", first.calls[0] as number]);
  first.die();
  await assert.rejects(outcomes[0] as Promise<unknown>, WorkerLostError);
  await turn();
  assert.ok(first.ended);
  assert.deepEqual(spare.told.flatMap((message) => (message[0] === "invoke" ? [...message[5]] : [])), [2, 3]);
  spare.calls.forEach((call) => spare.answer(call));
  await Promise.all(outcomes.slice(1));
  assert.deepEqual(fake.pool.metrics().workers, { live: 1, spare: 1, lost: 1, started: 3 });
});

test("a call that loses every worker before it has begun fails", async () => {
  await using fake = new FakePool();
  const component = await fake.start({ isolation: "dedicated" });
  const outcome = component.call();
  for (let attempt = 0; attempt < 4; attempt++) {
    await turn();
    fake.workers.find(({ calls, ended }) => calls.length > 0 && !ended)?.die();
  }
  await assert.rejects(outcome, /lost 4 times before it had begun: the worker failed: out of luck/);
});

test("a call that has begun is not made again, though what its worker said of that was lost with it", { skip: !hasSharedMemory() }, async () => {
  await using fake = new FakePool();
  const component = await fake.start({ isolation: "dedicated" });
  const outcomes = [1, 2, 3].map((param) => component.call(forever(), Uint8Array.of(param)));
  await turn();
  const [first, spare] = [fake.worker(0), fake.worker(1)];
  const [heard, lost] = first.calls as [number, number];
  first.say(["began", heard]);
  first.enter(lost);
  first.die();
  for (const outcome of outcomes.slice(0, 2)) await assert.rejects(outcome, WorkerLostError);
  await turn();
  assert.deepEqual(spare.told.flatMap((message) => (message[0] === "invoke" ? [...message[5]] : [])), [3]);
});

test("the deadline of a call holds while another worker starts and loads its component", async () => {
  for (const starts of [true, false]) {
    // The first answers, those that follow do not get ready, or load nothing.
    const set = (worker: FakeWorker, index: number): void => {
      if (index === 0) queueMicrotask(() => worker.say(["ready"]));
      else worker.load = () => ["room"];
    };
    await using fake = new FakePool({ starts, set });
    const component = await fake.start({ isolation: "dedicated" });
    const moved = component.call(rootContext(30, undefined));
    await turn();
    fake.worker(0).die();
    await assert.rejects(moved, TimeoutError);
    await assert.rejects(component.call(rootContext(10, undefined)), TimeoutError);
    assert.deepEqual([component.lane.waiting, component.lane.inFlight], [0, 0]);
  }
});

test("a call that is given up before its worker has started is never made", async () => {
  const set = (worker: FakeWorker, index: number): void => {
    if (index === 0) queueMicrotask(() => worker.say(["ready"]));
  };
  await using fake = new FakePool({ starts: false, set });
  const component = await fake.start({ isolation: "dedicated" });
  const [late, moved] = [component.call(rootContext(20, undefined)), component.call()];
  await turn();
  fake.worker(0).die();
  await assert.rejects(late, TimeoutError);
  const next = fake.worker(1);
  next.say(["ready"]);
  await turn();
  assert.equal(next.calls.length, 1);
  next.answer(next.calls[0] as number);
  await moved;
});

test("a component that every worker refuses fails its calls by the refusal", { skip: !hasSharedMemory() }, async () => {
  const refusal = toWire(new InvalidComponentError("not here"));
  // The first takes it, those that follow do not.
  const set = (worker: FakeWorker, index: number): void => {
    if (index > 0) worker.load = (component) => ["refused", component, refusal];
  };
  await using fake = new FakePool({ suspension: "atomics", set });
  const component = await fake.start({ isolation: "dedicated" });
  fake.worker(0).die();
  await assert.rejects(component.call(), { name: "InvalidComponentError", message: "not here" });
  assert.deepEqual([component.lane.waiting, component.lane.inFlight], [0, 0]);
});
