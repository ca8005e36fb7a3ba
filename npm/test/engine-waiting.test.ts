/** Guests that wait for their imports: suspended by JSPI, or blocking their thread ("atomics"). */

import assert from "node:assert/strict";
import { test } from "node:test";

import { encoded, TestEngine, waitingTiers, wireError } from "./engine/engine.js";
import { hasManyMemories } from "./support/features.js";
import { hasJspi } from "./support/hosts.js";

/** Answers imports while the guest waits, with `answer` of the parameter. */
function answerLater(engine: TestEngine, answer: (param: number) => Uint8Array): void {
  engine.answer = (call, _func, params) => {
    engine.meanwhile(() => engine.commands.reply(call, answer(params[0] ?? 0), []));
    return undefined;
  };
}

const double = (param: number): Uint8Array => encoded(2 * param);

for (const tier of waitingTiers) {
  test(`${tier}: a guest waits and goes on with the answers`, async () => {
    const engine = await TestEngine.start(tier);
    const guest = await engine.load("waits", { reuse: true });
    answerLater(engine, double);
    const { call, results } = engine.begin(guest, "wait-twice", encoded(21));
    assert.deepEqual(await results, encoded(84));
    await engine.until(() => engine.of("finished", call));
    assert.deepEqual(await engine.call(guest, "count"), encoded(2), "the instance is still well");
    engine.close();
  });

  test(`${tier}: an answer at once needs no wait`, async () => {
    const engine = await TestEngine.start(tier);
    const guest = await engine.load("waits");
    engine.answer = (_call, _func, params) => params;
    assert.deepEqual(await engine.call(guest, "wait-twice", encoded(3)), encoded(6));
    assert.equal(engine.events.some(([name]) => name === "block"), false);
    engine.close();
  });

  test(`${tier}: a failure ends the guest that waits for it`, async () => {
    const engine = await TestEngine.start(tier);
    const guest = await engine.load("waits", { reuse: true });
    await engine.call(guest, "count");
    engine.answer = (call) => {
      engine.meanwhile(() => engine.commands.fail(call, wireError("timeout", "too late")));
      return undefined;
    };
    await assert.rejects(engine.call(guest, "wait-twice", encoded(1)), { code: "timeout", message: "too late" });
    answerLater(engine, () => encoded());
    await assert.rejects(engine.call(guest, "wait-twice", encoded(1)), { code: "decode" });
    assert.deepEqual(await engine.call(guest, "count"), encoded(1), "it is another instance");
    engine.close();
  });

  test(`${tier}: calls during a call take their turn`, async () => {
    const engine = await TestEngine.start(tier, 1);
    const guest = await engine.load("waits", { reuse: true });
    const counts: Promise<Uint8Array>[] = [];
    engine.answer = (call) => {
      counts.push(engine.call(guest, "count"));
      engine.meanwhile(() => {
        counts.push(engine.call(guest, "count"));
        engine.commands.reply(call, encoded(1), []);
      });
      return undefined;
    };
    await engine.call(guest, "wait-twice", encoded(1));
    assert.deepEqual(await Promise.all(counts), [2, 3, 4, 5].map((count) => encoded(count)), "in order, after the first");
    engine.close();
  });

  test(`${tier}: calls during a call have instances of their own where there may be more`, async () => {
    const engine = await TestEngine.start(tier);
    const guest = await engine.load("waits");
    let inner: Promise<Uint8Array> | undefined;
    let begun = false;
    engine.answer = (call, _func, params) => {
      engine.meanwhile(() => {
        if (!begun) {
          begun = true;
          inner = engine.call(guest, "wait-twice", encoded(50));
        }
        engine.commands.reply(call, params, []);
      });
      return undefined;
    };
    assert.deepEqual(await engine.call(guest, "wait-twice", encoded(5)), encoded(10));
    assert.deepEqual(await engine.until(() => inner), encoded(100));
    engine.close();
  });

  test(`${tier}: a destructor may wait`, async () => {
    const engine = await TestEngine.start(tier);
    const guest = await engine.load("resources", { reuse: true });
    answerLater(engine, double);
    await engine.call(guest, "make-and-drop", encoded(555));
    assert.deepEqual(await engine.call(guest, "destroyed"), encoded(1));
    engine.close();
  });

  // Adapters between guests have the memories of both.
  test(`${tier}: a guest may wait below another one`, { skip: !hasManyMemories }, async () => {
    const engine = await TestEngine.start(tier);
    const guest = await engine.load("composed", { reuse: true });
    answerLater(engine, (param) => encoded(param + 1));
    assert.deepEqual(await engine.call(guest, "run"), encoded("d".charCodeAt(0)));
    assert.deepEqual(await engine.call(guest, "run"), encoded("d".charCodeAt(0)));
    engine.close();
  });
}

test("none: a guest that has to wait fails", async () => {
  const engine = await TestEngine.start("none");
  const guest = await engine.load("waits");
  engine.answer = () => undefined;
  await assert.rejects(engine.call(guest, "wait-twice", encoded(1)), { code: "suspension", message: /`wait` of `test:engine\/host`/ });
  engine.answer = (_call, _func, params) => params;
  assert.deepEqual(await engine.call(guest, "wait-twice", encoded(1)), encoded(2));
  engine.close();
});

test("jspi: many guests are suspended at a time, and go on in any order", { skip: !hasJspi() }, async () => {
  const engine = await TestEngine.start("jspi");
  const guest = await engine.load("waits");
  const asked: [call: number, params: Uint8Array][] = [];
  engine.answer = (call, _func, params) => void asked.push([call, params]);
  const results = Array.from({ length: 50 }, (_, index) => engine.call(guest, "wait-twice", encoded(index)));
  for (const round of [1, 2]) {
    await engine.until(() => (asked.length === 50 ? true : undefined));
    for (const [call, params] of asked.splice(0).reverse()) engine.commands.reply(call, params, []);
    assert.equal(asked.length, 0, `round ${round}: nobody goes on within a reply`);
  }
  assert.deepEqual(await Promise.all(results), results.map((_, index) => encoded(2 * index)));
  engine.close();
});
