/** Resources across the border of a component, in both directions, and their destructors. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { encoded, TestEngine } from "./engine/engine.js";

/** A handle of the world outside: opaque bytes. */
const thing = encoded("a thing of the world");

/** An engine whose links hand out things; `taken` are those that came back. */
async function giving(): Promise<{ engine: TestEngine; guest: number; taken: Uint8Array[] }> {
  const engine = await TestEngine.start("none");
  const guest = await engine.load("resources", { reuse: true });
  const taken: Uint8Array[] = [];
  engine.answer = (_call, func, params) => {
    if (func === "give") return thing;
    if (func === "look") return encoded(params.length);
    taken.push(params);
    return encoded();
  };
  return { engine, guest, taken };
}

test("handles of the world reach the guest and come back as they were", async () => {
  const { engine, guest, taken } = await giving();
  assert.deepEqual(await engine.call(guest, "borrow-thing"), encoded(thing.length));
  await engine.call(guest, "return-thing");
  assert.deepEqual(taken, [thing]);
  engine.close();
});

test("a handle that was given away is gone", async () => {
  const { engine, guest, taken } = await giving();
  await assert.rejects(engine.call(guest, "return-twice"), { code: "guest-trap", message: /unknown handle/ });
  assert.deepEqual(taken, [thing]);
  engine.close();
});

test("a resource of the guest lives outside until it is given back", async () => {
  const { engine, guest } = await giving();
  const handle = await engine.call(guest, "make", encoded(77));
  const other = await engine.call(guest, "make", encoded(78));
  assert.equal(handle[0], 4, "four bytes of representation");
  assert.notDeepEqual(handle, other);
  assert.deepEqual(await engine.call(guest, "look", handle), encoded(77));
  assert.deepEqual(await engine.call(guest, "look", other), encoded(78));
  assert.deepEqual(await engine.call(guest, "destroyed"), encoded(0));
  await engine.call(guest, "eat", handle);
  assert.deepEqual(await engine.call(guest, "destroyed"), encoded(1));
  engine.close();
});

for (const func of ["look", "eat"]) {
  test(`${func} refuses a handle that leads to nothing`, async () => {
    const { engine, guest } = await giving();
    const handle = await engine.call(guest, "make", encoded(77));
    await engine.call(guest, "eat", handle);
    await assert.rejects(engine.call(guest, func, handle), { code: "decode", message: /living resource/ });
    for (const forged of [Uint8Array.of(4, 0, 0, 0, 0), Uint8Array.of(4, 0xff, 0xff, 0xff, 0xff), Uint8Array.of(0), encoded()]) {
      await assert.rejects(engine.call(guest, func, forged), { code: "decode" });
    }
    engine.close();
  });
}

test("a destructor runs when the guest drops the last handle", async () => {
  const { engine, guest } = await giving();
  await engine.call(guest, "make-and-drop", encoded(5));
  assert.deepEqual(await engine.call(guest, "destroyed"), encoded(1));
  engine.close();
});

test("a destructor that traps traps the call that dropped", async () => {
  const { engine, guest } = await giving();
  await engine.call(guest, "make-and-drop", encoded(5));
  await assert.rejects(engine.call(guest, "make-and-drop", encoded(666)), { code: "guest-trap", message: /unreachable/ });
  assert.deepEqual(await engine.call(guest, "destroyed"), encoded(0), "it is another instance");
  engine.close();
});

test("destructors nest, but not without end", async () => {
  const engine = await TestEngine.start("none");
  const guest = await engine.load("nested");
  for (const depth of [0, 5, 50]) assert.deepEqual(await engine.call(guest, "nest", encoded(depth)), encoded());
  for (const depth of [1000, 0xffff_ffff]) {
    await assert.rejects(engine.call(guest, "nest", encoded(depth)), { code: "guest-trap", message: /call stack exhausted/ });
  }
  engine.close();
});
