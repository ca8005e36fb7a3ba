/** Which components run beside which: trust is earned, and lost. The workers do what the tests say. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { rootContext } from "../src/engine/context.js";
import { concurrency, shareOf } from "../src/engine/platform.js";
import { Trust } from "../src/engine/trust.js";
import { GuestTrapError, toWire } from "../src/errors.js";
import { limitsOf, SERVER_ROOM, totalsOf } from "../src/host/limits.js";
import { hasSharedMemory, until } from "./support/hosts.js";
import { type FakeComponent, FakePool, type FakeWorker, turn } from "./support/workers.js";

/** The workers that a component's calls were given to, of those that live. */
const workersOf = (fake: FakePool, { deployment: { number } }: FakeComponent): FakeWorker[] =>
  fake.workers.filter(({ ended, told }) => !ended && told.some((message) => message[0] === "invoke" && message[2] === number));

/** Has a guest of a component hold its worker until that is ended. */
async function kill(fake: FakePool, component: FakeComponent): Promise<void> {
  const told = fake.workers.map(({ calls }) => calls.length);
  void component.call(rootContext(10, undefined));
  await turn();
  const stuck = fake.workers.find(({ calls }, index) => calls.length > (told[index] ?? 0)) as FakeWorker;
  stuck.say(["began", stuck.calls.at(-1) as number]);
  await until(() => stuck.ended);
}

/** Has so many calls of a component answered, one after the other. */
async function answer(fake: FakePool, component: FakeComponent, count: number): Promise<void> {
  for (let answered = 0; answered < count; answered++) {
    const outcome = component.call();
    await turn();
    const worker = fake.workers.find(({ calls, ended }) => !ended && calls.length > 0) as FakeWorker;
    worker.answer(worker.calls.at(-1) as number);
    worker.told.length = 0;
    await outcome;
  }
}

test("components that nobody knows have one worker together, and nobody else is in it", async () => {
  await using fake = new FakePool();
  const [one, other, known] = [await fake.start({ trusted: false }), await fake.start({ trusted: false }), await fake.start()];
  for (let count = 0; count < 2 * concurrency(); count++) {
    for (const component of [one, other, known]) void component.call();
    await turn();
  }
  const newcomers = workersOf(fake, one);
  assert.equal(newcomers.length, 1);
  assert.deepEqual(workersOf(fake, other), newcomers);
  assert.equal(workersOf(fake, known).length, concurrency());
  assert.ok(!workersOf(fake, known).includes(newcomers[0] as FakeWorker));
});

test("all engines but the dedicated ones have no more memory together than their host may", async () => {
  const limits = totalsOf({}, SERVER_ROOM);
  await using fake = new FakePool({ limits });
  const [suspect, newcomer, known] = [await fake.start(), await fake.start({ trusted: false }), await fake.start()];
  suspect.deployment.artifact.trust.suspect();
  fake.pool.place(suspect.lane);
  for (let count = 0; count < concurrency(); count++) {
    for (const component of [suspect, newcomer, known]) void component.call();
    await turn();
  }
  const shares = fake.workers.flatMap(({ calls, started }) => (calls.length > 0 && started !== undefined ? [started.share] : []));
  assert.equal(shares.length, concurrency() + 2);
  // The thread of the host has the same.
  const all = [...shares, shareOf(limits)];
  assert.ok(all.reduce((sum, { pages }) => sum + pages, 0) * 65_536 <= limits.maxMemory);
  assert.ok(all.reduce((sum, { memories }) => sum + memories, 0) <= limits.maxInstances);
});

test("sixteen answers earn a component its place among the others, where its next calls go, also those that wait", async () => {
  await using fake = new FakePool();
  const [component, other] = [await fake.start({ trusted: false, maxInstances: 1 }), await fake.start({ trusted: false })];
  await answer(fake, component, 15);
  assert.notEqual(component.lane.slot, undefined);
  const newcomers = other.lane.slot?.engine;
  const last = component.call();
  void component.call();
  await turn();
  const worker = workersOf(fake, component)[0] as FakeWorker;
  worker.answer(worker.calls.at(-1) as number);
  await last;
  await turn();
  assert.equal(component.lane.slot, undefined);
  assert.equal(component.lane.inFlight, 1);
  void other.call();
  await turn();
  assert.deepEqual(workersOf(fake, other), [worker]);
  assert.equal(other.lane.slot?.engine, newcomers);
  assert.equal(workersOf(fake, component).length, 2);
});

