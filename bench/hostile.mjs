// An honest component among hostile ones, under Node: prints the times of its calls as JSON. The guests and what they do
// are those of the tests (npm/test/hostile).
import { pathToFileURL } from "node:url";

import { build } from "esbuild";

import { inside } from "../scripts/lib/paths.mjs";

const hostile = 50;
/** Milliseconds for each of the times: before, beside them, after. */
const time = 10_000;
/** Milliseconds until a hostile call is ended. */
const deadline = 1000;

/** The tests find their files from where they are bundled to. */
async function bundled() {
  const outfile = inside("npm/dist-test/bench/neighbours.mjs");
  await build({
    entryPoints: [inside("npm/test/hostile/neighbours.ts")],
    outfile,
    bundle: true,
    format: "esm",
    target: "es2022",
    platform: "node",
    external: ["trellis-host", "trellis-host/*"],
    logLevel: "silent",
  });
  return import(pathToFileURL(outfile));
}

const { neighbours } = await bundled();
console.log(JSON.stringify(await neighbours({ options: {}, hostile, time, deadline })));
