// docs/benchmarks.md: what was measured, with what, and whether it reaches the figures.
import os from "node:os";

import { idleInstances } from "./suite.mjs";

/** The page for the rows and jobs of figures.mjs and the versions used. */
export function report({ versions, rows, jobs }) {
  return `# Benchmarks

Written by \`npm run bench\`; do not edit. Times are medians of rounds, and both sides of a row ran alternately in one
process. They say how the sides compare, on this machine and at this hour: compare within a row, not between machines.

- ${machine()}
- ${Object.values(versions).join(", ")}
- ${new Date().toISOString().slice(0, 10)}

| figure | where | Trellis | jco | times faster or smaller | to reach | reached |
|---|---|---|---|---|---|---|
${rows.map(line).join("\n")}

How to read it:

- *HTTP hello*: one request for \`/\` to [http-hello](../examples/http-hello), called in the same thread, from the request
  as the engine takes it to the last byte of the response. For Trellis that is bytes to bytes in wRPC encoding, for jco
  JavaScript classes to a list of chunks. *Fresh state*: every call finds the guest as it was after its start. Trellis
  sets the instance back after each call, for jco a new instance is the only way. *New instance* makes one for the call
  from compiled modules and drops it, on both sides.
- jco runs at its best: transpiled beforehand for synchronous calls and without checks of lifted values, against host
  classes written by hand for this (\`bench/peers/wasi.mjs\`) that do only what the component needs.
- *Key-value host call*: a loop inside a guest ([loops](../bench/guests/loops)) over an in-memory store; time per call.
- *Heap of an idle instance*: growth of the collected JavaScript heap over ${idleInstances} instances that have answered
  once; the guest's own memory is not in it.
- *Cost of the rewriting pass*: how much longer a guest that only computes ([cpu](../bench/guests/cpu)) takes when its core
  module is the one that the core hands out instead of the one that the compiler made, geometric mean of its jobs:

| job | where | without fuel | with fuel |
|---|---|---|---|
${jobs.map(jobLine).join("\n")}

- *Through the pool*: \`host.invokeRaw\` on a host as it is by default, from the same process, as many calls in flight as
  said; what comes back is read to its end. *Fetch* makes a \`Response\` of it, which is mostly the platform's time.
- *Spinning guest*: one call after the other on a host with nothing else to do. What counts is a \`TimeoutError\`.
- *1,000 components on one page*: each with code of its own. How much more memory the page's process holds when it is quiet
  than that of a page which holds only their compiled modules; both compile all functions at once.
- *Compile + start*: from the bytes of [large](../bench/guests/large) to its first answer, with the engine already
  loaded; nothing is cached. For jco that includes transpiling and evaluating.
- *Over NATS*: a process that calls as the http-server provider of wasmCloud does, a nats-server and a process that answers,
  all on this machine. The *null responder* speaks the protocol over the same client library and answers every call with the
  bytes that Trellis answers, but runs no guest. Trellis runs the guest in the engine's workers.
- *\`trellis-host up\`*: the command as it is installed, with the code that Node keeps compiled for it. The rows around it are of a
  script that calls \`createHost\`; its heartbeats come every millisecond while its heap is looked at.
- *First answer*: from navigation to the answer of the page's first actor, nothing cached. Chromium slows the page's main
  thread; workers run at full speed.
`;
}

function line({ title, place, unit, trellis, jco, ratio, atMost, atLeast, times, met }) {
  const number = (value) => (value === undefined ? "–" : `${round(value)} ${unit}`);
  const goal = (words, value, what) => value !== undefined && `${words} ${value.toLocaleString("en")}${what}`;
  const goals = [goal("at most", atMost, ` ${unit}`), goal("at least", atLeast, ` ${unit}`), goal("at least", times, "x")];
  const named = goals.filter(Boolean).join(", ");
  const reached = named ? { true: "yes", false: "**no**", undefined: "not measured" }[met] : "–";
  const better = ratio === undefined ? "–" : `${round(ratio)}x`;
  return `| ${[title, place, number(trellis), number(jco), better, named || "–", reached].join(" | ")} |`;
}

function jobLine({ job, place, plain, fuel }) {
  return `| ${[job, place, ...[plain, fuel].map((cost) => `${cost.toFixed(1)} %`)].join(" | ")} |`;
}

/** Two digits that count, three from a hundred on. */
function round(value) {
  return value >= 100 ? Math.round(value).toLocaleString("en") : String(Number(value.toPrecision(3)));
}

function machine() {
  const cpus = os.cpus();
  const memory = `${Math.round(os.totalmem() / 2 ** 30)} GiB`;
  return `${os.type()} ${os.arch()}, ${cpus.length} x ${cpus[0].model}, ${memory}, load average at the end ${os.loadavg()[0].toFixed(1)}`;
}
