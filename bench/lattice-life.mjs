// A host's life in a lattice on a real nats-server: how soon it is there, how soon it knows and runs what it should, and
// what it takes while nothing happens. Prints milliseconds, per cent of a core and bytes as JSON.
import { spawn } from "node:child_process";

import { natsBus } from "trellis-host/nats";

import { startNatsServer } from "../scripts/lib/nats-server.mjs";
import { inside } from "../scripts/lib/paths.mjs";
import { large } from "./components.mjs";
import { ask, end, start } from "./lattice/start.mjs";
import { median } from "./measure.mjs";

const processes = 7;
const links = 1000;
const components = 200;
const idleMs = 30_000;
const beats = 1000;

const nothing = new Uint8Array(0);
const decoder = new TextDecoder();

const server = await startNatsServer();
const bus = await natsBus({ servers: server.url });

/** Asks the hosts of a lattice. Without an answer, `undefined`. */
async function control(lattice, subject, body) {
  const payload = body === undefined ? nothing : Buffer.from(JSON.stringify(body));
  const answer = await bus.request(`wasmbus.ctl.v1.${lattice}.${subject}`, payload).catch(() => undefined);
  return answer && JSON.parse(decoder.decode(answer.payload)).response;
}

/** Asks until the answer fits. */
async function until(fits, ...question) {
  while (!fits(await control(...question)));
}

const host = (lattice, ...args) => start("up", server.url, lattice, ...args);

/** Milliseconds from the start of the command to its first answer. */
async function up() {
  const begin = performance.now();
  const command = spawn(process.execPath, [inside("npm/dist/cli/main.js"), "up", "--nats", server.url, "--lattice", "up"], { stdio: "ignore" });
  await until((response) => response !== undefined, "up", "host.ping");
  const milliseconds = performance.now() - begin;
  await end(command);
  return milliseconds;
}

/** Milliseconds from a command to the event that it has been carried out: the first component of a process, and another. */
async function scale() {
  const { process, ready } = await host("scale");
  const scaled = async (component_id) => {
    const event = bus.subscribe("wasmbus.evt.scale.component_scaled", { max: 1 })[Symbol.asyncIterator]();
    const begin = performance.now();
    await control("scale", `component.scale.${ready.id}`, { component_ref: `file://${large}`, component_id, host_id: ready.id, count: 1 });
    await event.next();
    return performance.now() - begin;
  };
  const times = { first: await scaled("one"), later: await scaled("other") };
  await end(process);
  return times;
}

/** Fills the buckets of a lattice as its hosts would have. */
async function furnish(lattice) {
  const bucket = await bus.bucket(`LATTICEDATA_${lattice}`);
  const put = (key, value) => bucket.put(key, Buffer.from(JSON.stringify(value)));
  for (let each = 0; each < components; each++) {
    const id = `component-${each}`;
    const names = Array.from({ length: links / components }, (_, index) => `link-${index}`);
    const link = { source_id: id, target: "kv", wit_namespace: "wasi", wit_package: "keyvalue", interfaces: ["store"], source_config: [], target_config: [] };
    await put(`COMPONENT_${id}`, { url: `registry.example/${id}:1.0.0`, links: names.map((name) => ({ ...link, name })) });
    const subject = `M${String(each).padStart(55, "A")}`;
    await put(`CLAIMS_${subject}`, { call_alias: "", issuer: `A${"A".repeat(55)}`, name: id, revision: "1", subject, tags: [], version: "1.0.0" });
  }
}

/** Milliseconds from the beginning of a host until it is ready; it knows all links then. */
async function full() {
  const { process, ready } = await host("full");
  const known = await control("full", "link.get");
  if (known?.length !== links) throw new Error(`the host knows ${known?.length} links instead of ${links}`);
  await end(process);
  return ready.milliseconds;
}

/** What a host takes that has nothing to do: per cent of a core. */
async function idle() {
  const { process } = await host("idle");
  await pause(2000);
  const before = await ask(process, "usage");
  await pause(idleMs);
  const after = await ask(process, "usage");
  await end(process);
  return ((after.cpu - before.cpu) / idleMs) * 100;
}

/** Bytes by which the heap of a host grows while it gives many signs of life, as fast as it can. */
async function growth() {
  const heard = beat();
  const { process } = await host("beating", "1");
  await heard(beats);
  const before = await ask(process, "usage");
  await heard(beats);
  const after = await ask(process, "usage");
  await end(process);
  return after.heap - before.heap;
}

/** Resolves after so many signs of life. */
function beat() {
  const events = bus.subscribe("wasmbus.evt.beating.host_heartbeat")[Symbol.asyncIterator]();
  return async (count) => {
    for (let heard = 0; heard < count; heard++) await events.next();
  };
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

async function several(measure) {
  const results = [];
  while (results.length < processes) results.push(await measure());
  return results;
}

await furnish("full");
const scales = await several(scale);
const figures = {
  up: median(await several(up)),
  scaled: { first: median(scales.map(({ first }) => first)), later: median(scales.map(({ later }) => later)) },
  full: median(await several(full)),
  idle: await idle(),
  growth: await growth(),
};
await bus.close();
await server.stop();
console.log(JSON.stringify(figures));
