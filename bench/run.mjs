// `npm run bench`: measures under Node 26 and in Chromium, and writes docs/benchmarks.md; with --json it prints the rows
// instead.
import { readFile, writeFile } from "node:fs/promises";
import { brotliCompressSync } from "node:zlib";

import { inside } from "../scripts/lib/paths.mjs";
import { must } from "../scripts/lib/run.mjs";
import { inChromium } from "./chromium.mjs";
import { large, prepareComponents } from "./components.mjs";
import { jobs, rows } from "./figures.mjs";
import { firstAnswer } from "./first-answer.mjs";
import { idleOnPage } from "./idle.mjs";
import { median, medians } from "./measure.mjs";
import { report } from "./report.mjs";

const node26 = inside(`scripts/runtimes/node_modules/node26-${process.platform}-${process.arch}/bin/node`);

/** Processes in which compile + start is taken. */
const starts = 7;

async function main() {
  say("components");
  await prepareComponents();
  say("Node 26");
  const node = { results: { ...(await json("--expose-gc", "bench/node.mjs")), cpu: await cpuCosts() } };
  say("calls through the pool");
  const pool = await tried(() => json("bench/pool.mjs"));
  say("deadlines");
  const deadline = await tried(() => json("bench/deadline.mjs"));
  say("workers that are ended");
  const kill = await tried(() => json("bench/kill.mjs"));
  say("many components in Node 26");
  const many = await tried(() => json("bench/many.mjs"));
  say("compile and start");
  const start = {
    bytes: (await readFile(large)).length,
    trellis: await startTimes("bench/trellis.mjs"),
    jco: await startTimes("bench/peers/start.mjs"),
  };
  say("Chromium");
  const chromium = await inChromium();
  say("many components on a page");
  const idle = await tried(idleOnPage);
  say("first answer of the page");
  const answer = await firstAnswer();
  say("an honest component among hostile ones");
  const hostile = await tried(() => json("bench/hostile.mjs"));
  say("calls over NATS");
  const calls = await tried(() => json("bench/lattice.mjs"));
  say("the life of a host in a lattice");
  const life = await tried(() => json("bench/lattice-life.mjs"));
  const results = { node, chromium, pool, deadline, kill, many, idle, start, core: await coreSize(), firstAnswer: answer, hostile, calls, life };
  const versions = { node: await nodeVersion(), chromium: chromium.version, jco: await jcoVersion() };
  await publish({ versions, rows: rows(results), jobs: jobs(results) });
}

async function publish(figures) {
  if (process.argv.includes("--json")) console.log(JSON.stringify(figures, undefined, 2));
  else await writeFile(inside("docs/benchmarks.md"), report(figures));
}

/** Progress goes to standard error: standard output is for --json. */
function say(what) {
  console.error(`▸ ${what}`);
}

/** Leaves its rows empty when it fails, and says why: the others are worth having. */
async function tried(measure) {
  try {
    return await measure();
  } catch (error) {
    console.error(error.output ?? error);
    return undefined;
  }
}

/** What a script prints under Node 26, as JSON. */
async function json(...args) {
  const { stdout } = await must(node26, args);
  return JSON.parse(stdout);
}

/** What the rewriting pass costs, in several processes. */
async function cpuCosts() {
  const runs = [];
  while (runs.length < 5) runs.push(await json("bench/cpu-node.mjs"));
  return medians(runs);
}

/** Medians over processes of the first and of later starts. */
async function startTimes(side) {
  const times = [];
  for (let process = 0; process < starts; process++) times.push(await json("bench/start.mjs", inside(side), large));
  return { first: median(times.map(({ first }) => first)), later: median(times.map(({ later }) => later)) };
}

async function coreSize() {
  const bytes = await readFile(inside("npm/pkg/trellis_host_bg.wasm"));
  return { bytes: bytes.length, brotli: brotliCompressSync(bytes).length };
}

async function nodeVersion() {
  const { stdout } = await must(node26, ["--version"]);
  return `Node ${stdout.trim().slice(1)}`;
}

async function jcoVersion() {
  const place = inside("bench/peers/node_modules/@bytecodealliance/jco-transpile/package.json");
  return `jco 1.35 (jco-transpile ${JSON.parse(await readFile(place)).version})`;
}

await main();
