// Fuzzing. The targets in Rust are built with the coverage instrumentation that libFuzzer wants, which the stable
// compiler has; those in TypeScript run in this Node. What is found lies in fuzz/crashers and is a test from then on.
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { bundleFuzzers } from "./bundle-tests.mjs";
import { step } from "./display.mjs";
import { inside } from "./paths.mjs";
import { must, run } from "./run.mjs";
import { ofOutcomes, sum } from "./tally.mjs";

const crashers = (target) => inside("fuzz/crashers", target);
const seeds = (target) => inside("fuzz/seeds", target);
const corpus = (target) => inside("fuzz/corpus", target);

/** What instruments code for libFuzzer. `cargo build --target` keeps it away from build scripts. */
const instrumented = [
  "--cfg=fuzzing",
  "-Cpasses=sancov-module",
  "-Cllvm-args=-sanitizer-coverage-level=4",
  "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
  "-Cllvm-args=-sanitizer-coverage-pc-table",
  "-Cllvm-args=-sanitizer-coverage-trace-compares",
].join(" ");

/** One input may take so long, in seconds, and hold so much, in MiB. */
const limits = ["-timeout=10", "-rss_limit_mb=2048"];

/** The names of all targets: each is a file. */
export function fuzzTargets() {
  const of = (folder, ending, run) => {
    const names = readdirSync(inside(folder)).filter((name) => name.endsWith(ending));
    return names.map((name) => ({ name: name.slice(0, -ending.length), run })).filter(({ name }) => name !== "mod");
  };
  return [...of("fuzz/src/targets", ".rs", fuzzRust), ...of("npm/test/fuzz/targets", ".ts", fuzzTypeScript)];
}

/** Builds the fuzzers: the program with all targets in Rust, its seeds, and the bundle of those in TypeScript. */
export async function buildFuzzers() {
  return step("fuzzers", async (say) => {
    const built = await compileFuzzers({ say });
    const artifacts = built.stdout.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
    program = artifacts.findLast(({ executable }) => executable)?.executable;
    await must("cargo", ["run", "--quiet", "--package", "trellis-fuzz", "--bin", "seeds", inside("fuzz/seeds")], { say });
    await bundleFuzzers();
  });
}

/** The program with all targets in Rust; cargo tells where it is. */
export async function compileFuzzers(options) {
  const { stdout } = await must("rustc", ["-vV"]);
  const triple = /^host: (.*)$/m.exec(stdout)[1];
  const features = ["--package", "trellis-fuzz", "--bin", "fuzz", "--features", "libfuzzer", "--profile", "fuzz", "--target", triple];
  const env = { RUSTFLAGS: `${process.env.RUSTFLAGS ?? ""} ${instrumented}`.trim() };
  return must("cargo", ["build", ...features, "--message-format", "json-render-diagnostics"], { ...options, env });
}

let program;

/**
 * Runs targets for so many seconds each: counts, and the output of those that failed. With `keep` a run begins where
 * the last one ended (fuzz/corpus), without it every run begins with the seeds alone. `tell` gets a line for each target
 * that has run, `say` what is going on.
 */
export async function fuzz(targets, seconds, { keep = false, tell = () => {}, say = () => {} }) {
  const results = [];
  for (const target of targets) results.push(await fuzzOne(target, seconds, { keep, tell, say }));
  return { ...sum(results), output: results.map(({ output }) => output).filter(Boolean).join("\n") };
}

async function fuzzOne({ name, run }, seconds, { keep, tell, say }) {
  const found = keep ? corpus(name) : mkdtempSync(path.join(tmpdir(), "trellis-fuzz-"));
  for (const folder of [found, seeds(name), crashers(name)]) mkdirSync(folder, { recursive: true });
  try {
    const began = performance.now();
    const { error, note } = await run(name, seconds, found, (line) => say(`${name}: ${line}`));
    const took = `${Math.round((performance.now() - began) / 1000)} s`;
    tell(`  ${error === undefined ? "✓" : "✗"} ${name}  ${note}, ${took}`);
    return ofOutcomes([{ name: `fuzzing ${name}`, state: error === undefined ? "passed" : "failed", error }]);
  } finally {
    if (!keep) rmSync(found, { recursive: true, force: true });
    if (readdirSync(crashers(name)).length === 0) rmSync(crashers(name), { recursive: true });
  }
}

async function fuzzRust(name, seconds, found, say) {
  const options = [`-max_total_time=${seconds}`, ...limits, `-artifact_prefix=${crashers(name)}/`, "-print_final_stats=1"];
  const folders = [found, seeds(name), crashers(name)];
  const { status, output } = await run(program, [...options, ...folders], { say, env: { TRELLIS_FUZZ: name } });
  const covered = (line) => Number(new RegExp(`${line}\\s+cov: (\\d+)`).exec(output)?.[1] ?? 0);
  const runs = Number(/number_of_executed_units: (\d+)/.exec(output)?.[1] ?? 0);
  const note = `${runs} runs, coverage ${covered("INITED")} to ${covered("DONE")}`;
  if (status !== 0) return { note, error: `${tail(output)}\n${replay(name, output)}` };
  // A build that lost its instrumentation would search blindly, and never tell.
  if (covered("DONE") === 0) return { note, error: `${tail(output)}\nthere is no coverage` };
  return { note };
}

function replay(name, output) {
  const file = /Test unit written to (.*)/.exec(output)?.[1];
  if (file === undefined) return "no input was written";
  return `Again: cargo run --package trellis-fuzz --bin replay ${name} ${file}`;
}

async function fuzzTypeScript(name, seconds, _found, say) {
  const program = inside("npm/dist-test/fuzz/run.mjs");
  const { status, stdout, output } = await run(process.execPath, [program, name, `${seconds}`, crashers(name)], { say });
  const note = `${/^(\d+) runs$/m.exec(stdout)?.[1] ?? 0} runs`;
  return status === 0 ? { note } : { note, error: tail(output) };
}

/** The end of what a fuzzer printed: the panic and where it came from. */
const tail = (output) => output.split("\n").slice(-40).join("\n");

