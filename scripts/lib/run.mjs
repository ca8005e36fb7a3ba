// Runs programs and keeps what they print.
import { spawn } from "node:child_process";

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
 * `say` is called with each line that is printed. With `low` it gets what others leave of the processors; `signal`
 * ends it.
 */
export function run(program, args, { say = () => {}, cwd = root, env = {}, low = false, signal } = {}) {
  return new Promise((resolve, reject) => {
    const windows = process.platform === "win32";
    const shell = windows && !program.includes("\\");
    const [file, ...rest] = [...(low && !windows ? ["nice", "-n", "10"] : []), program, ...args];
    const child = spawn(file, rest, { cwd, shell, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"], signal });
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
    child.on("close", (code, killed) => {
      resolve({ status: code ?? killed, stdout: String(Buffer.concat(stdout)), output: String(Buffer.concat(all)) });
    });
  });
}

/** As `run`, but throws `Failed` unless the program ends well. */
export async function must(program, args, options) {
  const result = await run(program, args, options);
  if (result.status !== 0) throw new Failed([program, ...args].join(" "), result.status, result.output);
  return result;
}