test("calls of newcomers that find no room among them any more go to the others", async () => {
  // A quarter of the four memories of each worker is kept for calls made during others.
  await using fake = new FakePool({ limits: totalsOf({ maxInstances: 4 * (concurrency() + 3) }, SERVER_ROOM) });
  const component = await fake.start({ trusted: false });
  for (let count = 0; count < 3; count++) void component.call();
  await turn();
  assert.equal(workersOf(fake, component).length, 1);
  void component.call();
  await turn();
  assert.equal(component.lane.inFlight, 4);
  assert.deepEqual(workersOf(fake, component).map(({ calls }) => calls.length), [3, 1]);
});

test("answers that are errors of the guest earn nothing", async () => {
  await using fake = new FakePool();
  const component = await fake.start({ trusted: false });
  for (let count = 0; count < 20; count++) {
    const outcome = component.call();
    await turn();
    const worker = fake.worker(0);
    const call = worker.calls.at(-1) as number;
    worker.say(["began", call], ["failed", call, toWire(new GuestTrapError("unreachable"))], ["finished", call]);
    await assert.rejects(outcome, GuestTrapError);
  }
  assert.notEqual(component.lane.slot, undefined);
});

test("who earns trust and is alone takes the warm worker along: none is started for it", async () => {
  await using fake = new FakePool();
  const component = await fake.start({ trusted: false });
  await answer(fake, component, 16);
  assert.equal(component.lane.slot, undefined);
  void component.call();
  await turn();
  assert.equal(fake.worker(0).calls.length, 1);
  assert.equal(fake.pool.metrics().workers.started, 2);
  const next = await fake.start({ trusted: false });
  void next.call();
  await turn();
  assert.ok(!workersOf(fake, next).includes(fake.worker(0)));
});

test("what an update brings has to earn trust anew; other settings of the same code have not", async () => {
  await using fake = new FakePool();
  const component = await fake.start();
  const { trust } = component.deployment.artifact;
  await component.update(fake.deployment(trust, limitsOf({})));
  assert.equal(component.lane.slot, undefined);
  await component.update(fake.deployment(new Trust(), limitsOf({})));
  assert.notEqual(component.lane.slot, undefined);
});

test("a newcomer that had to be killed leaves the other newcomers alone", async () => {
  await using fake = new FakePool();
  const [hostile, honest] = [await fake.start({ trusted: false }), await fake.start({ trusted: false })];
  assert.equal(hostile.lane.slot, honest.lane.slot);
  await kill(fake, hostile);
  assert.notEqual(hostile.lane.slot, honest.lane.slot);
  assert.notEqual(hostile.lane.slot, undefined);
});

test("one that was replaced and still has calls is where its successor is: trust is in code", async () => {
  await using fake = new FakePool();
  const component = await fake.start();
  const { artifact: { trust }, limits } = component.deployment;
  const successor = fake.pool.lane({ isolation: "worker", keeps: false, limits, trust });
  await successor.load(fake.deployment(trust, limits));
  await kill(fake, component);
  assert.notEqual(component.lane.slot, undefined);
  assert.equal(successor.slot, component.lane.slot);
  await answer(fake, component, 16);
  assert.deepEqual([component.lane.slot, successor.slot], [undefined, undefined]);
});

/** Has a component hold its worker for so many of its calls, which it answers. */
async function hold(fake: FakePool, component: FakeComponent, count: number): Promise<void> {
  for (let held = 0; held < count; held++) {
    const outcome = component.call();
    await turn();
    const worker = workersOf(fake, component)[0] as FakeWorker;
    const call = worker.calls.at(-1) as number;
    worker.say(["began", call], ["settled", call, new Uint8Array(), []], ["held", call], ["finished", call]);
    worker.told.length = 0;
    await outcome;
  }
}

test("one worker is kept free of components that hold their threads, where there are several", { skip: concurrency() < 2 }, async () => {
  await using fake = new FakePool();
  const [heavy, light] = [await fake.start({ maxInstances: 100 }), await fake.start()];
  await hold(fake, heavy, 5);
  for (let count = 0; count < 4 * concurrency(); count++) {
    void heavy.call();
    await turn();
  }
  assert.equal(heavy.lane.inFlight, 4 * concurrency());
  assert.equal(workersOf(fake, heavy).length, concurrency() - 1);
  for (let count = 0; count < 3; count++) {
    void light.call();
    await turn();
  }
  assert.equal(workersOf(fake, light).length, 1);
  assert.ok(!workersOf(fake, heavy).includes(workersOf(fake, light)[0] as FakeWorker));
});

