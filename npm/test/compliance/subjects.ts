/** Subjects, wildcards, order, payloads. */

import assert from "node:assert/strict";

import { bytes, busTest, keep, next, nothing, settle, text, type MakeBus } from "./support.js";

/** The largest payload that every carrier takes, and one that none does. */
const large = 1024 * 1024 - 1024;
const tooLarge = 65 * 1024 * 1024;

/** Declares the tests. */
export function subjectTests(makeBus: MakeBus): void {
  busTest(makeBus, "a message arrives with its subject and payload", async (bus, at) => {
    const messages = bus.subscribe(`${at}.a`)[Symbol.asyncIterator]();
    bus.publish(`${at}.a`, bytes("hello"));
    bus.publish(`${at}.a`, nothing, { reply: `${at}.r` });
    const first = await next(messages);
    assert.deepEqual([first.subject, text(first.payload), first.reply, [...first.headers]], [`${at}.a`, "hello", undefined, []]);
    const second = await next(messages);
    assert.deepEqual([second.payload.length, second.reply], [0, `${at}.r`]);
  });

  busTest(makeBus, "wildcards stand for whole tokens", async (bus, at) => {
    const matches: Record<string, string[]> = {
      "a": ["a"],
      "*": ["a", "b"],
      "a.*": ["a.b", "a.c"],
      "*.b": ["a.b"],
      ">": ["a", "b", "a.b", "a.c", "a.b.c"],
      "a.>": ["a.b", "a.c", "a.b.c"],
      "a.*.c": ["a.b.c"],
      "a.b*": [],
    };
    const kept = Object.keys(matches).map((pattern) => keep(bus, `${at}.${pattern}`));
    for (const subject of ["a", "b", "a.b", "a.c", "a.b.c"]) bus.publish(`${at}.${subject}`, bytes(subject));
    bus.publish(at, bytes("not below"));
    await settle(bus);
    assert.deepEqual(kept, Object.values(matches));
  });

  busTest(makeBus, "every subscription gets every message, in the order of the publisher", async (bus, at) => {
    const kept = [keep(bus, `${at}.*`), keep(bus, `${at}.*`), keep(bus, `${at}.a`)];
    const sent = Array.from({ length: 200 }, (_, index) => `${index}`);
    for (const message of sent) bus.publish(`${at}.a`, bytes(message));
    await settle(bus);
    assert.deepEqual(kept, [sent, sent, sent]);
  });

  busTest(makeBus, "subjects are case-sensitive and may have the characters of WIT names", async (bus, at) => {
    const subject = `${at}.wrpc.0.0.1.wasi:keyvalue/store@0.2.0-draft.get`;
    const kept = keep(bus, subject);
    bus.publish(subject, bytes("yes"));
    bus.publish(subject.toUpperCase(), bytes("no"));
    await settle(bus);
    assert.deepEqual(kept, ["yes"]);
  });

  busTest(makeBus, "malformed subjects are refused", async (bus, at) => {
    const invalid = { code: "invalid-argument" };
    for (const subject of ["", ".", `${at}..b`, `${at}.`, `.${at}`, `${at} b`, `${at}\tb`, `${at}\r\nb`, `${at}.*`, `${at}.>`]) {
      assert.throws(() => bus.publish(subject, nothing), invalid, JSON.stringify(subject));
      assert.throws(() => bus.publish(at, nothing, { reply: subject }), invalid, JSON.stringify(subject));
      await assert.rejects(async () => bus.request(subject, nothing), invalid, JSON.stringify(subject));
    }
    for (const pattern of ["", `${at}..b`, `>.${at}`, `${at} b`, `${at}\r\nb`]) {
      assert.throws(() => bus.subscribe(pattern), invalid, JSON.stringify(pattern));
    }
    assert.throws(() => bus.subscribe(at, { queue: "a b" }), invalid);
  });

  busTest(makeBus, "a payload belongs to its receiver", async (bus, at) => {
    const first = bus.subscribe(at)[Symbol.asyncIterator]();
    const second = bus.subscribe(at)[Symbol.asyncIterator]();
    const payload = bytes("as sent");
    bus.publish(at, payload);
    payload.fill(0);
    const message = await next(first);
    assert.equal(text(message.payload), "as sent");
    message.payload.fill(0);
    assert.equal(text((await next(second)).payload), "as sent");
  });

  busTest(makeBus, "large payloads arrive, larger ones are refused", async (bus, at) => {
    const messages = bus.subscribe(at)[Symbol.asyncIterator]();
    const payload = new Uint8Array(large).fill(7);
    bus.publish(at, payload);
    assert.deepEqual((await next(messages)).payload, payload);
    assert.throws(() => bus.publish(at, new Uint8Array(tooLarge)), { code: "limit" });
    bus.publish(at, bytes("still there"));
    assert.equal(text((await next(messages)).payload), "still there");
  });

  busTest(makeBus, "a callback runs after subscribe has returned and may publish itself", async (bus, at) => {
    const order: string[] = [];
    bus.subscribe(`${at}.a`, {
      callback: () => {
        order.push("a");
        bus.publish(`${at}.b`, nothing);
      },
    });
    bus.subscribe(`${at}.b`, { callback: () => order.push("b") });
    order.push("subscribed");
    bus.publish(`${at}.a`, nothing);
    await settle(bus);
    await settle(bus);
    assert.deepEqual(order, ["subscribed", "a", "b"]);
  });
}
