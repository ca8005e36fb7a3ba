/** A worker that says more than can be heard does not keep its host from everything else. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { MailboxWriter } from "../src/engine/mailbox.js";
import type { FromWorker, Posted, ToWorker } from "../src/engine/messages.js";
import type { EngineListener } from "../src/engine/port.js";
import { openWorker } from "../src/engine/worker.js";
import { WorkerLostError } from "../src/errors.js";
import { hasSharedMemory } from "./support/hosts.js";

const module = new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));

const ENDLESS = 100_000;
const line = ["log", "info", "", "and another"] as unknown as FromWorker;
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

/** A worker, as `openWorker` has it, and its side of the mailbox. */
function opened(listener: Partial<EngineListener>) {
  let writer: MailboxWriter | undefined;
  let fail!: (error: unknown) => void;
  const port = openWorker(
    (hear, onError) => {
      fail = onError;
      const bell = (): void => void setTimeout(() => hear([["mail"]] as Posted<FromWorker>[]), 0);
      return {
        post: (messages: Posted<ToWorker>[]) => {
          for (const message of messages) if (message[0] === "start") writer = new MailboxWriter(message[1].shared?.events as SharedArrayBuffer, bell);
        },
        keepAlive: () => undefined,
        terminate: async () => undefined,
      };
    },
    module, "jspi", { memories: 1, pages: 1 }, listener as EngineListener,
  );
  return { port, fail, say: (message: FromWorker) => writer?.post(message) };
}

test("others have their turn", { skip: !hasSharedMemory() }, async () => {
  let heard = 0;
  const worker = opened({
    log: () => {
      if (++heard < ENDLESS) worker.say(line);
    },
  });
  worker.say(line);
  while (heard === 0) await turn();
  assert.ok(heard < ENDLESS);
  const before = heard;
  while (heard === before) await turn();
  await worker.port.close();
  const atEnd = heard;
  await turn();
  assert.equal(heard, atEnd, "a closed worker is not heard");
});

test("all that was said before a failure is heard before it", { skip: !hasSharedMemory() }, () => {
  const heard: string[] = [];
  const worker = opened({ finished: (call) => void heard.push(String(call)), lost: (error) => void heard.push(error instanceof WorkerLostError ? "lost" : "?") });
  for (let call = 0; call < 1000; call++) worker.say(["finished", call]);
  worker.fail(new Error("out of luck"));
  assert.deepEqual([heard.length, heard[0], heard.at(-2), heard.at(-1)], [1001, "0", "999", "lost"]);
});
