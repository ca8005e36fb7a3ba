// From a component's bytes to its first answer, in a process of its own: prints the milliseconds of the first time, and
// the median of the times after that, as JSON. Arguments: the module of the side, the component.
import { readFile } from "node:fs/promises";

import { inside } from "../scripts/lib/paths.mjs";
import { median } from "./measure.mjs";

const laterRounds = 15;

const [side, component] = process.argv.slice(2);
const { prepare, start } = await import(side);
await prepare?.({ bytes: (path) => readFile(inside(path)) });
const bytes = await readFile(component);

async function time() {
  const begin = performance.now();
  await start(bytes);
  return performance.now() - begin;
}

const first = await time();
const later = [];
for (let round = 0; round < laterRounds; round++) later.push(await time());
console.log(JSON.stringify({ first, later: median(later) }));
