/** The memory of an engine is counted exactly, whatever its guests do, and nobody waits for more than there is. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { encoded, TestEngine, waitingTiers } from "./engine/engine.js";
import { hasExceptions } from "./support/features.js";
import { hasJspi } from "./support/hosts.js";

const PAGE = 65_536;
const REFUSED = encoded(new Uint8Array([0x7f]));

test("what a guest grows by while it starts counts for every call of its instance", async () => {
  const engine = await TestEngine.start("none");
  const guest = await engine.load("room", { maxMemory: 20 * PAGE });
  for (let call = 0; call < 4; call++) {
    assert.deepEqual(await engine.call(guest, "size"), encoded(11));
    assert.deepEqual(await engine.call(guest, "grow", encoded(10)), REFUSED, `call ${call}`);
  }
  engine.close();
});

test("jspi: a guest that goes on after its call was given up takes no memory", { skip: !hasJspi() || !hasExceptions }, async () => {
  const engine = await TestEngine.start("jspi", 64, 100);
  engine.answer = () => undefined;
  const [hostile, honest] = [await engine.load("goes-on"), await engine.load("room")];
  const { call } = engine.begin(hostile, "wait");
  await engine.until(() => engine.events.find((event) => event[0] === "invoke"));
  engine.commands.abort(call);
  // The guest goes on as soon as it hears of that.
  for (let hop = 0; hop < 50; hop++) await Promise.resolve();
  assert.deepEqual(await engine.call(honest, "size"), encoded(11));
  engine.close();
});

/** An engine of so many pages, 11 of which a guest that waits has; and a component whose instances have 25. */
async function crowded(pages: number): Promise<{ engine: TestEngine; guest: number; large: number }> {
  const engine = await TestEngine.start("jspi", 64, pages);
  engine.answer = () => undefined;
  const [guest, large] = [await engine.load("room"), await engine.load("large")];
  engine.begin(guest, "wait").results.catch(() => undefined);
  return { engine, guest, large };
}

test("an instance that its engine can never hold is refused at once", { skip: !hasJspi() }, async () => {
  const { engine, guest, large } = await crowded(24);
  await assert.rejects(engine.call(large, "size"), { limit: "maxMemory" });
  assert.deepEqual(await engine.call(guest, "size"), encoded(11));
  engine.close();
});

test("who gives up a wait for memory lets those behind go on", { skip: !hasJspi() }, async () => {
  const { engine, guest, large } = await crowded(30);
  const { call } = engine.begin(large, "size");
  const behind = engine.call(guest, "size");
  engine.commands.abort(call);
  assert.deepEqual(await behind, encoded(11));
  engine.close();
});

for (const tier of waitingTiers) {
  test(`${tier}: an instance that keeps state goes with its component, also where it serves a call meanwhile`, async () => {
    const engine = await TestEngine.start(tier);
    engine.answer = (number) => {
      engine.meanwhile(() => {
        engine.commands.unload(guest);
        engine.commands.reply(number, encoded(1), []);
      });
      return undefined;
    };
    const guest = await engine.load("waits", { reuse: true });
    await engine.call(guest, "wait-twice", encoded(1));
    const [, live] = await engine.until(() => engine.events.findLast((event) => event[0] === "stats"));
    assert.equal(live, 0);
    engine.close();
  });
}
