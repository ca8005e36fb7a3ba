// Processes of the lattice's benches.
import { fork } from "node:child_process";
import { once } from "node:events";

import { inside } from "../../scripts/lib/paths.mjs";

/** Starts a script of this folder. Resolves when it says that it is ready, with what it says. */
export async function start(script, ...args) {
  const process = fork(inside(`bench/lattice/${script}.mjs`), args, { execArgv: ["--expose-gc"] });
  const ready = await Promise.race([next(process), once(process, "exit")]);
  if (Array.isArray(ready)) throw new Error(`${script} has ended`);
  return { process, ready };
}

/** The next thing that a process says. */
export async function next(process) {
  const [message] = await once(process, "message");
  return message;
}

/** Tells a process something, and gives its answer. */
export function ask(process, message) {
  const answer = next(process);
  process.send(message);
  return answer;
}

/** Ends a process. */
export async function end(process) {
  const gone = once(process, "exit");
  process.kill();
  await gone;
}
