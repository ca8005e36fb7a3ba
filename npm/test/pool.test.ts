/** Which call goes to which worker, and what becomes of it when a worker is lost. The workers do what the tests say. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { type CallContext, childContext, rootContext } from "../src/engine/context.js";
import { concurrency } from "../src/engine/platform.js";
import { AbortedError, LimitError, StoppedError, TimeoutError, WorkerLostError } from "../src/errors.js";
import { limitsOf, SERVER_ROOM, totalsOf } from "../src/host/limits.js";
import { hasSharedMemory } from "./support/hosts.js";
import { FakePool, type FakeWorker, turn } from "./support/workers.js";

const skip = concurrency() < 2;
const forever = (signal?: AbortSignal): CallContext => rootContext(Infinity, signal);
const during = (context: CallContext): CallContext => childContext(context, Infinity, new AbortController().signal);

/** How many calls each worker was given. */
const spread = (workers: FakeWorker[]): number[] => workers.map(({ calls }) => calls.length);
const sum = (counts: number[]): number => counts.reduce((all, count) => all + count, 0);

test("the first component starts a worker and a spare one, which a second call at a time puts to work", { skip }, async () => {
  await using fake = new FakePool();
  const component = await fake.start();
  assert.deepEqual(fake.pool.metrics().workers, { live: 1, spare: 1, lost: 0, started: 2 });
  void component.call();
  await turn();
  assert.deepEqual(spread(fake.workers), [1, 0]);
  void component.call();
  await turn();
  assert.deepEqual(spread(fake.workers), [1, 1, 0]);
  assert.deepEqual(fake.worker(1).components, [component.deployment.number], "it is loaded when it is needed");
  assert.equal(fake.pool.metrics().workers.spare, 1);
});

test("calls go to the least loaded worker, and the pool grows no further than it may", async () => {
  await using fake = new FakePool();
  const component = await fake.start({ maxInstances: 100 });
  for (let count = 0; count < 3 * concurrency(); count++) {
    void component.call();
    await turn();
  }
  assert.deepEqual(spread(fake.workers), [...new Array<number>(concurrency()).fill(3), 0]);
  fake.worker(0).answer(fake.worker(0).calls[0] as number);
  void component.call();
  await turn();
  assert.equal(fake.worker(0).calls.length, 4);
});

test("four calls that have not begun are posted to a worker; the next goes when one begins", async () => {
  await using fake = new FakePool();
  const component = await fake.start({ maxInstances: 100 });
  for (let count = 0; count < 50; count++) void component.call();
  for (let round = 0; round < concurrency(); round++) await turn();
  assert.equal(sum(spread(fake.workers)), 4 * concurrency());
  fake.worker(0).say(["began", fake.worker(0).calls[0] as number]);
  await turn();
  assert.equal(fake.worker(0).calls.length, 5);
});

test("as many calls are at work as there may be instances; the others wait, first come, first served", async () => {
  await using fake = new FakePool();
  const component = await fake.start({ maxInstances: 1 });
  const outcomes = [1, 2, 3].map((param) => component.call(forever(), Uint8Array.of(param)));
  await turn();
  assert.deepEqual([component.lane.inFlight, component.lane.waiting], [1, 2]);
  const worker = fake.worker(0);
  for (const outcome of outcomes) {
    worker.answer(worker.calls.at(-1) as number);
    await outcome;
    await turn();
  }
  assert.deepEqual(worker.told.flatMap((message) => (message[0] === "invoke" ? [...message[5]] : [])), [1, 2, 3]);
  assert.deepEqual([component.lane.inFlight, component.lane.waiting], [0, 0]);
});

test("a guest that has returned gives its place up, though its channels are open", async () => {
  await using fake = new FakePool();
  const component = await fake.start({ maxInstances: 1 });
  void component.call();
  void component.call();
  await turn();
  const worker = fake.worker(0);
  const [call] = worker.calls as [number];
  worker.say(["began", call], ["settled", call, new Uint8Array(), [{ path: [0], id: 1 }]], ["returned", call]);
  await turn();
  assert.equal(worker.calls.length, 2);
});

test("of the calls that wait, those that are too many are refused", async () => {
  await using fake = new FakePool();
  const component = await fake.start({ maxInstances: 1, maxQueue: 2 });
  const outcomes = Array.from({ length: 5 }, () => component.call());
  for (const late of outcomes.slice(3)) {
    await assert.rejects(late, (error) => error instanceof LimitError && error.limit === "maxQueue");
  }
  assert.deepEqual(fake.struck, ["maxQueue", "maxQueue"]);
  assert.deepEqual([component.lane.inFlight, component.lane.waiting], [1, 2]);
});

test("the calls of all components that wait have a limit, too", async () => {
  await using fake = new FakePool({ limits: totalsOf({ maxQueue: 1, maxInstances: 1 }, SERVER_ROOM) });
  const [one, other] = [await fake.start(), await fake.start()];
  void one.call();
  void one.call();
  await turn();
  await assert.rejects(other.call(), { code: "limit", limit: "maxQueue" });
  assert.equal(one.lane.waiting, 1);
});

test("the deadline of a call and its signal hold while it waits for its turn", async () => {
  await using fake = new FakePool();
  const component = await fake.start({ maxInstances: 1 });
  void component.call();
  const controller = new AbortController();
  const late = component.call(rootContext(20, undefined));
  const given = component.call(forever(controller.signal));
  controller.abort();
  await assert.rejects(given, AbortedError);
  await assert.rejects(late, TimeoutError);
  assert.equal(component.lane.waiting, 0);
  assert.equal(sum(spread(fake.workers)), 1);
});

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

