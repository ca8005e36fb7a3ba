// Calls per second through the package as it is published, many in flight: prints them as JSON. Calls go in as bytes in
// wRPC encoding, so that the engine is measured; with `fetch`, the platform's Request and Response come on top.
import { readFile } from "node:fs/promises";

import { createHost } from "trellis-host";

import { inside } from "../scripts/lib/paths.mjs";
import { median } from "./measure.mjs";
import { contents, handler, isBody, params } from "./request.mjs";

const hello = "Hello from Trellis!\n";
const inFlight = 32;
const rounds = 15;
const roundMs = 200;
const warmMs = 1500;

const channels = contents.map(({ path, content }) => ({ path, body: content }));

/** Components to call: the options they are started with. */
const starts = {
  fresh: {},
  reuse: { reuse: true },
  dedicated: { isolation: "dedicated" },
  inline: { isolation: "inline" },
};

async function main() {
  const host = await createHost();
  const source = await readFile(inside("examples/dist/http-hello.wasm"));
  const sides = {};
  for (const [id, options] of Object.entries(starts)) {
    // An older package has not every way to run a component.
    const started = await host.startComponent({ id, source, ...options }).catch(() => undefined);
    if (started) sides[id] = () => invoke(host, id);
  }
  sides.fetch = async () => (await host.fetch("fresh", "/")).text();
  for (const call of Object.values(sides)) await check(call);
  const rates = await compared(sides);
  await host.stop();
  console.log(JSON.stringify(rates));
}

/** One call: the body of the answer. */
async function invoke(host, id) {
  const answer = await host.invokeRaw(id, handler, "handle", params, { channels });
  const body = answer.channels.find(isBody).body;
  const chunks = [];
  for (let chunk; (chunk = await body.read()); ) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function check(call) {
  const answer = await call();
  if (answer !== hello) throw new Error(`the component answered ${JSON.stringify(answer)}`);
}

/** Calls per second by side: medians of rounds, the sides taking turns. */
async function compared(sides) {
  const rates = Object.fromEntries(Object.keys(sides).map((side) => [side, []]));
  for (const call of Object.values(sides)) await rate(call, warmMs);
  for (let round = 0; round < rounds; round++) {
    for (const [side, call] of Object.entries(sides)) rates[side].push(await rate(call, roundMs));
  }
  return Object.fromEntries(Object.entries(rates).map(([side, list]) => [side, median(list)]));
}

/** Calls per second for so long, always as many in flight. */
async function rate(call, milliseconds) {
  const begin = performance.now();
  const end = begin + milliseconds;
  let calls = 0;
  const caller = async () => {
    for (; performance.now() < end; calls++) await call();
  };
  await Promise.all(Array.from({ length: inFlight }, caller));
  return (calls / (performance.now() - begin)) * 1000;
}

await main();
