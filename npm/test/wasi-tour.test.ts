/** WASI as a real guest meets it: clocks, random numbers, standard streams, files, timers, sockets. */

import assert from "node:assert/strict";

import { GuestError, type Host, type Output } from "trellis-host";

import { hostWith, inBoth, start } from "./support/hosts.js";

const tour = "trellis:tour/tour";
const call = (host: Host, func: string, ...args: unknown[]): Promise<unknown> => host.invoke("wasi-tour", tour, func, args);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

inBoth("the command line and the environment are what the host says, and nothing else", "nothing", async (isolation) => {
  await using host = await hostWith(["wasi-tour"], { isolation });
  assert.deepEqual(await call(host, "command-line"), ["main.wasm"]);
  assert.deepEqual(await call(host, "environment"), []);
  assert.equal(await call(host, "initial-directory"), undefined);
  const told = await start(host, "wasi-tour", { id: "told", args: ["", "ä b"], env: { EMPTY: "", "A=B": "c=d", Ü: "😀" } });
  assert.deepEqual(await told.invoke(tour, "command-line"), ["", "ä b"]);
  assert.deepEqual(await told.invoke(tour, "environment"), [["EMPTY", ""], ["A=B", "c=d"], ["Ü", "😀"]]);
});

inBoth("the clocks are the platform's, and the monotonic one goes on from call to call", "nothing", async (isolation) => {
  await using host = await hostWith(["wasi-tour"], { isolation });
  const before = Date.now();
  const [seconds, nanoseconds] = (await call(host, "wall-clock")) as [bigint, number];
  const time = Number(seconds) * 1000 + nanoseconds / 1e6;
  // Platforms blur their clocks by some milliseconds.
  assert.ok(time >= before - 200 && time <= Date.now() + 200, `${time} is not about ${before}`);
  assert.ok(nanoseconds < 1e9);
  const times = [await call(host, "monotonic-clock"), await call(host, "monotonic-clock"), await call(host, "monotonic-clock")] as bigint[];
  assert.deepEqual(times, times.toSorted((a, b) => Number(a - b)));
});

inBoth("random bytes come in any number, and never twice the same", "nothing", async (isolation) => {
  await using host = await hostWith(["wasi-tour"], { isolation });
  for (const func of ["random-bytes", "insecure-bytes"]) {
    // More than `crypto.getRandomValues` gives at once.
    for (const length of [0, 1, 65_537, 200_000]) {
      const some = await call(host, func, BigInt(length));
      assert.ok(some instanceof Uint8Array && some.length === length, func);
    }
    const many = (await call(host, func, 65_537n)) as Uint8Array;
    assert.equal(new Set(many).size, 256, func);
    // The end as well as the start: 16 bytes are equal by accident once in 2^128 times.
    const ends = [many.slice(-16), many.slice(0, 16), ((await call(host, func, 16n)) as Uint8Array)].map(String);
    assert.equal(new Set(ends).size, 3, func);
  }
  assert.notDeepEqual(await call(host, "insecure-seed"), await call(host, "insecure-seed"));
});

inBoth("what a guest prints comes whole and in order, with its component and stream", "nothing", async (isolation) => {
  const outputs: Output[] = [];
  const component = { maxLogRate: null };
  await using host = await hostWith(["wasi-tour"], { isolation, onOutput: (output) => outputs.push(output), component });
  const long = Array.from({ length: 5000 }, (_, index) => `line ${index} ä😀`).join("\n");
  await call(host, "print", long);
  await call(host, "print-error", "oh");
  await call(host, "print", "end");
  assert.ok(outputs.every(({ component }) => component === "wasi-tour"));
  assert.equal(printed(outputs, "stdout"), `${long}\nend\n`);
  assert.equal(printed(outputs, "stderr"), "oh\n");
  assert.equal(await call(host, "read-input"), "");
});

inBoth("every level of the log is told by its name", "nothing", async (isolation) => {
  const entries: unknown[] = [];
  await using host = await hostWith(["wasi-tour"], { isolation, onLog: (entry) => entries.push(entry) });
  const levels = ["trace", "debug", "info", "warn", "error", "critical"];
  for (const level of levels) await call(host, "log", level, `context ${level}`, "what ä");
  assert.deepEqual(entries, levels.map((level) => ({ component: "wasi-tour", level, context: `context ${level}`, message: "what ä" })));
});

