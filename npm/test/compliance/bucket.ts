/** Key-value buckets. */

import assert from "node:assert/strict";

import type { Bucket } from "../../src/bus.js";
import { bucketTest, bytes, busTest, nothing, text, type MakeBus } from "./support.js";

const conflict = { code: "conflict" };
const invalid = { code: "invalid-argument" };

/** Declares the tests. */
export function bucketTests(makeBus: MakeBus): void {
  bucketTest(makeBus, "a key has the value that was put, and its revision", async (bucket) => {
    assert.equal(await bucket.get("a"), undefined);
    const first = await bucket.put("a", bytes("1"));
    const second = await bucket.put("b", nothing);
    const third = await bucket.put("a", bytes("2"));
    assert.ok(first > 0 && second > first && third > second);
    const entry = await bucket.get("a");
    assert.ok(entry);
    assert.deepEqual([entry.key, entry.operation, text(entry.value), entry.revision], ["a", "put", "2", third]);
    assert.equal((await bucket.get("b"))?.value.length, 0);
  });

  bucketTest(makeBus, "a value belongs to whoever has it", async (bucket) => {
    const value = bytes("as put");
    await bucket.put("a", value);
    value.fill(0);
    (await bucket.get("a"))?.value.fill(0);
    assert.equal(text((await bucket.get("a"))?.value ?? nothing), "as put");
  });

  bucketTest(makeBus, "update wants the last revision", async (bucket) => {
    const first = await bucket.update("a", bytes("1"), 0);
    await assert.rejects(bucket.update("a", bytes("2"), 0), conflict);
    await assert.rejects(bucket.update("a", bytes("2"), first + 1), conflict);
    const second = await bucket.update("a", bytes("2"), first);
    await assert.rejects(bucket.update("a", bytes("3"), first), conflict);
    assert.deepEqual([text((await bucket.get("a"))?.value ?? nothing), (await bucket.get("a"))?.revision], ["2", second]);
  });

  bucketTest(makeBus, "create wants a key without value", async (bucket) => {
    await bucket.create("a", bytes("1"));
    await assert.rejects(bucket.create("a", bytes("2")), conflict);
    await bucket.delete("a");
    await bucket.create("a", bytes("3"));
    await bucket.purge("a");
    await bucket.create("a", bytes("4"));
    assert.equal(text((await bucket.get("a"))?.value ?? nothing), "4");
  });

  bucketTest(makeBus, "a deleted key has no value", async (bucket) => {
    for (const remove of [(key: string) => bucket.delete(key), (key: string) => bucket.purge(key)]) {
      await bucket.put("a", bytes("1"));
      await remove("a");
      await remove("never");
      assert.equal(await bucket.get("a"), undefined);
      assert.deepEqual(await bucket.keys(), []);
    }
  });

  bucketTest(makeBus, "keys are listed, all or by pattern", async (bucket) => {
    for (const key of ["COMPONENT_a", "x.1", "x.2.y", "p/q=r"]) await bucket.put(key, nothing);
    await bucket.delete("p/q=r");
    const keys = async (pattern?: string) => (await bucket.keys(pattern)).sort();
    assert.deepEqual(await keys(), ["COMPONENT_a", "x.1", "x.2.y"]);
    assert.deepEqual(await keys("x.*"), ["x.1"]);
    assert.deepEqual(await keys("x.>"), ["x.1", "x.2.y"]);
    assert.deepEqual(await keys("none.*"), []);
  });

  bucketTest(makeBus, "malformed keys are refused", async (bucket) => {
    for (const key of ["", ".", "a.", ".a", "a..b", "a b", "a*", "*", ">", "é", "a:b", "a\r\nb"]) {
      await assert.rejects(async () => bucket.put(key, nothing), invalid, JSON.stringify(key));
      await assert.rejects(async () => bucket.get(key), invalid, JSON.stringify(key));
      await assert.rejects(async () => bucket.delete(key), invalid, JSON.stringify(key));
    }
  });

  bucketTest(makeBus, "counting with compare-and-set loses nothing", async (bucket) => {
    await Promise.all(Array.from({ length: 8 }, () => count(bucket, "n", 5)));
    assert.equal(text((await bucket.get("n"))?.value ?? nothing), "40");
  });

  busTest(makeBus, "a bucket is opened where it exists, and is its name's alone", async (bus, at) => {
    const bucket = await bus.bucket(`${at}_A-1`);
    assert.equal(bucket.name, `${at}_A-1`);
    await bucket.put("a", bytes("1"));
    assert.equal(text((await (await bus.bucket(`${at}_A-1`)).get("a"))?.value ?? nothing), "1");
    assert.equal(await (await bus.bucket(`${at}_A-2`)).get("a"), undefined);
    for (const name of ["", "a.b", "a b", "*", ">", "é"]) {
      await assert.rejects(async () => bus.bucket(name), invalid, JSON.stringify(name));
    }
  });
}

/** Adds 1 so often, each time from what it last saw. */
async function count(bucket: Bucket, key: string, times: number): Promise<void> {
  for (let left = times; left > 0; ) {
    const entry = await bucket.get(key);
    const value = entry ? Number(text(entry.value)) : 0;
    try {
      await bucket.update(key, bytes(`${value + 1}`), entry?.revision ?? 0);
      left -= 1;
    } catch (error) {
      assert.equal((error as { code?: string }).code, "conflict");
    }
  }
}
