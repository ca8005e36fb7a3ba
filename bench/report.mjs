// docs/benchmarks.md: what was measured, with what, and whether it reaches the figures.
import os from "node:os";

import { idleInstances } from "./suite.mjs";

/** The page for the rows of figures.mjs and the versions used. */
export function report(rows, versions) {
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
  JavaScript classes to a list of chunks. *New instance* makes one for the call from compiled modules and drops it.
- jco runs at its best: transpiled beforehand for synchronous calls and without checks of lifted values, against host
  classes written by hand for this (\`bench/peers/wasi.mjs\`) that do only what the component needs.
- *Key-value host call*: a loop inside a guest ([loops](../bench/guests/loops)) over an in-memory store; time per call.
- *Heap of an idle instance*: growth of the collected JavaScript heap over ${idleInstances} instances that have answered
  once; the guest's own memory is not in it.
- *Compile + start*: from the bytes of [large](../bench/guests/large) to its first answer, with the engine already
  loaded; nothing is cached. For jco that includes transpiling and evaluating.
- *First answer*: from navigation to the answer of the page's first actor, nothing cached. Chromium slows the page's main
  thread; workers run at full speed.
`;
}

function line({ title, place, unit, trellis, jco, ratio, atMost, atLeast, met }) {
  const number = (value) => (value === undefined ? "–" : `${round(value)} ${unit}`);
  const goals = [atMost && `at most ${atMost} ${unit}`, atLeast && `at least ${atLeast}x`].filter(Boolean).join(", ");
  const reached = { true: "yes", false: "**no**", undefined: "not measured" }[met];
  const times = ratio === undefined ? "–" : `${round(ratio)}x`;
  return `| ${[title, place, number(trellis), number(jco), times, goals, reached].join(" | ")} |`;
}

/** Two digits that count, three from a hundred on. */
function round(value) {
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}

function machine() {
  const cpus = os.cpus();
  const memory = `${Math.round(os.totalmem() / 2 ** 30)} GiB`;
  return `${os.type()} ${os.arch()}, ${cpus.length} x ${cpus[0].model}, ${memory}, load average at the end ${os.loadavg()[0].toFixed(1)}`;
}
