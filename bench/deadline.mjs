// How long after its deadline a call of a guest that spins in a worker fails at its caller: prints it as JSON.
import { readFile } from "node:fs/promises";

import { createHost, TimeoutError } from "trellis-host";

import { inside } from "../scripts/lib/paths.mjs";

const deadline = 100;
const calls = 100;

/** Milliseconds after the deadline that are in time. */
const grace = 100;

const host = await createHost();
await host.startComponent({ id: "spinner", source: await readFile(inside("examples/dist/hostile.wasm")), deadline });

/** Milliseconds until the call fails, and with what. */
async function spin() {
  const begin = performance.now();
  const error = await host.invoke("spinner", "trellis:hostile/mischief", "spin").catch((error) => error);
  return { time: performance.now() - begin, timeout: error instanceof TimeoutError };
}

const times = [];
let inTime = 0;
for (let call = 0; call < calls; call++) {
  const { time, timeout } = await spin();
  times.push(time);
  if (timeout && time <= deadline + grace) inTime++;
}
await host.stop();

times.sort((a, b) => a - b);
const quantile = (part) => times[Math.ceil(part * calls) - 1];
console.log(JSON.stringify({ inTime, p50: quantile(0.5), p99: quantile(0.99), max: quantile(1) }));
