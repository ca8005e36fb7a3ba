// What the rewriting of its code costs a guest that only computes (guests/cpu): the core module as the compiler made it
// against the one that the core hands out, without fuel and with it. Works in Node and in browsers.
import { compile } from "../npm/pkg/trellis_host.js";
import { geometricMean, ratios } from "./measure.mjs";
import { prepare } from "./trellis.mjs";

const work = "trellis:bench/work@0.1.0";

/** What there is to do, and how much of it: each takes less than a millisecond. */
const jobs = { calls: 17, hash: 16, sort: 2000, multiply: 40, interpret: 2000, words: 400 };

/** Rounds shorter than the time the system gives a process at a stretch, and long for the clock of a browser. */
const rounds = { rounds: 201, roundMs: 1.5, warmMs: 300 };

/**
 * How many per cent longer each job takes, and all of them (the geometric mean of the ratios): `{ plain, fuel }`, each
 * with `jobs` by name and `all`.
 */
export async function cpu(platform) {
  await prepare(platform);
  const bytes = await platform.bytes("bench/.cache/wasm/cpu.wasm");
  const original = exportsOf(worker([coreModule(bytes)]));
  const plain = exportsOf(worker(compile(bytes, false).modules));
  const fuel = exportsOf(worker(compile(bytes, true).modules));
  const times = {};
  for (const [job, size] of Object.entries(jobs)) times[job] = timed({ original, plain, fuel }, job, size);
  return { plain: costs(times, "plain"), fuel: costs(times, "fuel") };
}

/** How many times as long as the original one job takes on each side; they must agree about its result. */
function timed(sides, job, size) {
  const runs = Object.entries(sides).map(([side, exports]) => [side, exports[`${work}#${job}`]]);
  const results = new Set(runs.map(([, run]) => run(size)));
  if (results.size !== 1) throw new Error(`${job} has different results: ${[...results].join(", ")}`);
  return ratios(Object.fromEntries(runs.map(([side, run]) => [side, () => void run(size)])), rounds);
}

function costs(times, side) {
  const factors = Object.entries(times).map(([job, time]) => [job, time[side]]);
  const percent = (ratio) => (ratio - 1) * 100;
  return {
    jobs: Object.fromEntries(factors.map(([job, factor]) => [job, percent(factor)])),
    all: percent(geometricMean(factors.map(([, factor]) => factor))),
  };
}

/** The one of some core modules that does the work. */
function worker(modules) {
  const compiled = modules.map((bytes) => new WebAssembly.Module(bytes));
  return compiled.find((module) => WebAssembly.Module.exports(module).some(({ name }) => name.startsWith(work)));
}

/** An instance by itself. The jobs call no import; globals are what a rewritten module counts and limits with. */
function exportsOf(module) {
  const imports = {};
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    imports[from] ??= {};
    imports[from][name] = kind === "global" ? plenty(name) : refuse;
  }
  const { exports } = new WebAssembly.Instance(module, imports);
  exports._initialize?.();
  return exports;
}

/** A global of which there is enough for good; `marks` counts nothing. */
function plenty(name) {
  if (name === "fuel") return new WebAssembly.Global({ value: "i64", mutable: true }, 2n ** 62n);
  return new WebAssembly.Global({ value: "i32", mutable: true }, name === "marks" ? 0 : 2 ** 30);
}

function refuse() {
  throw new Error("a job is not to call the host");
}

/** The bytes of the first core module in a component: section 1 after the eight bytes that each component begins with. */
function coreModule(component) {
  for (let at = 8; at < component.length; ) {
    const id = component[at];
    const [size, start] = leb128(component, at + 1);
    if (id === 1) return component.subarray(start, start + size);
    at = start + size;
  }
  throw new Error("the component has no core module");
}

/** A number and where it ends. */
function leb128(bytes, start) {
  let value = 0;
  let at = start;
  do value += (bytes[at] & 127) * 128 ** (at - start);
  while (bytes[at++] > 127);
  return [value, at];
}
