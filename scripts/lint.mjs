// `npm run lint`: formatting and lints of both languages, and the types.
import { buildPackage, buildWasm } from "./lib/build.mjs";
import { step } from "./lib/display.mjs";
import { main } from "./lib/main.mjs";
import { prepare, prepareLinters } from "./lib/prepare.mjs";
import { lint, rustChecks, typeCheck } from "./lib/suites.mjs";

await main(async () => {
  await prepare();
  await prepareLinters();
  await buildWasm();
  await buildPackage();
  for (const { label, run } of [...rustChecks, typeCheck, lint]) {
    await step(label, async (say) => {
      const { failed, output } = await run(say);
      if (failed > 0) throw new Error(output);
    });
  }
});
