/** What wakes a member keeps time where a page's own timers do not. */

import assert from "node:assert/strict";
import { test } from "node:test";

import type { FromWorker, SpawnWorker } from "../src/engine/messages.js";
import { Alarm } from "../src/lattice/alarm.js";

/** Starts the engine worker's script as the package does, on this platform. */
async function spawner(): Promise<SpawnWorker> {
  if ("document" in globalThis) {
    return (hear) => {
      const worker = new Worker("/npm/dist/worker/browser.js", { type: "module" });
      worker.addEventListener("message", (event: MessageEvent<FromWorker[]>) => hear(event.data));
      return { post: (messages) => worker.postMessage(messages), keepAlive: () => undefined, terminate: async () => worker.terminate() };
    };
  }
  const { Worker: Thread } = await import("node:worker_threads");
  return (hear) => {
    const worker = new Thread("./npm/dist/worker/node.js");
    worker.on("message", hear);
    return { post: (messages) => worker.postMessage(messages), keepAlive: () => undefined, terminate: async () => { await worker.terminate(); } };
  };
}

/** Alarms keep no process alive; the tests do. */
async function rung(begin: (ring: () => void) => void): Promise<void> {
  const alive = setInterval(() => undefined, 1000);
  await new Promise<void>(begin);
  clearInterval(alive);
}

test("an alarm rings by its worker where timers stand still", async () => {
  const spawn = await spawner();
  const timer = globalThis.setTimeout;
  const rings: number[] = [];
  await rung((ring) => {
    globalThis.setTimeout = (() => 0) as unknown as typeof setTimeout;
    const alarm = new Alarm(() => {
      rings.push(performance.now());
      if (rings.length < 3) return alarm.set(10);
      alarm.close();
      ring();
    }, spawn);
    alarm.set(10);
  });
  globalThis.setTimeout = timer;
  assert.equal(rings.length, 3);
});

test("without a worker it goes by the timers of the platform, and what was set last counts", async () => {
  const begun = performance.now();
  await rung((ring) => {
    const alarm = new Alarm(ring);
    alarm.set(1);
    alarm.set(30);
  });
  assert.ok(performance.now() - begun >= 29);
});

test("a worker that cannot be started leaves the timers", async () => {
  await rung((ring) => {
    const alarm = new Alarm(ring, (_hear, fail) => {
      queueMicrotask(() => fail(new Error("no worker")));
      return { post: () => undefined, keepAlive: () => undefined, terminate: async () => undefined };
    });
    alarm.set(20);
  });
});

test("what came while the thread was held up is heard before an alarm that is late", async () => {
  const heard: string[] = [];
  const { port1, port2 } = new MessageChannel();
  port2.onmessage = () => void heard.push("message");
  await rung((ring) => {
    const alarm = new Alarm(() => {
      heard.push("alarm");
      ring();
    });
    alarm.set(10);
    const until = performance.now() + 200;
    while (performance.now() < until);
    port1.postMessage("");
  });
  port1.close();
  assert.deepEqual(heard, ["message", "alarm"]);
});
