// The suites of `npm test`, in their order. A suite has a label and `run(say)`, which gives counts and the output of
// what failed.
import { existsSync, readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";

import { bundleForBrowsers, bundleForNode } from "./bundle-tests.mjs";
import { fuzz, fuzzTargets } from "./fuzz.mjs";
import { inside, tools } from "./paths.mjs";
import { run } from "./run.mjs";
import { writeExample } from "./readme.mjs";
import { runtimes } from "./runtimes.mjs";
import { newNatsServer } from "./system.mjs";
import { withSecondTry } from "./second-try.mjs";
import { none, ofCheck, ofOutcomes, sum } from "./tally.mjs";

/** trellis-host is wasm only: it has no tests of its own and clippy looks at it for its own target. */
const native = ["--workspace", "--exclude", "trellis-host"];
const plain = ["--", "--color", "never"];
const strict = ["--", "--deny", "warnings"];

export const rustTests = { label: "Rust tests", run: (say) => cargoTest(native, say) };
export const quickRustTests = {
  label: "Rust tests of the rooms without JavaScript",
  run: (say) => cargoTest([...native, "--exclude", "xtask", "--exclude", "trellis-front", "--exclude", "trellis-fuzz"], say, { TRELLIS_SEEDS: "0..200" }),
};

export const rustChecks = [
  check("rustfmt", "cargo", ["fmt", "--all", "--check", ...plain]),
  check("rustfmt of the samples", "cargo", ["fmt", "--all", "--check", "--manifest-path", inside("examples/Cargo.toml"), ...plain]),
  check("rustfmt of the native judges", "cargo", ["fmt", "--check", "--manifest-path", inside("playwright-tests/judges/Cargo.toml"), ...plain]),
  check("clippy", "cargo", ["clippy", ...native, "--all-targets", ...strict]),
  check("clippy of the host", "cargo", ["clippy", "--package", "trellis-host", "--target", "wasm32-unknown-unknown", ...strict]),
];

export const typeCheck = {
  label: "TypeScript types",
  run: async (say) => {
    const projects = ["npm/tsconfig.test.json", "playwright-tests/tsconfig.json", "demo-site/tsconfig.json"];
    const checks = [];
    for (const project of projects) checks.push(await run("node", [tools.tsc, "--noEmit", "--project", inside(project)], { say }));
    return joined(checks.map(ofCheck));
  },
};

export const lint = check("eslint", "node", [tools.eslint, "--max-warnings", "0", "."]);

/** The package's tests under one Node. */
export function nodeTests(label, program) {
  return {
    label: `package tests in ${label}`,
    run: async (say) => {
      await bundleForNode();
      return nodeTest(program, filesOf("npm/dist-test/node", ".test.mjs"), say);
    },
  };
}

/** Tests that take long: many guests, large bodies, deadlines that come, and processes beside this one. */
const slow = /^(hostile|many|restore|generated|conformance|component-bytes|streaming|survival|engine-memory|fuzz|limits|nats|member|cli|docker|artifacts|bus-calls|readme|package|policy|secrets|messaging|worker-loss)/;

/** The package's tests that do not take long. */
export function quickNodeTests(label, program) {
  return {
    label: `quick package tests in ${label}`,
    run: async (say) => {
      await bundleForNode();
      return nodeTest(program, nodeFiles("").filter((file) => !slow.test(path.basename(file))), say);
    },
  };
}

/** What hostile guests leave behind, with a thousand rounds of everything and bodies of ten GiB. */
export const hostileSoak = {
  label: "hostile guests, a thousand rounds of each",
  run: async (say) => {
    await bundleForNode();
    return nodeTest(runtimes.node26, nodeFiles("hostile-"), say, { env: { TRELLIS_SOAK: "1" }, timeout: 3_600_000 });
  },
};

/** A hundred thousand histories of simulated lattices, with every check on. */
export const simulatorSoak = {
  label: "simulated lattices, 100,000 seeds",
  run: (say) => cargoTest(["--profile", "fuzz", "--package", "trellis-lattice", "--test", "simulator"], say, { TRELLIS_SEEDS: "0..100000" }),
};

/** The tests of NATS against a newer server than the system's. Where it could not be installed they are skipped. */
export const newNatsTests = {
  label: "NATS tests against nats-server 2.14",
  run: async (say) => {
    if (!existsSync(newNatsServer)) return { ...none, skipped: 1 };
    await bundleForNode();
    return nodeTest(runtimes.node26, nodeFiles("nats"), say, { env: { TRELLIS_NATS_SERVER: newNatsServer } });
  },
};

/**
 * The same tests in browsers, side by side: Firefox is busy twice as long as Chromium, on one processor. The drivers want a
 * newer Node than we ask of our users.
 */
export function browserTests(...browsers) {
  return {
    label: `package tests in ${browsers.join(" and ")}`,
    run: async (say) => {
      await bundleForBrowsers();
      const first = await Promise.all(browsers.map((browser) => testsIn(browser, [], say)));
      const results = [];
      for (const [index, browser] of browsers.entries()) {
        const again = async (files) => (await testsIn(browser, files, say)).outcomes;
        results.push(complete(await withSecondTry(first[index].outcomes, again), first[index]));
      }
      return joined(results);
    },
  };
}

/** How all files, or some, went in a browser: the outcomes, and how the program ended. */
async function testsIn(browser, files, say) {
  const names = files.map((file) => path.basename(file, ".test.mjs"));
  const result = await run(runtimes.node26, [inside("playwright-tests/driver/run.mjs"), browser, ...names], { say });
  const outcomes = jsonLines(result.stdout).flatMap(({ file, isolated, outcomes: some }) => {
    const place = `${browser}: ${file}${isolated ? " (isolated)" : ""}`;
    return some.map((outcome) => ({ ...outcome, file, place, name: `${place} ${outcome.name}` }));
  });
  return { ...result, outcomes };
}

/** Native programs of wasmCloud 1.x, against a host in Node and one in Chromium, over both servers. */
export const nativeJudges = {
  label: "native judges over nats-server 2.9 and 2.14",
  run: async (say) => {
    await bundleForBrowsers();
    return joined([await judged("nats-server", say), await judged(newNatsServer, say)]);
  },
};

async function judged(server, say) {
  if (server === newNatsServer && !existsSync(server)) return { ...none, skipped: 1 };
  const env = { TRELLIS_NATS_SERVER: server };
  const result = await run(runtimes.node26, [inside("playwright-tests/judges/run.mjs")], { say, env });
  return complete(ofOutcomes(jsonLines(result.stdout).flatMap(({ outcomes }) => outcomes)), result);
}

/** Every fuzz target, a minute together. */
export const fuzzing = {
  label: "fuzzing, one minute",
  run: (say) => {
    const targets = fuzzTargets();
    return fuzz(targets, Math.max(1, Math.floor(60 / targets.length)), { say });
  },
};

/** The page, used as a person would. */
export const endToEnd = {
  label: "end-to-end tests of the page",
  run: (say) => nodeTest(runtimes.node26, filesOf("playwright-tests/e2e", ".test.mjs"), say),
};

/** The example of the README, as it stands there. It prints how often it was called. */
export const readmeExample = {
  label: "example of the README in Node 26 and 20, Deno, Bun",
  run: async (say) => {
    const file = await writeExample("In Node");
    const { node26, node20, deno, bun } = runtimes;
    const results = [];
    for (const [program, ...args] of [[node26], [node20], [deno, "run", "--allow-all"], [bun]]) {
      const { status, stdout, output } = await run(program, [...args, file], { say });
      const answered = /1[^]*2[^]*3/.test(stdout);
      results.push(ofCheck({ status: answered ? status : "the wrong output", output: `${program}\n${output}` }));
    }
    return joined(results);
  },
};

function check(label, program, args) {
  return { label, run: async (say) => ofCheck(await run(program, args, { say })) };
}

async function cargoTest(args, say, env = {}) {
  const result = await run("cargo", ["test", "--no-fail-fast", ...args], { say, env });
  const lines = [...result.stdout.matchAll(/^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored/gm)];
  const counts = lines.map(([, passed, failed, ignored]) => ({ passed: +passed, failed: +failed, skipped: +ignored }));
  return complete(sum(counts), result);
}

async function nodeTest(program, files, say, { env = {}, timeout = 300_000 } = {}) {
  // Without files Node would look for tests all over the project.
  if (files.length === 0) return complete(none, { status: 0 });
  const reporter = inside("scripts/lib/reporter.mjs");
  const options = ["--test", `--test-reporter=${new URL(`file://${reporter}`)}`, "--test-reporter-destination=stdout", `--test-timeout=${timeout}`];
  const test = (some, concurrency) => run(program, [...options, `--test-concurrency=${concurrency}`, ...some], { say, env });
  // Node would take one processor less than there is.
  const result = await test(files, availableParallelism());
  const counts = await withSecondTry(jsonLines(result.stdout), async (some) => jsonLines((await test(some, 1)).stdout));
  // A bad end that is explained by what went well then.
  return complete(counts, counts.unsteady ? { ...result, status: 0 } : result);
}

/** A program that ends badly although no test failed is a failure too, and so is a suite without tests. */
function complete(counts, { status, output }) {
  if (status !== 0 && counts.failed === 0) return { ...counts, failed: 1, output };
  if (counts.passed + counts.failed === 0) return { ...counts, failed: 1, output: "no tests were found" };
  return { ...counts, output: counts.failed > 0 ? counts.output || output : "" };
}

function joined(results) {
  const text = (texts) => texts.filter(Boolean).join("\n");
  return {
    ...sum(results),
    output: text(results.map(({ output }) => output)),
    unsteady: text(results.map(({ unsteady }) => unsteady)),
    outcomes: results.flatMap(({ outcomes = [] }) => outcomes),
  };
}

const jsonLines = (text) => text.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));

/** The package's tests in Node whose names begin so. */
function nodeFiles(beginning) {
  return filesOf("npm/dist-test/node", ".test.mjs").filter((file) => path.basename(file).startsWith(beginning));
}

function filesOf(folder, ending) {
  const names = readdirSync(inside(folder)).filter((name) => name.endsWith(ending));
  return names.sort().map((name) => path.join(inside(folder), name));
}
