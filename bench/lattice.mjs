// HTTP hello over wRPC on a real nats-server: a process that calls, the server, and a process that answers. The sides take
// turns: a null responder and Trellis. Prints calls per second with many in flight, and the median of the milliseconds that
// one call after the other takes, as JSON.
import { startNatsServer } from "../scripts/lib/nats-server.mjs";
import { ask, end, start } from "./lattice/start.mjs";
import { median } from "./measure.mjs";

const lattice = "bench";
const targets = ["null", "reuse", "fresh"];
const inFlight = 32;
const rounds = 15;
const roundMs = 400;
const warmMs = 2000;

async function main() {
  const server = await startNatsServer();
  const started = (script, ...args) => start(script, server.url, lattice, ...args);
  const [load, ...responders] = await Promise.all([started("load"), started("null", "null"), started("host")]);
  const many = await compared(load.process, inFlight, ({ rate }) => rate);
  const one = await compared(load.process, 1, ({ times }) => median(times));
  for (const { process } of [load, ...responders]) await end(process);
  await server.stop();
  console.log(JSON.stringify({ many, one }));
}

/** A figure of each target: medians of rounds, the targets taking turns. */
async function compared(load, inFlight, figure) {
  const figures = Object.fromEntries(targets.map((target) => [target, []]));
  const called = async (target, milliseconds) => figure(await ask(load, { target, inFlight, milliseconds }));
  for (const target of targets) await called(target, warmMs);
  for (let round = 0; round < rounds; round++) {
    for (const target of targets) figures[target].push(await called(target, roundMs));
  }
  return Object.fromEntries(Object.entries(figures).map(([target, list]) => [target, median(list)]));
}

await main();
