/**
 * What hostile guests do, and how their callers hear of it. The guests are `test/engine/guests/*.wat`; each of them has a
 * function `behave` too, which answers 7.
 */

import type { ComponentOptions } from "trellis-host";

import { Writer } from "../../src/codec/writer.js";
import { hasExceptions } from "../support/features.js";

/** One way to misbehave. */
export interface Mischief {
  /** The guest's file, without its ending. */
  guest: string;
  /** A function of its root. */
  func: string;
  /** Its parameters, in wRPC encoding. */
  params: Uint8Array<ArrayBuffer>;
  /** The code of the error that its caller gets; with several, one of them. `answer` is none. */
  ends: readonly string[];
  /** The limit that strikes, where one does. */
  limit?: string;
  /** The code that its caller gets where the guest has little fuel. */
  starved: string;
  /** What the component is started with. */
  options: ComponentOptions;
  /** Whether it holds its thread until the deadline, and so costs its worker. */
  spins: boolean;
  /** Whether it can only be told to wait. */
  waits: boolean;
  /** Whether this platform can run it. */
  runs: boolean;
}

type Details = Partial<Omit<Mischief, "guest" | "func" | "params">> & { params?: readonly number[] };

/** The name of a way to misbehave. */
export const nameOf = ({ guest, func }: Mischief): string => `${guest} ${func}`;

/** Several pages, and a limit that the greedy reach soon. */
const tight: ComponentOptions = { maxMemory: 4 * 1024 * 1024, maxTables: 100_000 };

const takes: Record<string, Details> = {
  "spin": { spins: true, ends: ["timeout"] },
  "branch": { params: [60], spins: true, ends: ["timeout"] },
  "fill-memory": { spins: true, ends: ["timeout"], options: tight },
  "recurse": { ends: ["guest-trap"] },
  "grow": { ends: ["answer"], limit: "maxMemory", options: tight },
  "grow-or-trap": { ends: ["limit"], limit: "maxMemory", options: tight },
  "grow-by": { params: [65_535], ends: ["answer"], limit: "maxMemory", options: tight },
  "fill-table": { ends: ["answer"], limit: "maxTables", options: tight },
  "fill-table-or-trap": { ends: ["limit"], limit: "maxTables", options: tight },
  "grow-table-by": { params: [0xffff_ffff], ends: ["answer"], limit: "maxTables", options: tight },
};

const calls: Record<string, Details> = {
  "ask": { params: [100_000], ends: ["answer"] },
  "ask-for-ever": { spins: true, ends: ["timeout"] },
  "hoard": { params: [100_000], ends: ["answer"] },
  "hoard more": { params: [100_001], ends: ["limit"] },
  "hoard-own": { params: [100_000], ends: ["answer"] },
  "log": { params: [100_000], ends: ["answer"], limit: "maxLogRate" },
  "log-for-ever": { spins: true, ends: ["timeout"], limit: "maxLogRate" },
  "log-much": { spins: true, ends: ["timeout"], limit: "maxLogRate" },
  "sleep-for-ever": { waits: true, ends: ["timeout"] },
  "doze-for-ever": { waits: true, ends: ["timeout"] },
};

const lies: Record<string, Details> = {
  "amplify": { ends: ["limit"], limit: "maxMessageBytes" },
  ...trapping([
    "invalid-utf8", "string-beyond", "list-beyond", "list-of-strings-beyond", "pointer-wraps", "list-misaligned",
    "area-misaligned", "area-outside", "area-far-outside", "option", "result", "result-area", "enum", "variant", "surrogate",
    "beyond-unicode", "unknown-handle", "other-handle", "tell-invalid", "tell-beyond", "tell-wrapping",
  ]),
};

const numbers = [3, 1, 2, 3];
const lifecycle: Record<string, Details> = {
  ...trapping(["realloc-trap", "realloc-far", "realloc-wraps", "realloc-odd", "realloc-calls"], numbers),
  ...trapping(["post-trap", "post-calls", "drop-trap", "drop-unknown"]),
  "realloc-spin": { params: numbers, spins: true, ends: ["timeout"] },
  "post-spin": { spins: true, ends: ["timeout"] },
  "drop-spin": { spins: true, ends: ["timeout"] },
};

const survivor: Record<string, Details> = {
  "exit-and-answer": { ends: ["guest-exit"] },
  "exit-and-ask": { spins: true, ends: ["timeout"], starved: "guest-exit" },
  "exit-and-spin": { spins: true, ends: ["timeout"], starved: "guest-exit" },
  "trap-and-answer": { ends: ["guest-trap"] },
  "memory-and-answer": { ends: ["guest-trap"] },
  "fall": { ends: ["guest-trap"] },
  "fall-for-ever": { ends: ["guest-trap"] },
  "spin-caught": { spins: true, ends: ["timeout"] },
  "throw-for-ever": { spins: true, ends: ["timeout"] },
  "hoard-and-answer": { ends: ["limit"] },
  "ping-and-answer": { waits: true, ends: ["missing-link"] },
  "sleep-and-spin": { waits: true, spins: true, ends: ["timeout"], starved: "timeout" },
};

/** Every way there is. */
export const mischiefs: readonly Mischief[] = [
  ...allOf("mischief", takes),
  ...allOf("calls", calls),
  ...allOf("lies", lies),
  ...allOf("lifecycle", lifecycle),
  ...allOf("start-traps", { behave: { ends: ["guest-trap"] } }),
  ...allOf("start-grows", { behave: { ends: ["limit"], limit: "maxMemory", options: tight } }),
  ...allOf("start-spins", { behave: { spins: true, ends: ["timeout"] } }),
  ...allOf("survivor", survivor, hasExceptions),
];

function trapping(functions: readonly string[], params: readonly number[] = []): Record<string, Details> {
  return Object.fromEntries(functions.map((func) => [func, { params, ends: ["guest-trap"] }]));
}

/** What stands behind a function's name is there for people. */
function allOf(guest: string, functions: Record<string, Details>, runs = true): Mischief[] {
  return Object.entries(functions).map(([name, { params = [], ends = [], ...details }]) => {
    const writer = new Writer();
    params.forEach((number) => writer.unsigned(number));
    const [func = name] = name.split(" ");
    return { guest, func, options: {}, spins: false, waits: false, starved: "limit", runs, ...details, params: writer.finish(), ends };
  });
}