test("who holds its thread now and then is not kept from any worker, and who does so no more neither", { skip: concurrency() < 2 }, async () => {
  await using fake = new FakePool();
  const component = await fake.start({ maxInstances: 100 });
  await hold(fake, component, 3);
  for (let count = 0; count < concurrency(); count++) {
    void component.call();
    await turn();
  }
  assert.equal(workersOf(fake, component).length, concurrency());
  const { trust } = component.deployment.artifact;
  for (let count = 0; count < 20; count++) trust.held();
  assert.ok(trust.heavy);
  for (let count = 0; count < 200; count++) trust.answered();
  assert.ok(!trust.heavy);
});

test("where guests block their workers, newcomers are among the others: one that waits would keep all of them waiting", { skip: !hasSharedMemory() }, async () => {
  await using fake = new FakePool({ suspension: "atomics" });
  const component = await fake.start({ trusted: false });
  for (let count = 0; count < concurrency(); count++) {
    void component.call();
    await turn();
  }
  await turn();
  assert.equal(component.lane.inFlight, concurrency());
});

test("where guests block their workers, who is cleared is loaded beforehand wherever it may run", { skip: !hasSharedMemory() }, async () => {
  await using fake = new FakePool({ suspension: "atomics" });
  const [component, known] = [await fake.start(), await fake.start()];
  const { number, artifact: { trust } } = component.deployment;
  trust.suspect();
  fake.pool.place(component.lane);
  const before = fake.workers.length;
  for (let count = 0; count < concurrency(); count++) {
    void known.call();
    await turn();
  }
  const without = fake.workers.slice(before).filter(({ components }) => !components.includes(number)).length;
  while (!trust.answered());
  fake.pool.place(component.lane);
  await turn();
  assert.ok(without > 0 || concurrency() === 1);
  assert.ok(fake.workers.every(({ components }) => components.includes(number)));
});

for (const told of ["its worker", "only the ledger"]) {
  const skip = told === "only the ledger" && !hasSharedMemory();
  test(`a guest that had to be killed runs apart from then on, others do not: ${told} tells of it`, { skip }, async () => {
    await using fake = new FakePool();
    const [hostile, honest] = [await fake.start(), await fake.start()];
    void hostile.call(rootContext(10, undefined));
    await turn();
    const stuck = fake.worker(0);
    if (told === "its worker") stuck.say(["began", stuck.calls[0] as number]);
    else stuck.enter(stuck.calls[0] as number);
    // It does not answer the ping that follows its deadline.
    while (!stuck.ended) await turn();
    void hostile.call();
    await turn();
    const apart = fake.workers.find(({ calls, ended }) => calls.length > 0 && !ended) as FakeWorker;
    void honest.call();
    void honest.call();
    await turn();
    assert.deepEqual(apart.components, [hostile.deployment.number]);
    assert.equal(workersOf(fake, honest).includes(apart), false);
  });
}

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

test("a component that was suspected is cleared by calls that are answered, by twice as many each time", async () => {
  await using fake = new FakePool();
  const component = await fake.start();
  for (const proofs of [16, 32]) {
    await kill(fake, component);
    assert.notEqual(component.lane.slot, undefined);
    await answer(fake, component, proofs - 1);
    assert.notEqual(component.lane.slot, undefined);
    await answer(fake, component, 1);
    assert.equal(component.lane.slot, undefined);
  }
});

test("a component that keeps state is among the others again when its state is lost anyway", async () => {
  await using fake = new FakePool();
  const component = await fake.start({ reuse: true });
  const place = component.lane.slot;
  await kill(fake, component);
  const apart = component.lane.slot;
  assert.notEqual(apart, place);
  await answer(fake, component, 16);
  assert.equal(component.lane.slot, apart);
  void component.call();
  await turn();
  (fake.workers.find(({ calls, ended }) => !ended && calls.length > 0) as FakeWorker).die();
  await turn();
  assert.notEqual(component.lane.slot, apart);
});
