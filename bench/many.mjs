// Many components in one process, each started and called once: prints the seconds and the memory that took as JSON.
import { readFile } from "node:fs/promises";

import { createHost } from "trellis-host";

import { inside } from "../scripts/lib/paths.mjs";
import { answerOf, variants } from "./variants.mjs";

const components = 10_000;

/** Started and called at a time. */
const atOnce = 32;

const variant = variants(new Uint8Array(await readFile(inside("examples/dist/http-hello.wasm"))));
const host = await createHost();
const before = process.memoryUsage.rss();
const begin = performance.now();

let next = 0;

async function startAll() {
  while (next < components) {
    const number = next++;
    await host.startComponent({ id: `hello${number}`, source: variant(number) });
    const answer = await (await host.fetch(`hello${number}`, "/")).text();
    if (answer !== answerOf(number)) throw new Error(`component ${number} answered ${JSON.stringify(answer)}`);
  }
}

await Promise.all(Array.from({ length: atOnce }, startAll));
const seconds = (performance.now() - begin) / 1000;
const bytes = process.memoryUsage.rss() - before;
await host.stop();
console.log(JSON.stringify({ components, seconds, bytes }));
