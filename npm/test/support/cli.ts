/** The command line as it is built, run as a process. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** Tests are bundled into npm/dist-test/node. */
const program = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

/** A file of the project. */
export const projectFile = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

/** What came of a command. */
export interface Ended {
  code: number | null;
  out: string;
  err: string;
}

/** Variables beside the path: nothing of the environment of the tests gets through. */
export type Variables = Record<string, string>;

const running = new Set<ChildProcess>();

/** Ends what tests that have failed have left behind. */
export function endAll(): void {
  running.forEach((child) => child.kill("SIGKILL"));
}

/** A command that runs. */
export class Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  out = "";
  err = "";
  #wake: () => void = () => undefined;

  constructor(args: readonly string[], env: Variables = {}) {
    this.child = spawn(process.execPath, [program, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { PATH: process.env["PATH"] ?? "", ...env },
    });
    running.add(this.child);
    this.child.stdout?.setEncoding("utf8").on("data", (text: string) => this.#add("out", text));
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => this.#add("err", text));
    this.ended = once(this.child, "close").then(([code]) => {
      running.delete(this.child);
      this.#wake();
      return { code: code as number | null, out: this.out, err: this.err };
    });
  }

  /** Resolves with what matches in what it has written. */
  async wrote(stream: "out" | "err", pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this[stream]);
      if (match !== null) return match;
      if (this.child.exitCode !== null) throw new Error(`it has ended without ${String(pattern)}:\n${this.out}${this.err}`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** Sends a signal, and waits for the end. */
  async end(signal: NodeJS.Signals = "SIGTERM"): Promise<Ended> {
    this.child.kill(signal);
    return this.ended;
  }

  #add(stream: "out" | "err", text: string): void {
    this[stream] += text;
    this.#wake();
  }
}

/** Runs a command to its end. */
export function run(args: readonly string[], env: Variables = {}): Promise<Ended> {
  return new Running(args, env).ended;
}

/** Starts a host; resolves with it when it is ready, with its id. */
export async function startUp(args: readonly string[], env: Variables = {}): Promise<{ up: Running; id: string }> {
  const up = new Running(["up", ...args], env);
  const [, id = ""] = await up.wrote("err", /the host is ready.*\b(N[A-Z2-7]{55})\b/);
  return { up, id };
}
