// The build, step by step. Each step does nothing when its inputs are as they were the last time: cargo sees to that
// itself, the others go by stamps.
import { rm } from "node:fs/promises";

import { skipped, step } from "./display.mjs";
import { compileFuzzers } from "./fuzz.mjs";
import { inside, tools } from "./paths.mjs";
import { must } from "./run.mjs";
import { fingerprint, isFresh, setFresh } from "./stamp.mjs";

/** The host as WebAssembly: npm/pkg. The note is its size. */
export const buildWasm = () => step("host (Rust to WebAssembly)", (say) => xtask("wasm", { say }));

/** The sample components: examples/dist. */
export const buildExamples = () =>
  step("sample components", async (say) => {
    await xtask("examples", { say });
  });

/**
 * The reference tests of the component model as data that JavaScript can replay: npm/dist-test/conformance. And the
 * guests of the engine's own tests: npm/dist-test/engine.
 */
export const buildConformance = () =>
  step("reference tests and guests of tests", async (say) => {
    const program = ["run", "--quiet", "--package", "trellis-conformance"];
    await must("cargo", [...program, inside("npm/dist-test/conformance")], { say });
    const folders = [inside("npm/test/engine/guests"), inside("npm/dist-test/engine")];
    await must("cargo", [...program, "--bin", "trellis-guests", ...folders], { say });
  });

/** Components of random types with random values of them: npm/dist-test/generated. The note is their seed. */
export const buildGenerated = () =>
  step("generated components", async (say) => {
    const out = inside("npm/dist-test/generated");
    const { stdout } = await must("cargo", ["run", "--quiet", "--package", "trellis-generated", out], { say });
    return stdout.trim();
  });

/** The native judges, and the provider that they start: playwright-tests/judges/target. */
export const buildJudges = () =>
  step("native judges", async (say) => {
    await compileJudges({ say });
  });

const compileJudges = (options) => must("cargo", ["test", "--no-run", "--manifest-path", inside("playwright-tests/judges/Cargo.toml")], options);

/** The package: npm/dist. */
export const buildPackage = () =>
  stamped("package trellis-host", {
    inputs: ["npm/src", "npm/pkg", "npm/tsconfig.json", "tsconfig.base.json"],
    outputs: ["npm/dist/node.js", "npm/dist/browser.js"],
    work: async (say) => {
      await rm(inside("npm/dist"), { recursive: true, force: true });
      await must("node", [tools.tsc, "--project", inside("npm/tsconfig.json")], { say });
    },
  });

/** The page: demo-site/dist. */
export const buildPage = () =>
  stamped("page", {
    inputs: ["demo-site", "npm/src", "npm/pkg", "examples/dist"],
    outputs: ["demo-site/dist/index.html"],
    work: (say) => must("npm", ["run", "build", "--workspace", "demo-site"], { say }),
  });

/**
 * Compiles what takes long and is wanted later, with what other work leaves of the processors. The steps above then find
 * it done, or wait until it is: cargo and xtask let one build at a time into a folder. What fails here fails there
 * again, and is told there.
 */
export async function buildAhead(signal) {
  const options = { signal, low: true };
  const compile = [() => xtask("wasm", options), () => compileJudges(options), () => compileFuzzers(options)];
  for (const each of compile) if (!signal.aborted) await each().catch(() => {});
}

/** All of it. */
export async function buildAll() {
  await buildWasm();
  await buildExamples();
  await buildPackage();
  await buildPage();
}

/** cargo prints progress to stderr; what the task itself has to say is its last line on stdout. */
async function xtask(task, options) {
  const { stdout } = await must("cargo", ["xtask", task], options);
  return stdout.trim().split("\n").at(-1);
}

function stamped(label, { inputs, outputs, work }) {
  return step(label, async (say) => {
    const stamp = inside("node_modules/.cache/trellis", label.replaceAll(" ", "-"));
    const mark = fingerprint(inputs.map((input) => inside(input)));
    if (isFresh(stamp, mark, outputs.map((output) => inside(output)))) return skipped;
    await work(say);
    setFresh(stamp, mark);
  });
}
