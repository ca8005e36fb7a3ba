// `npm run build`: everything that `npm start` serves and `npm test` tests. With `--package`, only what npm publishes.
import { copyFile } from "node:fs/promises";

import { buildAll, buildPackage, buildWasm } from "./lib/build.mjs";
import { main } from "./lib/main.mjs";
import { inside } from "./lib/paths.mjs";
import { prepare } from "./lib/prepare.mjs";

await main(async () => {
  await prepare();
  if (process.argv.includes("--package")) {
    await buildWasm();
    await buildPackage();
    for (const file of ["README.md", "LICENSE"]) await copyFile(inside(file), inside("npm", file));
  } else {
    await buildAll();
  }
});
