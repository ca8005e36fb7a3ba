/**
 * Mischief done a thousand times: what the process holds afterwards is what it held before. Where that takes long it is
 * done less often, and a thousand times by `npm run soak`, which sets TRELLIS_SOAK: mischief that costs a worker or more
 * than a few milliseconds, and all of it outside of workers that are shared, and in platforms where a guest that waits
 * blocks its worker.
 */

import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { setImmediate as immediate } from "node:timers/promises";
import { test } from "node:test";

import type { Host, Isolation } from "trellis-host";

import { concurrency } from "../../src/engine/platform.js";
import { held } from "../guests/footprint.js";
import { canWait } from "../support/hosts.js";
import { assertServing, besideHonest } from "./host.js";
import { type Mischief, mischiefs, nameOf } from "./mischief.js";

const soaking = process.env.TRELLIS_SOAK !== undefined;
const KiB = 1024;
/** Milliseconds until a guest that does not end by itself is ended. */
const DEADLINE = 50;
/** Enough for all that ends by itself, ten at a time, on a machine that does other things, too. */
const PLENTY = 120_000;
/** How many calls are under way at a time. */
const AT_ONCE = 10;

/** Tests every mischief where guests run so. Each way has a file of its own: all of them take minutes. */
export function testRounds(isolation: Isolation): void {
  for (const mischief of mischiefs) {
    const { runs, waits, spins } = mischief;
    if (!runs || (waits && !canWait(isolation)) || (spins && isolation === "inline")) continue;
    const rounds = soaking ? 1000 : takesLong(mischief) ? 10 : isolation === "worker" && canWait("inline") ? 1000 : 100;
    const name = `${rounds} rounds of ${nameOf(mischief)} leave nothing behind (${isolation})`;
    test(name, { timeout: 3_600_000 }, () => leavesNothing(mischief, isolation, rounds));
  }
}

/** More than a few milliseconds. */
function takesLong({ spins, waits, func }: Mischief): boolean {
  return spins || waits || ["amplify", "ask", "hoard", "hoard-own", "log", "hoard-and-answer", "fill-table", "grow"].some((each) => func.startsWith(each));
}

async function leavesNothing(mischief: Mischief, isolation: Isolation, rounds: number): Promise<void> {
  await using host = await besideHonest(mischief, { isolation, deadline: mischief.ends.includes("timeout") ? DEADLINE : PLENTY });
  const { signal } = new AbortController();
  await suffer(host, mischief, Math.min(rounds, 100), signal);
  await quiet();
  const before = await footprint(host);
  await suffer(host, mischief, rounds, signal);
  await quiet();
  const after = await footprint(host);
  const { live, spare } = host.metrics().workers;
  // As many as there are processors, started as they are needed, one for newcomers, one for suspects, one for each
  // component that has its own, one to spare.
  assert.ok(live + spare <= concurrency() + 5, `${live} workers and ${spare} to spare`);
  assert.deepEqual(getEventListeners(signal, "abort"), []);
  assert.deepEqual(after.counters, before.counters);
  const grown = (after.heap - before.heap) / KiB;
  assert.ok(grown < 512, `${grown} KiB more are held`);
  await assertServing(host, mischief);
}

/** Resolves when no timer is left: until then a worker is asked whether it is stuck, or a strike is to be told of. */
async function quiet(): Promise<void> {
  const end = performance.now() + 10_000;
  while (process.getActiveResourcesInfo().includes("Timeout") && performance.now() < end) await immediate();
}

/** What is held when nothing is under way. */
async function footprint(host: Host): Promise<{ heap: number; counters: unknown }> {
  const { heap } = await held();
  const { calls, instances, streams } = host.metrics();
  const counters = {
    // The ports of workers count only while these are busy; the workers themselves are counted elsewhere.
    resources: process.getActiveResourcesInfo().filter((name) => name !== "MessagePort").sort(),
    calls: [calls.inFlight, calls.waiting],
    busy: instances.live - instances.idle,
    streams: streams.open,
  };
  return { heap, counters };
}

async function suffer(host: Host, { guest, func, params, ends }: Mischief, rounds: number, signal: AbortSignal): Promise<void> {
  for (let done = 0; done < rounds; done += AT_ONCE) {
    const calls = Array.from({ length: Math.min(AT_ONCE, rounds - done) }, () =>
      host.invokeRaw(guest, "", func, params, { signal }).then(() => "answer", (error: unknown) => (error as { code: string }).code));
    // Those that share a worker with one that has to be ended may hear of its end instead of their own.
    for (const end of await Promise.all(calls)) assert.ok([...ends, "worker-lost"].includes(end), end);
  }
}
