// The suite under Node, run with --expose-gc: prints the results as JSON.
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";

import { inside } from "../scripts/lib/paths.mjs";
import { sides } from "./sides.mjs";
import { suite } from "./suite.mjs";

const platform = {
  bytes: (path) => readFile(inside(path)),
  script: (path) => import(pathToFileURL(inside(path))),
  async heap() {
    await new Promise((resolve) => setImmediate(resolve));
    globalThis.gc();
    globalThis.gc();
    return process.memoryUsage().heapUsed;
  },
};

console.log(JSON.stringify(await suite(sides, platform)));
