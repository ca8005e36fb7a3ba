// `npm run build`: everything that `npm start` serves and `npm test` tests. With `--package`, only what npm publishes.
import { buildAll, buildPackage, buildWasm } from "./lib/build.mjs";
import { main } from "./lib/main.mjs";
import { prepare } from "./lib/prepare.mjs";

await main(async () => {
  await prepare();
  if (process.argv.includes("--package")) {
    await buildWasm();
    await buildPackage();
  } else {
    await buildAll();
  }
});
