/** Watches of key-value buckets. */

import assert from "node:assert/strict";

import type { Entry } from "../../src/bus.js";
import { all, bucketTest, bytes, next, nothing, settle, text, type MakeBus } from "./support.js";

/** Declares the tests. */
export function watchTests(makeBus: MakeBus): void {
  bucketTest(makeBus, "a watch begins with the entries there are, oldest change first, and goes on with changes", async (bucket) => {
    await bucket.put("b", bytes("1"));
    await bucket.put("a", bytes("2"));
    await bucket.put("b", bytes("3"));
    const watch = await bucket.watch();
    const changes = watch[Symbol.asyncIterator]();
    assert.deepEqual(show(await next(changes)), "put a 2");
    assert.deepEqual(show(await next(changes)), "put b 3");
    const revision = await bucket.put("c", bytes("4"));
    await bucket.delete("a");
    await bucket.purge("b");
    const put = await next(changes);
    assert.deepEqual([show(put), put.revision], ["put c 4", revision]);
    assert.deepEqual([show(await next(changes)), show(await next(changes))], ["delete a ", "purge b "]);
    watch.close();
  });

  bucketTest(makeBus, "a watch of updates only begins empty, in force when it is there", async (bucket) => {
    await bucket.put("a", bytes("1"));
    const watch = await bucket.watch({ updatesOnly: true });
    await bucket.put("a", bytes("2"));
    assert.equal(show(await next(watch[Symbol.asyncIterator]())), "put a 2");
    watch.close();
  });

  bucketTest(makeBus, "a watch follows one key or a pattern", async (bucket) => {
    await bucket.put("x.0", nothing);
    const one = (await bucket.watch({ key: "a" }))[Symbol.asyncIterator]();
    const some = (await bucket.watch({ key: "x.*" }))[Symbol.asyncIterator]();
    for (const key of ["a", "b", "x.1", "x.1.2", "x", "a.b", "x.2"]) await bucket.put(key, nothing);
    await bucket.put("a", bytes("last"));
    assert.deepEqual([show(await next(one)), show(await next(one))], ["put a ", "put a last"]);
    const seen = [await next(some), await next(some), await next(some)];
    assert.deepEqual(seen.map((entry) => entry.key), ["x.0", "x.1", "x.2"]);
  });

  bucketTest(makeBus, "every watch gets its own copy of every change", async (bucket) => {
    const watches = [await bucket.watch(), await bucket.watch()].map((watch) => watch[Symbol.asyncIterator]());
    await bucket.put("a", bytes("1"));
    for (const changes of watches) {
      const entry = await next(changes);
      assert.equal(text(entry.value), "1");
      entry.value.fill(0);
    }
    assert.equal(text((await bucket.get("a"))?.value ?? nothing), "1");
  });

  bucketTest(makeBus, "closing, a signal and disposal end a watch", async (bucket, bus) => {
    const abort = new AbortController();
    const [closed, disposed] = [await bucket.watch(), await bucket.watch()];
    const aborted = await bucket.watch({ signal: abort.signal });
    const waiting = [closed, disposed, aborted].map((watch) => all(watch));
    closed.close();
    closed.close();
    await disposed[Symbol.asyncDispose]();
    abort.abort();
    await bucket.put("a", nothing);
    await settle(bus);
    assert.deepEqual(await Promise.all(waiting), [[], [], []]);
  });

  bucketTest(makeBus, "malformed patterns are refused", async (bucket) => {
    for (const key of ["", "a..b", ">.a", "a b", "COMPONENT_*", "é"]) {
      await assert.rejects(async () => bucket.watch({ key }), { code: "invalid-argument" }, JSON.stringify(key));
      await assert.rejects(async () => bucket.keys(key), { code: "invalid-argument" }, JSON.stringify(key));
    }
  });
}

function show(entry: Entry): string {
  return `${entry.operation} ${entry.key} ${text(entry.value)}`;
}
