// The measures that the sides of a run share: modules like peers/jco.mjs, which do the same work on the same components.
// A platform gives `bytes(path)` and `script(path)` of files by their path in the project, and `heap()`: collects
// garbage and answers the bytes of JavaScript heap in use.
import { compare } from "./measure.mjs";

const hello = "Hello from Trellis!\n";

/** Host calls in one call of the guest: enough to make the call itself vanish. */
const hostCalls = 1000;

/** Idle instances held at once when memory is taken: below the 125 wasm memories that Chromium allows. */
export const idleInstances = 50;

/** Measures the sides on one platform. */
export async function suite(sides, platform) {
  const http = await all(sides, (side) => side.http(platform));
  await check(http);
  const keyvalue = await all(sides, (side) => side.keyvalue(platform));
  const live = await compare(pick(http, (side) => side.live));
  const gets = await compare(pick(keyvalue, (side) => () => side.gets(hostCalls)));
  const increments = await compare(pick(keyvalue, (side) => () => side.increments(hostCalls)));
  // Few at a time, and garbage collected between rounds: Chromium counts memories until their instances are collected.
  const few = { most: 8, rounds: 81, between: platform.heap };
  const fresh = await compare(pick(http, (side) => side.fresh), few);
  const renewed = await compare(pick(http, (side) => side.renewed), few);
  return {
    live,
    fresh,
    renewed,
    get: pick(gets, (time) => time / hostCalls),
    increment: pick(increments, (time) => time / hostCalls),
    idle: await all(sides, (side) => idleHeap(side, platform)),
  };
}

/** Bytes of JavaScript heap that one idle instance holds. */
async function idleHeap(side, platform) {
  const make = await side.idle(platform);
  await make();
  const before = await platform.heap();
  // All at once: who keeps instances for later calls makes new ones only while those are busy.
  const held = await Promise.all(Array.from({ length: idleInstances }, make));
  const after = await platform.heap();
  return Math.round((after - before) / held.length);
}

/** A side that answers wrongly is not worth measuring. */
async function check(http) {
  for (const [name, side] of Object.entries(http)) {
    const answer = await side.answer();
    if (answer !== hello) throw new Error(`${name} answered ${JSON.stringify(answer)}`);
  }
}

async function all(sides, make) {
  const made = {};
  for (const side of sides) made[side.name] = await make(side);
  return made;
}

function pick(object, make) {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, make(value)]));
}
