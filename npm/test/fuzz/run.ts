/**
 * `run TARGET SECONDS CRASHERS_DIR`: damages the seeds of a target for that long, and gives it what comes out. An input
 * that breaks a promise is written to CRASHERS_DIR. `run TARGET FILE`: gives it what the file holds.
 */

import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";

import { damage, Dice } from "../generated/damage.js";
import type { FuzzTarget } from "./target.js";
import { targets } from "./targets.js";

/** So many damaged inputs are kept to be damaged further; one of them goes for each that comes. */
const KEPT = 500;

const [name = "", what = "", crashers] = process.argv.slice(2);
const target = targets[name];
if (target === undefined) throw new Error(`there is no target ${name}; there are ${Object.keys(targets).join(", ")}`);
if (crashers === undefined) await target.run(new Uint8Array(await readFile(what)));
else await search(target, Number(what), crashers);

async function search(target: FuzzTarget, seconds: number, crashers: string): Promise<void> {
  const seed = Date.now();
  console.log(`seed ${seed}`);
  const dice = new Dice(seed);
  const seeds = await target.seeds();
  const inputs = [...seeds];
  const pick = (from: Uint8Array[]): Uint8Array => from[dice.roll(from.length)] ?? new Uint8Array();
  const until = performance.now() + seconds * 1000;
  let runs = 0;
  for (const input of seeds) await attempt(target, input, crashers);
  for (; performance.now() < until; runs++) {
    const input = damage(pick(inputs), pick(inputs), dice);
    await attempt(target, input, crashers);
    if (inputs.length < seeds.length + KEPT) inputs.push(input);
    else inputs[seeds.length + dice.roll(KEPT)] = input;
  }
  console.log(`${runs} runs`);
}

async function attempt(target: FuzzTarget, input: Uint8Array, crashers: string): Promise<void> {
  try {
    await target.run(input);
  } catch (error) {
    const file = path.join(crashers, `crash-${createHash("sha1").update(input).digest("hex")}`);
    await mkdir(crashers, { recursive: true });
    await writeFile(file, input);
    console.error(error);
    console.error(`Again: node npm/dist-test/fuzz/run.mjs ${name} ${file}`);
    process.exit(1);
  }
}
