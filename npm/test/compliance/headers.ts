/** Headers. */

import assert from "node:assert/strict";

import type { Headers } from "../../src/bus.js";
import { bytes, busTest, keep, next, nothing, settle, text, type MakeBus } from "./support.js";

/** Declares the tests. */
export function headerTests(makeBus: MakeBus): void {
  busTest(makeBus, "headers arrive as they were sent: names keep their case, values their order", async (bus, at) => {
    const messages = bus.subscribe(at)[Symbol.asyncIterator]();
    const headers: Headers = [
      ["source-id", "shop-api"],
      ["Source-Id", "other"],
      ["x", "1"],
      ["empty", ""],
      ["text", "a: b, é €"],
      ["x", "2"],
    ];
    bus.publish(at, bytes("body"), { headers });
    const message = await next(messages);
    assert.equal(text(message.payload), "body");
    const values = (name: string) => message.headers.filter(([other]) => other === name).map(([, value]) => value);
    assert.deepEqual(values("source-id"), ["shop-api"]);
    assert.deepEqual(values("Source-Id"), ["other"]);
    assert.deepEqual(values("x"), ["1", "2"]);
    assert.deepEqual(values("empty"), [""]);
    assert.deepEqual(values("text"), ["a: b, é €"]);
    assert.equal(message.headers.length, headers.length);
  });

  busTest(makeBus, "headers that would break a carrier are refused, and nothing is sent", async (bus, at) => {
    const kept = keep(bus, at);
    const bad: Headers = [["", "x"], ["a:b", "x"], ["a b", "x"], ["a\r\nb", "x"], ["a", "x\r\ny: z"], ["a", "x\ny"]];
    for (const header of bad) {
      assert.throws(() => bus.publish(at, nothing, { headers: [header] }), { code: "invalid-argument" }, JSON.stringify(header));
    }
    await settle(bus);
    assert.deepEqual(kept, []);
  });
}
