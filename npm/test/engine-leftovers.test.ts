/** What a call holds goes with it when it is given up: its channels in both directions, and its memory in the core. */

import assert from "node:assert/strict";
import { test } from "node:test";

import type { SuspensionTier } from "../src/core.js";
import { encodeRequest } from "../src/http/message.js";
import { startCore, TestEngine, waitingTiers } from "./engine/engine.js";
import { readFile } from "./support/files.js";

const REQUEST_BODY = 2;

/** The guest `http-echo`, which has answered and waits for the rest of the request's body. */
class Echo {
  private constructor(readonly engine: TestEngine, readonly guest: number) {}

  static async start(tier: SuspensionTier): Promise<Echo> {
    const engine = await TestEngine.start(tier);
    return new Echo(engine, await engine.loadBytes(await readFile("examples/dist/http-echo.wasm")));
  }

  /** Begins a request; once it is answered, `then` gets its call and the number of the response's body. */
  async request(then: (call: number, body: number) => void): Promise<void> {
    const { engine } = this;
    const call = engine.next;
    let done: true | undefined;
    const settled = (): void => {
      const event = engine.of("settled", call);
      if (event === undefined) return engine.meanwhile(settled);
      then(call, event[3][0]?.id ?? -1);
      done = true;
    };
    const url = new URL("http://echo/echo");
    const { params } = encodeRequest({ method: "POST", url, headers: [], body: undefined });
    engine.meanwhile(settled);
    engine.beginAt(this.guest, "wrpc:http/incoming-handler@0.1.0", "handle", params, [{ path: [0, 0], id: REQUEST_BODY }]);
    while (done === undefined) await Promise.resolve();
  }
}

for (const tier of waitingTiers) {
  test(`${tier}: the channels of a call that is given up are closed`, async () => {
    const echo = await Echo.start(tier);
    const { engine } = echo;
    let response = -1;
    await echo.request((call, body) => {
      response = body;
      engine.commands.abort(call);
    });
    await engine.until(() => engine.of("cancel", REQUEST_BODY));
    const [, , error] = await engine.until(() => engine.of("end", response));
    assert.notEqual(error, undefined, "the body is cut off, not complete");
    const before = engine.events.length;
    engine.commands.push(REQUEST_BODY, new Uint8Array(8));
    engine.commands.end(REQUEST_BODY);
    engine.commands.credit(response, 1000);
    engine.commands.cancel(response);
    assert.deepEqual(engine.events.slice(before), []);
    engine.close();
  });

  test(`${tier}: calls that are given up leave nothing in the core's memory`, async () => {
    const { memory } = await startCore();
    const echo = await Echo.start(tier);
    const { engine } = echo;
    const round = () => echo.request((call) => {
      engine.commands.push(REQUEST_BODY, new Uint8Array(64 * 1024));
      engine.commands.abort(call);
    });
    for (let count = 0; count < 10; count++) await round();
    const before = memory.buffer.byteLength;
    for (let count = 0; count < 100; count++) await round();
    assert.ok(memory.buffer.byteLength - before < 50 * 64 * 1024, `it grew from ${before} to ${memory.buffer.byteLength} bytes`);
    engine.close();
  });
}