test("a guest that had to be killed runs apart from then on, others do not", async () => {
  await using fake = new FakePool();
  const [hostile, honest] = [await fake.start(), await fake.start()];
  void hostile.call(rootContext(10, undefined));
  await turn();
  const stuck = fake.worker(0);
  stuck.say(["began", stuck.calls[0] as number]);
  // It does not answer the ping that follows its deadline.
  while (!stuck.ended) await turn();
  void hostile.call();
  await turn();
  const apart = fake.workers.find(({ calls, ended }) => calls.length > 0 && !ended) as FakeWorker;
  void honest.call();
  void honest.call();
  await turn();
  assert.deepEqual(apart.components, [hostile.deployment.number]);
  assert.equal(sum(spread(fake.workers)), 4);
});

test("a guest that waits for an answer is not taken for the one that does not let go", async () => {
  await using fake = new FakePool({ answer: () => new Promise(() => undefined) });
  const [hostile, honest] = [await fake.start(), await fake.start()];
  void hostile.call(rootContext(50, undefined));
  await turn();
  // The last of these joins it in the first worker.
  for (let count = 0; count < concurrency(); count++) {
    void honest.call();
    await turn();
  }
  const worker = fake.worker(0);
  const [spinning, asking] = worker.calls as [number, number];
  worker.say(["began", spinning], ["began", asking], ["invoke", 1, honest.deployment.number, "x:y/z", "g", new Uint8Array(), [], asking]);
  while (!worker.ended) await turn();
  assert.notEqual(hostile.lane.slot, undefined);
  assert.equal(honest.lane.slot, undefined);
});

test("components that keep state are each in one place, and spread", { skip }, async () => {
  await using fake = new FakePool();
  const [one, other] = [await fake.start({ reuse: true }), await fake.start({ reuse: true })];
  for (let count = 0; count < 3; count++) void one.call();
  void other.call();
  await turn();
  assert.deepEqual(fake.workers.map(({ components }) => components.join()).filter(Boolean), ["1", "2"]);
  assert.deepEqual(spread(fake.workers).filter(Boolean), [3, 1]);
});

test("a dedicated worker ends with its component, when its last call is over", async () => {
  await using fake = new FakePool();
  const component = await fake.start({ isolation: "dedicated" });
  const outcome = component.call();
  await turn();
  const worker = fake.worker(0);
  component.stop();
  assert.equal(worker.ended, false);
  worker.answer(worker.calls[0] as number);
  await outcome;
  await turn();
  assert.equal(worker.ended, true);
  assert.deepEqual(fake.pool.metrics().workers, { live: 0, spare: 1, lost: 0, started: 2 });
});

test("calls made during a call do not wait for it, however often components call each other", async () => {
  await using fake = new FakePool();
  const [a, b] = [await fake.start({ maxInstances: 1 }), await fake.start({ maxInstances: 1 })];
  let context = forever();
  for (let depth = 0; depth < 6; depth++) {
    void (depth % 2 === 0 ? a : b).call(context);
    // From outside: it waits, since all are at work.
    if (depth === 0) void a.call();
    await turn();
    context = during(context);
  }
  assert.deepEqual([a.lane.inFlight, b.lane.inFlight], [3, 3]);
  assert.deepEqual([a.lane.waiting, b.lane.waiting], [1, 0]);
});

test("a call made during another waits where somebody else will leave", async () => {
  await using fake = new FakePool();
  const [a, b] = [await fake.start(), await fake.start({ maxInstances: 1 })];
  const context = forever();
  void a.call(context);
  void b.call();
  await turn();
  void b.call(during(context));
  await turn();
  assert.deepEqual([b.lane.inFlight, b.lane.waiting], [1, 1]);
});

test("a blocked worker takes one call from outside at a time, and those made during it on top", { skip: !hasSharedMemory() }, async () => {
  await using fake = new FakePool({ suspension: "atomics" });
  const component = await fake.start({ maxInstances: 100 });
  const context = forever();
  void component.call(context);
  for (let count = 0; count < 2 * concurrency(); count++) void component.call();
  for (let round = 0; round <= 2 * concurrency(); round++) await turn();
  assert.equal(component.lane.inFlight, concurrency());
  void component.call(during(context));
  await turn();
  assert.equal(component.lane.inFlight, concurrency() + 1);
});

test("where one engine has no memory left, the others give up what is idle", { skip }, async () => {
  await using fake = new FakePool();
  const component = await fake.start();
  void component.call();
  void component.call();
  await turn();
  fake.worker(0).say(["struck", component.deployment.number, "maxInstances", "no memory for another instance"]);
  await turn();
  const trimmed = fake.workers.map(({ told }) => told.some(([name]) => name === "trim"));
  assert.deepEqual(trimmed.slice(0, 2), [false, true]);
  assert.deepEqual(fake.struck, ["maxInstances"]);
});

test("a pool that is closed tells every caller, ends every worker and takes no more", async () => {
  const fake = new FakePool();
  const component = await fake.start({ maxInstances: 1 });
  const outcomes = [1, 2, 3].map(() => component.call());
  await turn();
  const told = outcomes.map((outcome) => assert.rejects(outcome, StoppedError));
  await fake.pool.close(new StoppedError("the end"));
  await Promise.all(told);
  assert.ok(fake.workers.every(({ ended }) => ended));
  assert.throws(() => component.call(), StoppedError);
  assert.throws(() => fake.pool.lane("worker", false, limitsOf({})), StoppedError);
});
