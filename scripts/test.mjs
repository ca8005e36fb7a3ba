// `npm test`: every test there is. `npm run test:quick`: what a change can break most easily, in under two minutes.
// With `--times` each suite tells what took longest.
import { buildAhead, buildConformance, buildExamples, buildGenerated, buildJudges, buildPackage, buildPage, buildWasm } from "./lib/build.mjs";
import { step } from "./lib/display.mjs";
import { buildFuzzers } from "./lib/fuzz.mjs";
import { main, report } from "./lib/main.mjs";
import { prepare, prepareLinters, prepareRuntimes } from "./lib/prepare.mjs";
import { runtimes } from "./lib/runtimes.mjs";
import * as suites from "./lib/suites.mjs";
import { prepareNewNats, prepareSystem } from "./lib/system.mjs";
import { describe, none, sum } from "./lib/tally.mjs";
import { slowest } from "./lib/times.mjs";

const quick = process.argv.includes("--quick");
const times = process.argv.includes("--times");
const counts = [];

await main(async () => {
  await prepare();
  const ended = new AbortController();
  if (quick) await testQuickly();
  else await testAll(ended.signal).finally(() => ended.abort());
  const total = sum(counts);
  if (total.failed > 0) process.exitCode = 1;
  console.log(`\n${describe(total)}`);
});

async function testQuickly() {
  await runSuite(suites.quickRustTests);
  if (!(await built(buildWasm, buildExamples, buildConformance, buildGenerated, buildPackage))) return;
  const here = suites.quickNodeTests(`Node ${process.versions.node}`, process.execPath);
  for (const suite of [suites.typeCheck, here]) await runSuite(suite);
}

async function testAll(ended) {
  await prepareLinters();
  await prepareRuntimes();
  await prepareSystem();
  await prepareNewNats();
  void buildAhead(ended);
  for (const suite of [suites.rustTests, ...suites.rustChecks]) await runSuite(suite);
  if (!(await built(buildWasm, buildExamples, buildConformance, buildGenerated, buildPackage))) return;
  const ofPackage = [
    suites.typeCheck,
    suites.lint,
    suites.nodeTests("Node 26", runtimes.node26),
    suites.nodeTests("Node 20", runtimes.node20),
    suites.newNatsTests,
    suites.readmeExample,
    suites.browserTests("chromium", "firefox"),
  ];
  for (const suite of ofPackage) await runSuite(suite);
  if (await built(buildJudges)) await runSuite(suites.nativeJudges);
  if (await built(buildFuzzers)) await runSuite(suites.fuzzing);
  if (await built(buildPage)) await runSuite(suites.endToEnd);
}

/** A suite that fails does not keep the others from running. */
async function runSuite({ label, run }) {
  let result = { ...none, failed: 1 };
  try {
    await step(label, async (say) => {
      result = await run(say);
      if (result.failed > 0) throw new Error(label);
      return describe(result);
    });
  } catch (error) {
    if (result.output) console.log(`\n${result.output}\n${label}: ${describe(result)}\n`);
    else report(error);
  }
  if (result.unsteady) console.log(`\nPassed only when run by themselves:\n${result.unsteady}`);
  if (times && result.outcomes?.length > 0) console.log(`\n${slowest(result.outcomes)}\n`);
  counts.push(result);
}

/** A build that fails is a failed test, and what needs it cannot run. */
async function built(...builds) {
  try {
    for (const build of builds) await build();
    return true;
  } catch (error) {
    report(error);
    counts.push({ ...none, failed: 1 });
    return false;
  }
}
