/** `abort` ends a call wherever it stands; nothing is called back for it, and nobody waits behind it. */

import assert from "node:assert/strict";
import { test } from "node:test";

import type { SuspensionTier } from "../src/core.js";
import { encodeRequest } from "../src/http/message.js";
import { encoded, TestEngine, waitingTiers } from "./engine/engine.js";
import { hasJspi } from "./support/hosts.js";

interface Waiting {
  engine: TestEngine;
  guest: number;
  /** The calls of the import, none of which is answered unless a test does. */
  asked: number[];
}

/** An engine with a component that waits, one call at a time. */
async function waiting(tier: SuspensionTier, instances = 1): Promise<Waiting> {
  const engine = await TestEngine.start(tier, instances);
  const guest = await engine.load("waits", { reuse: true });
  const asked: number[] = [];
  engine.answer = (call) => void asked.push(call);
  return { engine, guest, asked };
}

/** Nothing was called back for these calls. */
function assertSilent(engine: TestEngine, ...calls: number[]): void {
  for (const call of calls) {
    for (const name of ["settled", "failed", "finished"] as const) assert.equal(engine.of(name, call), undefined, name);
  }
}

for (const tier of waitingTiers) {
  test(`${tier}: a guest that waits is ended, and the next call has its turn`, async () => {
    const { engine, guest, asked } = await waiting(tier);
    const first = engine.next;
    let count: Promise<Uint8Array> | undefined;
    engine.meanwhile(() => {
      count = engine.call(guest, "count");
      engine.commands.abort(first);
    });
    engine.begin(guest, "wait-twice", encoded(9));
    assert.deepEqual(await engine.until(() => count), encoded(1), "from another instance");
    for (const call of asked) engine.commands.reply(call, encoded(1), []);
    assert.deepEqual(await engine.call(guest, "count"), encoded(2));
    assert.equal(asked.length, 1, "the guest did not go on");
    assertSilent(engine, first);
    engine.close();
  });

  test(`${tier}: a call that awaits its turn leaves the queue`, async () => {
    const { engine, guest, asked } = await waiting(tier);
    const dropped: number[] = [];
    let count: Promise<Uint8Array> | undefined;
    engine.meanwhile(() => {
      dropped.push(engine.begin(guest, "count").call);
      count = engine.call(guest, "count");
      dropped.push(engine.begin(guest, "count").call);
      for (const call of dropped) engine.commands.abort(call);
      for (const call of asked) engine.commands.reply(call, encoded(1), []);
      engine.answer = (_call, _func, params) => params;
    });
    assert.deepEqual(await engine.call(guest, "wait-twice", encoded(1)), encoded(2));
    assert.deepEqual(await engine.until(() => count), encoded(2));
    assert.deepEqual(await engine.call(guest, "count"), encoded(3));
    assertSilent(engine, ...dropped);
    engine.close();
  });

  for (const time of ["first", "second"]) {
    test(`${tier}: a guest is ended from within its ${time} call of an import`, async () => {
      const { engine, guest, asked } = await waiting(tier);
      const first = engine.next;
      engine.answer = (call) => {
        asked.push(call);
        if (time === "first" || asked.length === 2) engine.commands.abort(first);
        else engine.meanwhile(() => engine.commands.reply(call, encoded(1), []));
        return undefined;
      };
      engine.begin(guest, "wait-twice", encoded(9));
      assert.deepEqual(await engine.call(guest, "count"), encoded(1));
      assert.equal(asked.length, time === "first" ? 1 : 2);
      assertSilent(engine, first);
      engine.close();
    });
  }

  test(`${tier}: a guest below another is ended, the other goes on`, async () => {
    const { engine, guest, asked } = await waiting(tier, 2);
    const outer = engine.next;
    let inner: Promise<Uint8Array> | undefined;
    engine.meanwhile(() => {
      engine.meanwhile(() => {
        engine.commands.abort(outer);
        engine.answer = (_call, _func, params) => params;
        for (const call of asked) engine.commands.reply(call, encoded(40), []);
      });
      inner = engine.call(guest, "wait-twice", encoded(2));
    });
    engine.begin(guest, "wait-twice", encoded(9));
    assert.deepEqual(await engine.until(() => inner), encoded(42));
    assert.equal(asked.length, 2, "the outer guest did not go on");
    assertSilent(engine, outer);
    assert.deepEqual(await engine.call(guest, "count"), encoded(2), "from the inner instance");
    engine.close();
  });

  test(`${tier}: calls that are over, or never were, can be given up`, async () => {
    const { engine, guest } = await waiting(tier);
    const { call, results } = engine.begin(guest, "count");
    await results;
    engine.commands.abort(call);
    engine.commands.abort(12_345);
    assert.deepEqual(await engine.call(guest, "count"), encoded(2));
    engine.close();
  });
}

test("jspi: a call that is given up once it has answered takes no other along", { skip: !hasJspi() }, async () => {
  const engine = await TestEngine.start("jspi", 1);
  const guest = await engine.load("flood");
  const { params } = encodeRequest({ method: "GET", url: new URL("http://flood/"), headers: [], body: undefined });
  const nothing = [{ path: [0, 0], id: 2, ready: encoded() }, { path: [0, 1], id: 4, ready: encoded(0) }];
  const request = (): ReturnType<TestEngine["begin"]> => engine.beginAt(guest, "wrpc:http/incoming-handler@0.1.0", "handle", params, nothing);
  const first = request();
  await first.results;
  const second = request();
  engine.commands.abort(first.call);
  await second.results;
  engine.close();
});
