/** Which call goes to which worker, and what becomes of it when a worker is lost. The workers do what the tests say. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { type CallContext, childContext, rootContext } from "../src/engine/context.js";
import { concurrency } from "../src/engine/platform.js";
import { AbortedError, InvalidArgumentError, LimitError, StoppedError, TimeoutError } from "../src/errors.js";
import { Trust } from "../src/engine/trust.js";
import { limitsOf, SERVER_ROOM, totalsOf } from "../src/host/limits.js";
import { hasSharedMemory, until } from "./support/hosts.js";
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

test("eight calls that have not begun are posted to a worker; the next four go when four are left", async () => {
  await using fake = new FakePool();
  const component = await fake.start({ maxInstances: 100 });
  for (let count = 0; count < 50; count++) void component.call();
  for (let round = 0; round < concurrency(); round++) await turn();
  assert.equal(sum(spread(fake.workers)), 8 * concurrency());
  for (const [index, posted] of [8, 8, 8, 12].entries()) {
    fake.worker(0).say(["began", fake.worker(0).calls[index] as number]);
    await turn();
    assert.equal(fake.worker(0).calls.length, posted);
  }
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
  assert.throws(() => fake.pool.lane({ isolation: "worker", keeps: false, limits: limitsOf({}), trust: new Trust() }), StoppedError);
});

test("a call that cannot be sent fails, and the next has its turn", async () => {
  await using fake = new FakePool();
  const component = await fake.start({ maxInstances: 1 });
  const params = new Uint8Array(8);
  const detached = component.call(forever(), params);
  structuredClone(params, { transfer: [params.buffer] });
  void component.call();
  await assert.rejects(detached, TypeError);
  await turn();
  assert.equal(sum(spread(fake.workers)), 1);
});

test("a call that cannot be cloned fails, and those that go with it do not", async () => {
  await using fake = new FakePool();
  const component = await fake.start({ isolation: "dedicated" });
  const path = [Symbol("no number")] as unknown as number[];
  const outcomes = [component.call(), component.call(forever(), undefined, [{ path, body: new Uint8Array(1) }]), component.call()];
  await assert.rejects(outcomes[1] as Promise<unknown>, InvalidArgumentError);
  const worker = fake.worker(0);
  assert.equal(worker.calls.length, 2);
  worker.calls.forEach((call) => worker.answer(call));
  await Promise.all([outcomes[0], outcomes[2]]);
  assert.deepEqual([component.lane.inFlight, worker.ended], [0, false]);
});

test("instances of several memories count for as many", async () => {
  // A quarter of its four memories is kept for calls made during others.
  const limits = totalsOf({ maxInstances: 4 * (concurrency() + 3) }, SERVER_ROOM);
  const set = (worker: FakeWorker): void => void (worker.load = (component) => ["loaded", component, component === 1 ? 2 : 1]);
  await using fake = new FakePool({ limits, set });
  const [composed, plain] = [await fake.start({ isolation: "dedicated" }), await fake.start({ isolation: "dedicated" })];
  for (let count = 0; count < 5; count++) void composed.call();
  for (let count = 0; count < 5; count++) void plain.call();
  await turn();
  assert.deepEqual([composed.lane.inFlight, plain.lane.inFlight], [1, 3]);
});

/** Workers that have room for three memories each, and a first component whose instances take two. */
const crowded = (): FakePool => new FakePool({
  limits: totalsOf({ maxInstances: 4 * (concurrency() + 3) }, SERVER_ROOM),
  set: (worker) => void (worker.load = (component) => ["loaded", component, component === 1 ? 2 : 1]),
});

test("a call for which there is no room holds up none that need less", async () => {
  await using fake = crowded();
  const [composed, plain] = [await fake.start(), await fake.start()];
  for (let count = 0; count < 2 * concurrency(); count++) {
    void plain.call();
    await turn();
  }
  void composed.call();
  void plain.call();
  await turn();
  assert.deepEqual([composed.lane.inFlight, plain.lane.inFlight], [0, 2 * concurrency() + 1]);
});

for (const [where, reuse] of [["any worker", false], ["the one worker that it runs in", true]] as const) {
  test(`those that need less pass a call for which there is no room in ${where}, but not for ever`, async () => {
    await using fake = crowded();
    const [composed, plain] = [await fake.start({ reuse }), await fake.start()];
    for (let count = 0; count < 3 * concurrency(); count++) {
      void plain.call();
      await turn();
    }
    void composed.call();
    let rounds = 0;
    for (; composed.lane.inFlight === 0; rounds++) {
      assert.ok(rounds < 100, "it has its turn");
      void plain.call();
      await turn();
      const worker = fake.worker(rounds % concurrency());
      const [call] = worker.calls as [number];
      worker.answer(call);
      worker.told.splice(worker.told.findIndex((message) => message[0] === "invoke"), 1);
      await turn();
    }
    assert.ok(rounds > concurrency(), "others had theirs before");
  });
}

test("a component with more memories than a worker has is refused by the worker, not kept waiting", async () => {
  const limits = totalsOf({ maxInstances: concurrency() + 3 }, SERVER_ROOM);
  await using fake = new FakePool({ limits, set: (worker) => void (worker.load = (component) => ["loaded", component, 9]) });
  const component = await fake.start({ isolation: "dedicated" });
  void component.call();
  await turn();
  assert.equal(component.lane.inFlight, 1);
});

test("nothing is counted any more for code that was unloaded, when its last call is over", async () => {
  await using fake = new FakePool();
  const [called, uncalled] = [await fake.start(), await fake.start()];
  void called.call();
  await turn();
  const worker = fake.worker(0);
  const [call] = worker.calls as [number];
  worker.say(["began", call], ["settled", call, new Uint8Array(), [{ path: [0], id: 1 }]]);
  called.stop();
  uncalled.stop();
  await turn();
  assert.deepEqual(fake.released, [uncalled.deployment.number]);
  worker.say(["finished", call]);
  await turn();
  assert.deepEqual(fake.released, [uncalled.deployment.number, called.deployment.number]);
});

test("what is idle is given back after a while, and a worker that nobody needs is ended", async () => {
  await using fake = new FakePool({ quiet: { trim: 1, end: 1000 } });
  const [component, keeping] = [await fake.start(), await fake.start({ isolation: "dedicated" })];
  for (const each of [component, keeping]) {
    const outcome = each.call();
    await turn();
    const worker = fake.workers.find(({ calls }) => calls.length > 0) as FakeWorker;
    worker.answer(worker.calls[0] as number);
    await outcome;
    await until(() => worker.told.some(([name, all]) => name === "trim" && !all));
    worker.told.length = 0;
  }
  await until(() => fake.workers.some(({ ended }) => ended));
  // The one that is a component's own stays, and so does the spare one.
  assert.deepEqual(fake.pool.metrics().workers, { live: 1, spare: 1, lost: 0, started: 3 });
  void component.call();
  await turn();
  assert.equal(sum(spread(fake.workers)), 1);
});

test("where the shortage of memory does not end, what keeps state goes, too", { skip }, async () => {
  await using fake = new FakePool();
  const component = await fake.start();
  void component.call();
  void component.call();
  await turn();
  for (let count = 0; count < 2; count++) fake.worker(0).say(["struck", component.deployment.number, "maxInstances", "no memory"]);
  await turn();
  assert.deepEqual(fake.worker(1).told.filter(([name]) => name === "trim"), [["trim", false], ["trim", true]]);
});
