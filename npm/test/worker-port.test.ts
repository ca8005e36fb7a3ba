/** The host's end of a worker, whose other end does what a test says. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { MailboxWriter } from "../src/engine/mailbox.js";
import type { FromWorker, Posted, SpawnWorker, ToWorker } from "../src/engine/messages.js";
import type { EngineListener } from "../src/engine/port.js";
import { openWorker } from "../src/engine/worker.js";
import { hasSharedMemory } from "./support/hosts.js";

const skip = !hasSharedMemory();
const share = { memories: 1, pages: 1 };

/** A listener that notes the names of what it hears, and does what `on` says. */
function listener(heard: string[], on: Partial<EngineListener>): EngineListener {
  return new Proxy({} as EngineListener, {
    get: (_target, name) => (...args: unknown[]) => {
      heard.push(String(name));
      (on[name as keyof EngineListener] as ((...args: unknown[]) => void) | undefined)?.(...args);
    },
  });
}

test("a worker is not listened to after it was ended, whatever is still in its mailbox", { skip }, async () => {
  const heard: string[] = [];
  let events: SharedArrayBuffer | undefined;
  let bell: (messages: Posted<FromWorker>[]) => void = () => undefined;
  const spawn: SpawnWorker = (onMessages) => {
    bell = onMessages;
    const post = ([first]: Posted<ToWorker>[]): void => {
      if (first?.[0] === "start") events = first[1].shared?.events;
    };
    return { post, keepAlive: () => undefined, terminate: async () => undefined };
  };
  const port = openWorker(spawn, {}, "jspi", share, listener(heard, { lost: () => void port.close() }));
  assert.ok(events !== undefined);
  const worker = new MailboxWriter(events, () => undefined);
  for (const message of [["ready"], ["lost", { code: "worker-lost", message: "gone" }], ["began", 1]]) worker.post(message);
  bell([["mail"]]);
  assert.deepEqual(heard, ["ready", "lost"]);
});

test("a worker that cannot be started is lost", async () => {
  const heard: string[] = [];
  const spawn: SpawnWorker = () => ({
    post: () => {
      throw new Error("it cannot be cloned");
    },
    keepAlive: () => undefined,
    terminate: async () => undefined,
  });
  openWorker(spawn, {}, "jspi", share, listener(heard, {}));
  await Promise.resolve();
  assert.deepEqual(heard, ["lost"]);
});
