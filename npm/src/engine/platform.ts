/** How much of the platform a pool takes: how many workers, and what of the memory each of them. */

import type { Totals } from "../host/limits.js";

/** What the guests of one engine may have together. */
export interface Share {
  /** Memories alive at a time. */
  memories: number;
  /** Pages of 64 KiB in them. */
  pages: number;
}

/** How many workers a pool has at most: more than this share no more memory than they win time. */
const MAX_WORKERS = 8;

/** Engines besides those: for newcomers, for suspects, and on the thread of the host. What is dedicated comes on top. */
const APART = 3;

const PAGE = 64 * 1024;

/** The largest count that the core takes. */
const UNBOUNDED = 2 ** 32 - 1;

/** How many workers can be at work at a time. */
export function concurrency(): number {
  const { navigator } = globalThis as { navigator?: { hardwareConcurrency?: number } };
  return Math.min(Math.max(navigator?.hardwareConcurrency ?? MAX_WORKERS / 2, 1), MAX_WORKERS);
}

/** What each engine has of what all guests of a host may have. */
export function shareOf({ maxInstances, maxMemory }: Pick<Totals, "maxInstances" | "maxMemory">): Share {
  const parts = concurrency() + APART;
  return { memories: part(maxInstances, parts), pages: part(maxMemory / PAGE, parts) };
}

function part(whole: number, parts: number): number {
  return Math.min(Math.max(Math.floor(whole / parts), 1), UNBOUNDED);
}
