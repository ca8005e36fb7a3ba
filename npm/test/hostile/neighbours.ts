/**
 * An honest component among hostile ones: how long its calls take before they live, while they do, and after. For the
 * test, which asks that all of its calls are answered, and for `npm run bench`, which reports the times.
 */

import { type Host, type HostOptions, TrellisError, createHost } from "trellis-host";

import { canWait, start } from "../support/hosts.js";
import { startHostile } from "./host.js";
import { type Mischief, mischiefs } from "./mischief.js";

/** The times of some calls, in milliseconds, and why some had no answer. */
export interface Times {
  calls: number;
  median: number;
  p99: number;
  failures: string[];
}

/** What came of it. */
export interface Neighbourhood {
  quiet: Times;
  beside: Times;
  after: Times;
  /** How often mischief was done, by how it ended. */
  ends: Record<string, number>;
}

/** How it is done. */
export interface Plan {
  options: HostOptions;
  /** How many hostile components there are. Each does the same again and again. */
  hostile: number;
  /** Milliseconds for each of the three times. */
  time: number;
  /** How the hostile ones are to have ended while they live, each of them once: as long as that is not so, they live on. */
  expected?: readonly string[];
  /** Milliseconds that each mischief is given. */
  deadline: number;
}

/** Has the honest component called one time after the other while the hostile ones come, live and go. */
export async function neighbours({ options, hostile, time, expected = [], deadline }: Plan): Promise<Neighbourhood> {
  await using host = await createHost({ onLog: () => undefined, onOutput: () => undefined, ...options });
  await start(host, "http-hello");
  // Code that is run often is made faster meanwhile: that is no quiet.
  await timesOf(host, time / 2);
  const quiet = await timesOf(host, time);
  const ends: Record<string, number> = {};
  const ended = new Set<string>();
  const stopping = new AbortController();
  const able = mischiefs.filter(({ runs, waits }) => runs && (!waits || canWait("worker")));
  const lives = Array.from({ length: hostile }, async (_, index) => {
    const mischief = able[index % able.length];
    if (mischief === undefined) return;
    await live(host, mischief, `hostile-${index}`, deadline, stopping.signal, (id, end) => {
      ended.add(id);
      ends[end] = (ends[end] ?? 0) + 1;
    });
  });
  const all = (): boolean => expected.length === 0 || (ended.size === hostile && expected.every((end) => end in ends));
  const beside = await timesOf(host, time, all);
  stopping.abort();
  await Promise.all(lives);
  return { quiet, beside, after: await timesOf(host, time), ends };
}

/** A hostile component, from its start to its end. */
async function live(
  host: Host, mischief: Mischief, id: string, deadline: number, signal: AbortSignal, tell: (id: string, end: string) => void,
): Promise<void> {
  await startHostile(host, mischief, {}, id);
  while (!signal.aborted) {
    tell(id, await host.invokeRaw(id, "", mischief.func, mischief.params, { deadline, signal }).then(() => "answer", codeOf));
  }
  await host.stopComponent(id);
}

/** Calls the honest component for so long, and until `enough`. */
async function timesOf(host: Host, milliseconds: number, enough = (): boolean => true): Promise<Times> {
  const times: number[] = [];
  const failures: string[] = [];
  for (const end = performance.now() + milliseconds; performance.now() < end || !enough();) {
    const begun = performance.now();
    await host.fetch("http-hello", "/").then((response) => response.text()).catch((error: unknown) => failures.push(String(error)));
    times.push(performance.now() - begun);
  }
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.floor(times.length * share)] ?? 0;
  return { calls: times.length, median: at(0.5), p99: at(0.99), failures };
}

/** What is no error of the host's goes on. */
function codeOf(error: unknown): string {
  if (error instanceof TrellisError) return error.code;
  throw error;
}
