// `npm run fuzz -- MINUTES [TARGET]`: searches for inputs that break a promise, with every target for an equal part of
// the time, or with one. What it finds lies in fuzz/crashers: commit it, it is a test from then on.
import { buildFuzzers, fuzz, fuzzTargets } from "./lib/fuzz.mjs";
import { main } from "./lib/main.mjs";
import { prepare } from "./lib/prepare.mjs";
import { prepareCompiler } from "./lib/system.mjs";
import { describe } from "./lib/tally.mjs";

const [minutes, wanted] = process.argv.slice(2);

await main(async () => {
  const targets = fuzzTargets().filter(({ name }) => wanted === undefined || name === wanted);
  if (!(Number(minutes) > 0) || targets.length === 0) {
    throw new Error(`usage: npm run fuzz -- MINUTES [${fuzzTargets().map(({ name }) => name).join("|")}]`);
  }
  await prepare();
  await prepareCompiler();
  await buildFuzzers();
  const seconds = Math.max(1, Math.round((Number(minutes) * 60) / targets.length));
  const result = await fuzz(targets, seconds, { keep: true, tell: console.log });
  if (result.failed > 0) {
    console.log(`\n${result.output}`);
    process.exitCode = 1;
  }
  console.log(`\n${describe(result)}`);
});
