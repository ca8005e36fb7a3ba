/** A page that was asleep finds out that its connection has died meanwhile, and makes it anew. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { natsBus, type WebSocketLike } from "trellis-host/nats";

import { bytes, keep, settle, unique } from "./compliance/support.js";
import { inNode, natsServer } from "./support/nats.js";
import { Statuses } from "./support/statuses.js";

/** What a page hears when it wakes. */
const wakes: [name: string, wake: () => void][] = [
  ["shown again after it was frozen", () => globalThis.dispatchEvent(new Event("pageshow"))],
  ["online again", () => globalThis.dispatchEvent(new Event("online"))],
  ["in the foreground again", () => document.dispatchEvent(new Event("visibilitychange"))],
];

describe("a page that wakes", { skip: inNode }, () => {
  const server = natsServer();

  for (const [name, wake] of wakes) {
    test(name, async () => {
      const sockets: WebSocketLike[] = [];
      const statuses = new Statuses();
      const webSocket = (url: string): WebSocketLike => {
        const socket = new WebSocket(url) as unknown as WebSocketLike;
        sockets.push(socket);
        return socket;
      };
      const bus = await natsBus({ servers: server.webSocket(), webSocket, onStatus: statuses.hear });
      await statuses.next("connected");
      const at = unique();
      const kept = keep(bus, at);
      // A connection that is well is kept.
      wake();
      await bus.flush();
      assert.equal(sockets.length, 1);
      const [socket] = sockets;
      assert.ok(socket);
      socket.send = () => undefined;
      wake();
      await statuses.next("disconnected");
      await statuses.next("connected");
      bus.publish(at, bytes("awake"));
      await settle(bus);
      assert.deepEqual(kept, ["awake"]);
      assert.equal(sockets.length, 2);
      await bus.close();
    });
  }

  test("nothing listens any more when the bus is closed", async () => {
    const counts = new Map<string, number>();
    const targets = [globalThis, document];
    const counted = targets.map((target) => ({ target, add: target.addEventListener.bind(target), remove: target.removeEventListener.bind(target) }));
    const count = (by: number) => (type: string): void => void counts.set(type, (counts.get(type) ?? 0) + by);
    for (const { target, add, remove } of counted) {
      const [more, less] = [count(1), count(-1)];
      target.addEventListener = (type: string, listener: EventListener) => {
        more(type);
        add(type, listener);
      };
      target.removeEventListener = (type: string, listener: EventListener) => {
        less(type);
        remove(type, listener);
      };
    }
    try {
      const bus = await natsBus({ servers: server.webSocket() });
      assert.deepEqual([...counts].sort(), [["online", 1], ["pageshow", 1], ["visibilitychange", 1]]);
      await bus.close();
      await bus.closed;
      assert.deepEqual([...counts].sort(), [["online", 0], ["pageshow", 0], ["visibilitychange", 0]]);
    } finally {
      for (const { target } of counted) {
        delete (target as Partial<typeof target>).addEventListener;
        delete (target as Partial<typeof target>).removeEventListener;
      }
    }
  });
});
