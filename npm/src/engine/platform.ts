/**
 * What the platform has for guests: threads, and memories. Browsers bound how many memories of WebAssembly may be alive
 * at a time, in all workers of a page together; the counts are measured, less a margin for what is not collected yet.
 */

/** What the guests of one engine may have together. */
export interface Share {
  /** Memories alive at a time. */
  memories: number;
  /** Pages of 64 KiB in them. */
  pages: number;
}

interface Realm {
  navigator?: { hardwareConcurrency?: number; userAgent?: string };
  document?: object;
  process?: object;
  Deno?: object;
}

const realm = globalThis as Realm;

/** How many workers a pool has at most: more than this share no more memory than they win time. */
const MAX_WORKERS = 8;

/** The largest count that the core takes. */
const UNBOUNDED = 2 ** 32 - 1;

/** How many workers can be at work at a time. */
export function concurrency(): number {
  const cores = realm.navigator?.hardwareConcurrency ?? MAX_WORKERS / 2;
  return Math.min(Math.max(cores, 1), MAX_WORKERS);
}

/** How many memories may be alive, in all threads. */
export function liveMemories(): number {
  if (realm.document === undefined && (realm.process !== undefined || realm.Deno !== undefined)) return 8000;
  return realm.navigator?.userAgent?.includes("Firefox") === true ? 800 : 96;
}

/** One of so many parts of what all guests of a host may have; `bytes` of `null` for no bound. */
export function shareOf(parts: number, memories: number, bytes: number | null): Share {
  const pages = bytes === null ? UNBOUNDED : Math.floor(bytes / 65_536 / parts);
  return { memories: Math.max(Math.floor(memories / parts), 1), pages: Math.min(Math.max(pages, 1), UNBOUNDED) };
}
