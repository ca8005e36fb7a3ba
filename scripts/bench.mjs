// `npm run bench`: builds, then measures (bench/run.mjs). Arguments are passed on.
import { spawn } from "node:child_process";

import { buildAll, buildConformance } from "./lib/build.mjs";
import { main } from "./lib/main.mjs";
import { inside } from "./lib/paths.mjs";
import { prepare, prepareRuntimes } from "./lib/prepare.mjs";

await main(async () => {
  await prepare();
  await prepareRuntimes();
  await buildAll();
  await buildConformance();
  const bench = spawn(process.execPath, [inside("bench/run.mjs"), ...process.argv.slice(2)], { stdio: "inherit" });
  process.exitCode = await new Promise((resolve) => bench.on("close", resolve));
});
