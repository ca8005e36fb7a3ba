/** `wasmcloud:messaging` 0.2 is linked like any interface: what comes to the handler, what goes to the consumer. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { createHost, type Bus, type RawCall } from "trellis-host";
import { natsBus } from "trellis-host/nats";

import { readFile } from "./support/files.js";
import { canWait } from "./support/hosts.js";
import { Client, freshLattice } from "./support/lattice.js";
import { hasWebSocket, inNode, natsServer } from "./support/nats.js";

const HANDLER = "wasmcloud:messaging/handler@0.2.0";

/** Lattice protocol 1.x, section 8.3: `a.b`, `hi`, to be answered on `r.1`; and the answer. */
const MESSAGE = [0x03, 0x61, 0x2e, 0x62, 0x02, 0x68, 0x69, 0x01, 0x03, 0x72, 0x2e, 0x31];
const REPLY = [0x03, 0x72, 0x2e, 0x31, 0x02, 0x68, 0x69, 0x00];

describe("messaging", { skip: (!hasWebSocket && !inNode) || !canWait("worker") }, () => {
  const server = natsServer();
  let bus: Bus;
  before(async () => void (bus = await natsBus({ servers: inNode ? server.tcp() : server.webSocket() })));
  after(() => bus.close());

  /** Delivers a message as a provider of the lattice does; resolves with the results. */
  const deliver = (lattice: string, message: readonly number[]): Promise<number[]> => new Promise((resolve) => {
    const inbox = `_INBOX.messaging.${Math.random().toString(36).slice(2)}`;
    bus.subscribe(`${inbox}.results`, { max: 1, callback: ({ payload }) => resolve([...payload]) });
    // The other side listens: there are no more parameters.
    bus.subscribe(inbox, { max: 1, callback: ({ reply }) => bus.publish(`${String(reply)}.params`, new Uint8Array(0)) });
    bus.publish(`${lattice}.guest.wrpc.0.0.1.${HANDLER}.handle-message`, new Uint8Array(message), { reply: inbox });
  });

  test("a message goes to the handler, and what it publishes to the consumer of another host", async () => {
    const lattice = freshLattice();
    const servers = inNode ? server.tcp() : server.webSocket();
    const [near, far] = await Promise.all([natsBus({ servers }), natsBus({ servers })]);
    const client = new Client(bus, lattice);
    const [one, other] = await Promise.all([createHost({ lattice, bus: near }), createHost({ lattice, bus: far })]);
    const published: (readonly [source: string, params: number[]])[] = [];
    let answer = [0x00];
    const publish = ({ params, source }: RawCall): Uint8Array => {
      published.push([source, [...params]]);
      return new Uint8Array(answer);
    };
    await other.provide("broker", { "wasmcloud:messaging/consumer": { publish } });
    await client.event("provider_started", (data) => data["provider_id"] === "broker");
    await one.link({ source: "guest", interface: "wasmcloud:messaging/consumer", target: "broker" });
    await one.startComponent({ id: "guest", source: await readFile("npm/dist-test/engine/messaging.wasm") });
    await client.event("component_scaled");
    assert.deepEqual(await deliver(lattice, MESSAGE), [0x00]);
    assert.deepEqual(published, [["guest", REPLY]]);
    // An error of the broker is the guest's to answer with.
    answer = [0x01, 0x01, 0x78];
    assert.deepEqual(await deliver(lattice, MESSAGE), answer);
    assert.deepEqual(await deliver(lattice, [...MESSAGE.slice(0, 7), 0x00]), [0x00]);
    assert.equal(published.length, 2);
    client.close();
    await Promise.all([one.stop(), other.stop()]);
    await Promise.all([near.close(), far.close()]);
  });
});
