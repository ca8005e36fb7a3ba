/** A policy on a bus that the test has in its hands: what becomes of decisions and questions when the connection breaks, and at the end. */

import assert from "node:assert/strict";
import { test } from "node:test";

import type { Bus, Message } from "trellis-host";

import type { ConnectionListener, RequestOptions, SubscribeOptions } from "../src/bus.js";
import { abortedBy } from "../src/errors.js";
import type { MemberSettings, PolicyQuestion } from "../src/lattice/core.js";
import { Policy } from "../src/lattice/policy.js";
import { loadMember } from "../src/load/member-node.js";

const module = await loadMember("npm/pkg/trellis_member_bg.wasm");
const question: PolicyQuestion = { kind: "startComponent", id: "hello", imageRef: "any", maxInstances: 1, annotations: {}, claims: null };

/** A policy, and what it wants of its bus. The service permits everything, unless it is silent. */
function onBus(silent = false): { policy: Policy; asked: RequestOptions[]; heard: SubscribeOptions[]; listeners: Set<ConnectionListener> } {
  const asked: RequestOptions[] = [];
  const heard: SubscribeOptions[] = [];
  const listeners = new Set<ConnectionListener>();
  const bus: Pick<Bus, "request" | "subscribe" | "onConnection"> = {
    request: async (_, payload, options = {}) => {
      asked.push(options);
      const { signal } = options;
      if (silent) await new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(abortedBy(signal))));
      const { requestId } = JSON.parse(new TextDecoder().decode(payload)) as { requestId: string };
      return { payload: new TextEncoder().encode(JSON.stringify({ requestId, permitted: true })) } as Message;
    },
    subscribe: (_, options = {}) => void heard.push(options) as unknown as ReturnType<Bus["subscribe"]>,
    onConnection: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const settings = { hostId: "N", lattice: "default", labels: {} } as MemberSettings;
  const warn = (text: string): never => assert.fail(text);
  const policy = new Policy({ module, bus: bus as Bus, settings, warn }, { topic: "policy", changesTopic: "changes", timeout: 1234 });
  return { policy, asked, heard, listeners };
}

test("what it has decided holds until the connection was lost: changes may have been missed", async () => {
  const { policy, asked, listeners } = onBus();
  const check = async (): Promise<number> => {
    await policy.check(question);
    return asked.length;
  };
  assert.deepEqual([await check(), await check()], [1, 1]);
  listeners.forEach((listener) => listener.offline());
  assert.equal(await check(), 1);
  listeners.forEach((listener) => listener.online());
  assert.deepEqual([await check(), await check()], [2, 2]);
  assert.deepEqual(asked.map(({ timeout }) => timeout), [1234, 1234]);
  policy.close();
});

test("one that is closed fails what is asked, and hears of nothing more", async () => {
  const { policy, heard, listeners } = onBus(true);
  const failed = Promise.all([1, 2].map(() => assert.rejects(policy.check(question), { code: "aborted" })));
  policy.close();
  await failed;
  assert.deepEqual([listeners.size, heard.map(({ signal }) => signal?.aborted)], [0, [true]]);
});
