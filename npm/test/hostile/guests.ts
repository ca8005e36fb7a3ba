/** Hostile guests, one by one: a typed error for their caller, a count for the host, and nothing for anybody else. */

import assert from "node:assert/strict";
import { test } from "node:test";

import type { Host, HostMetrics, Isolation } from "trellis-host";

import { canWait, until } from "../support/hosts.js";
import { assertServing, besideHonest, type End, endOf } from "./host.js";
import { type Mischief, mischiefs, nameOf } from "./mischief.js";

/** Milliseconds until a guest that spins is ended. */
const DEADLINE = 300;
/** Enough for all that ends by itself, on a machine that does other things, too. */
const PLENTY = 100_000;
/** Used up by any loop within milliseconds. */
const FUEL = 20_000;

/** Tests every mischief where guests run so. Each way has a file of its own: all of them take a page minutes. */
export function testGuests(isolation: Isolation): void {
  for (const mischief of mischiefs) {
    const { spins, waits, runs } = mischief;
    const skip = !runs || (waits && !canWait(isolation));
    // What spins on the host's own thread is never ended, but for want of fuel.
    if (!spins || isolation !== "inline") {
      test(`${nameOf(mischief)} (${isolation})`, { skip }, () => suffer(mischief, isolation));
    }
    if (spins) {
      test(`${nameOf(mischief)} runs out of fuel (${isolation})`, { skip }, () =>
        suffer(starved(mischief), isolation));
    }
  }
}

/** The same with little fuel. What has ended a guest before it ran out of fuel stays its end. */
function starved({ starved: end, options, ...mischief }: Mischief): Mischief {
  const limit = end === "limit" ? "fuel" : undefined;
  return { ...mischief, starved: end, spins: false, ends: [end], limit, options: { ...options, fuel: FUEL } };
}

/** Has the mischief done, twice where it costs no worker. */
async function suffer(mischief: Mischief, isolation: Isolation): Promise<void> {
  await using host = await besideHonest(mischief, { isolation });
  await assertServing(host, mischief);
  for (let round = mischief.spins ? 1 : 0; round < 2; round++) {
    const before = host.metrics();
    const end = await endOf(host, mischief, mischief.ends.includes("timeout") ? DEADLINE : PLENTY);
    assertEnd(end, mischief);
    await assertServing(host, mischief);
    await assertCounted(host, mischief, end, before);
  }
}

function assertEnd(end: End, { ends, limit }: Mischief): void {
  assert.ok(ends.includes(end.code), `it ended with ${end.code}, not ${ends.join(" or ")}`);
  if (end.code === "limit" && limit !== undefined) assert.equal(end.limit, limit);
}

/** The call is in the counters of the host and of the component, with what ended it and what it cost. */
async function assertCounted(host: Host, { guest, spins, limit }: Mischief, { code }: End, before: HostMetrics): Promise<void> {
  // That a worker is stuck, and that a guest has ended after its caller was told, is known a little later.
  await until(() => host.metrics().workers.lost >= before.workers.lost + (spins ? 1 : 0));
  if (limit !== undefined) await until(() => (host.metrics().limits[limit] ?? 0) > 0);
  const after = host.metrics();
  const failed = code === "answer" ? 0 : 1;
  const own = [before, after].map(({ components }) => components[guest]);
  assert.equal(after.calls.failed - before.calls.failed, failed, "calls that failed");
  assert.equal((own[1]?.failures[code] ?? 0) - (own[0]?.failures[code] ?? 0), failed, "failures of the component");
  assert.equal((after.failures[code] ?? 0) - (before.failures[code] ?? 0), failed, "failures of the host");
  assert.equal(after.workers.lost - before.workers.lost, spins ? 1 : 0, "workers that were lost");
  assert.deepEqual([after.calls.inFlight, after.calls.waiting, after.streams.open], [0, 0, 0]);
}
