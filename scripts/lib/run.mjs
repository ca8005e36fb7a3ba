// Runs programs and keeps what they print.
import { spawn } from "node:child_process";
import { setPriority } from "node:os";

import { root } from "./paths.mjs";

/** A program that ended badly; `output` is everything it printed. */
export class Failed extends Error {
  constructor(command, status, output) {
    super(`\`${command}\` ended with ${status}`);
    this.output = output;
  }
}

/**
 * Runs a program to its end: `{ status, stdout, output }`, where `output` holds both streams as they came.
 * `say` is called with each line that is printed. `priority` is that of `os.setPriority`, `signal` ends the program.
 */
export function run(program, args, { say = () => {}, cwd = root, env = {}, priority, signal } = {}) {
  return new Promise((resolve, reject) => {
    const shell = process.platform === "win32" && !program.includes("\\");
    const child = spawn(program, args, { cwd, shell, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"], signal });
    if (priority !== undefined && child.pid !== undefined) setPriority(child.pid, priority);
    const all = [];
    const stdout = [];
    const keep = (chunk) => {
      all.push(chunk);
      const line = String(chunk).trim().split("\n").at(-1);
      if (line) say(line);
    };
    child.stdout.on("data", (chunk) => (stdout.push(chunk), keep(chunk)));
    child.stderr.on("data", keep);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      resolve({ status: code ?? signal, stdout: String(Buffer.concat(stdout)), output: String(Buffer.concat(all)) });
    });
  });
}

/** As `run`, but throws `Failed` unless the program ends well. */
export async function must(program, args, options) {
  const result = await run(program, args, options);
  if (result.status !== 0) throw new Failed([program, ...args].join(" "), result.status, result.output);
  return result;
}
