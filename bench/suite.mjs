// The measures that both engines of a run share: each side's modules do the same work on the same components.
import { compare } from "./measure.mjs";

const hello = "Hello from Trellis!\n";

/** Host calls in one call of the guest: enough to make the call itself vanish. */
const hostCalls = 1000;

/** Idle instances held at once when memory is taken: below the 125 wasm memories that Chromium allows. */
const idleInstances = 50;

/**
 * Measures sides (modules like peers/jco.mjs) on one platform: `read(side, component)` gives a side its component,
 * `heap()` collects garbage and answers the bytes of JavaScript heap in use.
 */
export async function suite(sides, { read, heap }) {
  const http = await all(sides, (side) => side.http((component) => read(side.name, component)));
  await check(http);
  const keyvalue = await all(sides, (side) => side.keyvalue((component) => read(side.name, component)));
  const live = await compare(pick(http, (side) => side.live));
  const gets = await compare(pick(keyvalue, (side) => () => side.gets(hostCalls)));
  const increments = await compare(pick(keyvalue, (side) => () => side.increments(hostCalls)));
  // Few at a time, and garbage collected between rounds: Chromium counts memories until their instances are collected.
  const fresh = await compare(pick(http, (side) => side.fresh), { most: 20, rounds: 41, between: heap });
  return {
    live,
    fresh,
    get: pick(gets, (time) => time / hostCalls),
    increment: pick(increments, (time) => time / hostCalls),
    idle: await all(sides, (side) => idleHeap(side, read, heap)),
  };
}

/** Bytes of JavaScript heap that one idle instance holds. */
async function idleHeap(side, read, heap) {
  const make = await side.idle((component) => read(side.name, component));
  await make();
  const before = await heap();
  const held = [];
  for (let index = 0; index < idleInstances; index++) held.push(await make());
  const bytes = ((await heap()) - before) / held.length;
  return Math.round(bytes);
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
