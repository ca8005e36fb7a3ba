/** A worker that is ended lets go of its processor, whatever its guest does. */

import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { test } from "node:test";

import { createHost, StoppedError } from "trellis-host";

import { startHostile } from "./hostile/host.js";
import { mischiefs } from "./hostile/mischief.js";

const MiB = 1024 * 1024;

for (const fuel of [null, 1e15]) {
  // What an engine looks at every 200,000 iterations takes it a hundred seconds here.
  test(`a loop that fills memory ends with its worker (fuel: ${fuel})`, { timeout: 60_000 }, async () => {
    const host = await createHost();
    const mischief = mischiefs.find(({ func }) => func === "fill-memory");
    assert.ok(mischief);
    await startHostile(host, mischief, { maxMemory: 16 * MiB, fuel });
    const { guest, func, params } = mischief;
    const told = assert.rejects(host.invokeRaw(guest, "", func, params, { deadline: null }), StoppedError);
    // Until then the loop has been compiled by the better compiler, whose code is what this is about.
    await delay(2000);
    await host.stop();
    await told;
  });
}
