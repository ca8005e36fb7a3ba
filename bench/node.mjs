// The suite under Node, run with --expose-gc: prints the results as JSON.
// Arguments: the folder with jco's output (as run.mjs lays it out).
import { readFile, readdir } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";

import * as jco from "./peers/jco.mjs";
import { suite } from "./suite.mjs";

const folder = process.argv[2];

async function read(side, component) {
  const place = path.join(folder, side, component);
  const modules = {};
  for (const file of await readdir(place)) {
    if (file.endsWith(".wasm")) modules[file] = await WebAssembly.compile(await readFile(path.join(place, file)));
  }
  return { script: await import(pathToFileURL(path.join(place, `${component}.js`))), modules };
}

async function heap() {
  await new Promise((resolve) => setImmediate(resolve));
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

console.log(JSON.stringify(await suite([jco], { read, heap })));
