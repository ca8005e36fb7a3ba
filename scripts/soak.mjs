// `npm run soak`: what takes longer than a test may. A thousand rounds of every hostile guest, a hundred
// thousand simulated lattices, and ten minutes of every fuzz target; SOAK_MINUTES says another time.
import { buildConformance, buildExamples, buildPackage, buildWasm } from "./lib/build.mjs";
import { buildFuzzers, fuzz, fuzzTargets } from "./lib/fuzz.mjs";
import { main } from "./lib/main.mjs";
import { prepare, prepareRuntimes } from "./lib/prepare.mjs";
import { hostileSoak, simulatorSoak } from "./lib/suites.mjs";
import { prepareCompiler } from "./lib/system.mjs";
import { describe, sum } from "./lib/tally.mjs";

const minutes = Number(process.env.SOAK_MINUTES ?? 10);

/** The steps: a label and `run(say)`, which gives counts and the output of what failed. */
const steps = [
  hostileSoak,
  simulatorSoak,
  {
    label: `fuzzing, ${minutes} minutes of each target`,
    run: () => fuzz(fuzzTargets(), Math.ceil(minutes * 60), { keep: true, tell: console.log }),
  },
];

await main(async () => {
  await prepare();
  await prepareRuntimes();
  await prepareCompiler();
  for (const build of [buildWasm, buildExamples, buildConformance, buildPackage, buildFuzzers]) await build();
  const results = [];
  for (const { label, run } of steps) {
    console.log(`\n${label}`);
    const result = await run(() => undefined);
    if (result.output) console.log(`\n${result.output}`);
    results.push(result);
  }
  const total = sum(results);
  if (total.failed > 0) process.exitCode = 1;
  console.log(`\n${describe(total)}`);
});
