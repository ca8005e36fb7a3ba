/** Ends: of a subscription, after so many messages, by signal, and of the bus. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { all, bytes, busTest, hour, keep, next, nothing, settle, text, unique, type MakeBus } from "./support.js";

const stopped = { code: "stopped" };

/** Declares the tests. */
export function closingTests(makeBus: MakeBus): void {
  subscriptionTests(makeBus);

  test("a closed bus ends what was open", async () => {
    const [bus, at] = [await makeBus(), unique()];
    const subscription = bus.subscribe(at);
    const iterating = all(bus.subscribe(at));
    const watch = await (await bus.bucket(at)).watch();
    const request = assert.rejects(bus.request(at, nothing, { timeout: hour }), stopped);
    await bus.flush();
    await bus.close();
    await request;
    assert.deepEqual(await all(watch), []);
    // What had been received before may still be read.
    assert.ok((await all(subscription)).length <= 1 && (await iterating).length <= 1);
  });

  test("a closed bus takes nothing more, and can be closed again", async () => {
    const [bus, at] = [await makeBus(), unique()];
    const bucket = await bus.bucket(at);
    const subscription = bus.subscribe(at);
    await bus.close();
    assert.throws(() => bus.publish(at, nothing), stopped);
    assert.throws(() => bus.subscribe(at), stopped);
    await assert.rejects(async () => bus.request(at, nothing), stopped);
    await assert.rejects(async () => bus.bucket(at), stopped);
    await assert.rejects(async () => bucket.get("a"), stopped);
    await assert.rejects(async () => bucket.put("a", nothing), stopped);
    await assert.rejects(async () => bucket.watch(), stopped);
    subscription.close();
    await bus.close();
    await bus[Symbol.asyncDispose]();
  });
}

function subscriptionTests(makeBus: MakeBus): void {
  busTest(makeBus, "a drained subscription gets what was sent before, and nothing more", async (bus, at) => {
    const got: string[] = [];
    const subscription = bus.subscribe(at, { callback: ({ payload }) => void got.push(text(payload)) });
    bus.publish(at, bytes("before"));
    await subscription.drain();
    bus.publish(at, bytes("after"));
    await bus.flush();
    assert.deepEqual(got, ["before"]);
    await subscription.drain();
  });

  busTest(makeBus, "a closed subscription gets nothing more, but keeps what it had", async (bus, at) => {
    const subscription = bus.subscribe(at);
    assert.equal(subscription.subject, at);
    bus.publish(at, bytes("before"));
    await settle(bus);
    subscription.close();
    subscription.close();
    bus.publish(at, bytes("after"));
    await settle(bus);
    assert.deepEqual((await all(subscription)).map((message) => text(message.payload)), ["before"]);
  });

  busTest(makeBus, "closing ends an iteration that waits", async (bus, at) => {
    const subscription = bus.subscribe(at);
    const waiting = all(subscription);
    await settle(bus);
    subscription.close();
    assert.deepEqual(await waiting, []);
  });

  busTest(makeBus, "a callback is not called after close", async (bus, at) => {
    let count = 0;
    const subscription = bus.subscribe(at, {
      callback: () => {
        count += 1;
        subscription.close();
      },
    });
    bus.publish(at, nothing);
    bus.publish(at, nothing);
    await settle(bus);
    assert.equal(count, 1);
  });

  busTest(makeBus, "a subscription ends by itself after so many messages", async (bus, at) => {
    const subscription = bus.subscribe(at, { max: 3 });
    const kept = keep(bus, at, { max: 2 });
    for (const message of ["1", "2", "3", "4"]) bus.publish(at, bytes(message));
    await settle(bus);
    assert.deepEqual((await all(subscription)).map((message) => text(message.payload)), ["1", "2", "3"]);
    assert.deepEqual(kept, ["1", "2"]);
    await assert.rejects(bus.request(at, nothing, { timeout: hour }), { code: "not-found" });
  });

  busTest(makeBus, "a signal and disposal end a subscription", async (bus, at) => {
    const abort = new AbortController();
    const aborted = all(bus.subscribe(at, { signal: abort.signal }));
    const disposed = bus.subscribe(at);
    abort.abort();
    await disposed[Symbol.asyncDispose]();
    bus.publish(at, nothing);
    await settle(bus);
    assert.deepEqual([await aborted, await all(disposed)], [[], []]);
    const late = bus.subscribe(at, { signal: abort.signal });
    assert.deepEqual(await all(late), []);
    await assert.rejects(bus.request(at, nothing, { timeout: hour }), { code: "not-found" });
  });

  busTest(makeBus, "messages wait for a reader that is slow", async (bus, at) => {
    const messages = bus.subscribe(at)[Symbol.asyncIterator]();
    for (let index = 0; index < 1000; index += 1) bus.publish(at, bytes(`${index}`));
    await settle(bus);
    for (let index = 0; index < 1000; index += 1) assert.equal(text((await next(messages)).payload), `${index}`);
  });
}
