/** Requests, answers, and their absence. */

import assert from "node:assert/strict";

import { bytes, busTest, hour, keep, next, nothing, serve, settle, text, type MakeBus } from "./support.js";

/** Declares the tests. */
export function requestTests(makeBus: MakeBus): void {
  busTest(makeBus, "a request gets its answer", async (bus, at) => {
    serve(bus, `${at}.*`, (message) => `${message.subject} ${text(message.payload)}`, "q");
    const answer = await bus.request(`${at}.echo`, bytes("hello"), { timeout: hour });
    assert.equal(text(answer.payload), `${at}.echo hello`);
  });

  busTest(makeBus, "each of many requests gets its own answer, in whatever order", async (bus, at) => {
    const waiting: { reply: string; payload: Uint8Array }[] = [];
    bus.subscribe(at, {
      callback: ({ reply = "", payload }) => {
        waiting.push({ reply, payload });
        if (waiting.length < 50) return;
        for (const one of waiting.reverse()) bus.publish(one.reply, one.payload);
      },
    });
    const sent = Array.from({ length: 50 }, (_, index) => `${index}`);
    const answers = await Promise.all(sent.map((message) => bus.request(at, bytes(message), { timeout: hour })));
    assert.deepEqual(answers.map((answer) => text(answer.payload)), sent);
  });

  busTest(makeBus, "the first answer counts", async (bus, at) => {
    for (const name of ["first", "second"]) serve(bus, at, () => name);
    const answer = await bus.request(at, nothing, { timeout: hour });
    assert.ok(["first", "second"].includes(text(answer.payload)));
    await settle(bus);
  });

  busTest(makeBus, "a request that nobody listens to fails at once", async (bus, at) => {
    await assert.rejects(bus.request(at, nothing, { timeout: hour }), { code: "not-found" });
    const gone = bus.subscribe(at, { callback: () => assert.fail("it is closed") });
    gone.close();
    await assert.rejects(bus.request(at, nothing, { timeout: hour }), { code: "not-found" });
  });

  busTest(makeBus, "a message with a reply that nobody listens to is answered with a status", async (bus, at) => {
    const inbox = bus.subscribe(`${at}.inbox`)[Symbol.asyncIterator]();
    bus.publish(`${at}.nobody`, bytes("anyone?"), { reply: `${at}.inbox` });
    const status = await next(inbox);
    assert.deepEqual([status.subject, status.payload.length, status.reply], [`${at}.inbox`, 0, undefined]);
    assert.deepEqual(status.headers.filter(([name]) => name === "Status"), [["Status", "503"]]);
  });

  busTest(makeBus, "a request without answer times out, and a late answer is lost", async (bus, at) => {
    const requests = bus.subscribe(at)[Symbol.asyncIterator]();
    await assert.rejects(bus.request(at, nothing, { timeout: 5 }), { code: "timeout" });
    const { reply } = await next(requests);
    assert.ok(reply !== undefined);
    bus.publish(reply, bytes("late"));
    await settle(bus);
  });

  busTest(makeBus, "a request can be given up", async (bus, at) => {
    const requests = keep(bus, at);
    const abort = new AbortController();
    const request = bus.request(at, bytes("one"), { signal: abort.signal, timeout: hour });
    abort.abort(new Error("enough"));
    await assert.rejects(request, { code: "aborted" });
    await assert.rejects(bus.request(at, bytes("two"), { signal: abort.signal, timeout: hour }), { code: "aborted" });
    await settle(bus);
    assert.ok(!requests.includes("two"), "it was given up before it was sent");
  });

  busTest(makeBus, "a request carries headers", async (bus, at) => {
    serve(bus, at, (message) => JSON.stringify(message.headers));
    const headers = [["source-id", "shop"], ["link-name", "default"]] as const;
    const answer = await bus.request(at, nothing, { headers, timeout: hour });
    assert.deepEqual(JSON.parse(text(answer.payload)), headers);
  });
}
