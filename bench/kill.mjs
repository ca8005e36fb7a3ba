// How long after a worker was ended, because a guest did not let go of it, the next call is answered by the spare one:
// prints it as JSON, in milliseconds.
import { readFile } from "node:fs/promises";

import { createHost, TimeoutError } from "trellis-host";

import { inside } from "../scripts/lib/paths.mjs";
import { median } from "./measure.mjs";

const mischief = "trellis:hostile/mischief";
const kills = 12;

const host = await createHost();
// A worker of its own: the next call finds nothing but the spare one, and loads the component there.
await host.startComponent({ id: "hostile", source: await readFile(inside("examples/dist/hostile.wasm")), isolation: "dedicated" });
const call = (func, options) => host.invoke("hostile", mischief, func, [], options);

/** Milliseconds from a kill to the next answer. */
async function kill() {
  // A guest that sleeps is told of the end of its worker at once.
  const killed = call("sleep-forever").then(unexpected, () => performance.now());
  await call("behave");
  const stuck = call("spin", { deadline: 50 }).then(unexpected, mustBeLate);
  const answered = call("behave").then(() => performance.now());
  await stuck;
  return (await answered) - (await killed);
}

function unexpected() {
  throw new Error("a guest that never returns has returned");
}

function mustBeLate(error) {
  if (!(error instanceof TimeoutError)) throw error;
}

const times = [];
for (let count = 0; count < kills; count++) times.push(await kill());
const { lost } = host.metrics().workers;
await host.stop();
if (lost !== kills) throw new Error(`${lost} workers were lost instead of ${kills}`);
console.log(JSON.stringify({ kills, median: median(times), worst: Math.max(...times) }));
