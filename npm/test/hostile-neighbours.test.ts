/** Fifty hostile guests of all kinds beside an honest one, all of whose calls are answered. `npm run bench` tells how fast. */

import assert from "node:assert/strict";
import { test } from "node:test";

import type { Isolation } from "trellis-host";

import { neighbours } from "./hostile/neighbours.js";

for (const isolation of ["worker", "dedicated"] satisfies Isolation[]) {
  test(`an honest component among 50 hostile ones (${isolation})`, { timeout: 120_000 }, async (t) => {
    // The hostile ones are there, and hear of their ends in every way.
    const expected = ["answer", "guest-trap", "limit", "timeout"];
    const { quiet, beside, after, ends } = await neighbours({ options: { isolation }, hostile: 50, time: 1000, expected, deadline: 500 });
    t.diagnostic(JSON.stringify({ quiet, beside, after, ends }));
    for (const { calls, failures } of [quiet, beside, after]) {
      assert.deepEqual(failures, []);
      assert.ok(calls > 0);
    }
  });
}
