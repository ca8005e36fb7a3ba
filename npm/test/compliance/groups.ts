/** Queue groups. */

import assert from "node:assert/strict";

import { bytes, busTest, keep, nothing, settle, type MakeBus } from "./support.js";

/** Declares the tests. */
export function groupTests(makeBus: MakeBus): void {
  busTest(makeBus, "one member of a queue group gets each message, and all take part", async (bus, at) => {
    const members = Array.from({ length: 3 }, () => keep(bus, `${at}.work`, { queue: `${at}.q` }));
    const sent = Array.from({ length: 300 }, (_, index) => `${index}`);
    for (const message of sent) bus.publish(`${at}.work`, bytes(message));
    await settle(bus);
    assert.deepEqual(members.flat().sort((a, b) => Number(a) - Number(b)), sent);
    for (const member of members) {
      assert.ok(member.length > 0, "a member got nothing");
      assert.deepEqual(member, [...member].sort((a, b) => Number(a) - Number(b)));
    }
  });

  busTest(makeBus, "groups and plain subscriptions do not take from each other", async (bus, at) => {
    const plain = keep(bus, `${at}.*`);
    const first = keep(bus, `${at}.work`, { queue: "q" });
    const second = keep(bus, `${at}.work`, { queue: "r" });
    for (let index = 0; index < 10; index += 1) bus.publish(`${at}.work`, nothing);
    await settle(bus);
    assert.deepEqual([plain.length, first.length, second.length], [10, 10, 10]);
  });

  busTest(makeBus, "a group is its name, whatever the patterns of its members", async (bus, at) => {
    const members = [keep(bus, `${at}.work`, { queue: "q" }), keep(bus, `${at}.>`, { queue: "q" })];
    for (let index = 0; index < 100; index += 1) bus.publish(`${at}.work`, nothing);
    await settle(bus);
    assert.equal(members.flat().length, 100);
  });

  busTest(makeBus, "who stays in a group gets the messages of who leaves", async (bus, at) => {
    const leaver = bus.subscribe(at, { queue: "q", callback: () => assert.fail("it has left") });
    const stayer = keep(bus, at, { queue: "q" });
    leaver.close();
    for (let index = 0; index < 50; index += 1) bus.publish(at, nothing);
    await settle(bus);
    assert.equal(stayer.length, 50);
  });
}
