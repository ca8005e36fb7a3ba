// `npm run soak`: what takes longer than a test may. Ten minutes of every fuzz target; SOAK_MINUTES says another time.
import { buildFuzzers, fuzz, fuzzTargets } from "./lib/fuzz.mjs";
import { main } from "./lib/main.mjs";
import { prepare } from "./lib/prepare.mjs";
import { prepareCompiler } from "./lib/system.mjs";
import { describe, sum } from "./lib/tally.mjs";

const minutes = Number(process.env.SOAK_MINUTES ?? 10);

/** The steps: a label and `run()`, which gives counts and the output of what failed. */
const steps = [
  {
    label: `fuzzing, ${minutes} minutes of each target`,
    run: () => fuzz(fuzzTargets(), Math.ceil(minutes * 60), { keep: true, tell: console.log }),
  },
];

await main(async () => {
  await prepare();
  await prepareCompiler();
  await buildFuzzers();
  const results = [];
  for (const { label, run } of steps) {
    console.log(`\n${label}`);
    const result = await run();
    if (result.output) console.log(`\n${result.output}`);
    results.push(result);
  }
  const total = sum(results);
  if (total.failed > 0) process.exitCode = 1;
  console.log(`\n${describe(total)}`);
});