inBoth("config: pairs, named ones merged in order, and their changes from the next call on", "nothing", async (isolation) => {
  await using host = await hostWith([], { isolation });
  await host.config.put("base", { color: "red", size: "1" });
  await host.config.put("mine", { color: "blue" });
  await start(host, "wasi-tour", { config: ["base", "mine"] });
  assert.deepEqual(sorted(await call(host, "config-all")), [["color", "blue"], ["size", "1"]]);
  assert.equal(await call(host, "config-get", "color"), "blue");
  assert.equal(await call(host, "config-get", "shape"), undefined);
  await host.config.put("base", { shape: "round" });
  assert.deepEqual(sorted(await call(host, "config-all")), [["color", "blue"], ["shape", "round"]]);
  await host.config.delete("mine");
  assert.deepEqual(await call(host, "config-all"), [["shape", "round"]]);
});

inBoth("without a file system there are no files", "nothing", async (isolation) => {
  await using host = await hostWith(["wasi-tour"], { isolation });
  for (const [func, ...args] of [["write-file", "/a", bytes("a")], ["read-file", "/a"], ["list-directory", "/"], ["make-directory", "/d"]]) {
    await assert.rejects(call(host, String(func), ...args), GuestError, String(func));
  }
});

inBoth("an instance's files are its own: kept while it lives, unseen by all others", "nothing", async (isolation) => {
  await using host = await hostWith([], { isolation });
  const kept = await start(host, "wasi-tour", { filesystem: true, reuse: true, maxInstances: 1 });
  const one = (func: string, ...args: unknown[]): Promise<unknown> => kept.invoke(tour, func, args);
  await one("make-directory", "/d");
  await one("write-file", "/d/a", bytes("hello"));
  await one("append-file", "/d/a", bytes(" world"));
  await one("write-file", "/d/b", new Uint8Array(300_000).fill(7));
  assert.deepEqual(await one("read-file", "/d/a"), bytes("hello world"));
  assert.deepEqual(await one("read-part", "/d/a", 6n, 3), bytes("wor"));
  assert.deepEqual(await one("read-part", "/d/a", 2n ** 40n, 3), new Uint8Array());
  assert.deepEqual(await one("stat", "/d/b"), [300_000n, false]);
  assert.deepEqual(await one("stat", "/d"), [0n, true]);
  assert.deepEqual(await one("list-directory", "/d"), ["a", "b"]);
  await assert.rejects(one("remove-directory", "/d"), /not empty/i);
  await one("rename", "/d/a", "/c");
  await one("remove-file", "/d/b");
  await one("remove-directory", "/d");
  assert.deepEqual(await one("list-directory", "/"), ["c"]);
  await assert.rejects(one("read-file", "/d/a"), /No such file/i);
  await assert.rejects(one("read-file", "/../../etc/passwd"), GuestError);

  const fresh = await start(host, "wasi-tour", { id: "fresh", filesystem: true });
  await fresh.invoke(tour, "write-file", ["/a", bytes("a")]);
  assert.deepEqual(await fresh.invoke(tour, "list-directory", ["/"]), []);
});

inBoth("a timer wakes its guest, and the first of several only its own", "waiting", async (isolation) => {
  await using host = await hostWith(["wasi-tour"], { isolation });
  assert.ok(Number(await call(host, "sleep", 20)) >= 19);
  // Its own clock may tick meanwhile.
  assert.ok(Number(await call(host, "sleep", 0)) < 1000);
  assert.deepEqual(await call(host, "race", [60_000, 10, 50_000]), [1]);
  assert.deepEqual(await call(host, "race", [0, 60_000, 0]), [0, 2]);
});

inBoth("guests that sleep do not keep each other from waking", "waiting", async (isolation) => {
  await using host = await hostWith(["wasi-tour"], { isolation });
  const slept = await Promise.all(Array.from({ length: 20 }, (_, index) => call(host, "sleep", index)));
  slept.forEach((each, index) => assert.ok(Number(each) >= index - 1, `${String(each)} instead of ${index} ms`));
});

inBoth("sockets are there, and denied", "nothing", async (isolation) => {
  await using host = await hostWith(["wasi-tour"], { isolation });
  await assert.rejects(call(host, "connect", "127.0.0.1:80"), /permission denied/i);
  await assert.rejects(call(host, "connect", "[::1]:80"), /permission denied/i);
  await assert.rejects(call(host, "connect", "localhost:80"), /failed to lookup address/);
});

function printed(outputs: readonly Output[], stream: Output["stream"]): string {
  const decoder = new TextDecoder();
  const parts = outputs.filter((each) => each.stream === stream).map((each) => decoder.decode(each.bytes, { stream: true }));
  return parts.join("");
}

function sorted(pairs: unknown): string[][] {
  return (pairs as string[][]).toSorted(([a = ""], [b = ""]) => (a < b ? -1 : 1));
}
