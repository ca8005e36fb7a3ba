/** Caches of artifacts that a test looks into: a directory in Node, Cache Storage in browsers. */

import { inPage } from "./registries.js";

/** What a cache holds, seen from outside. */
export interface CacheView {
  /** For the option `cache.location`. */
  readonly location: string;
  /** The digests it has. */
  readonly digests: () => Promise<string[]>;
  /** Puts other bytes in an entry's place. */
  readonly damage: (digest: string) => Promise<void>;
  /** Removes it. */
  readonly close: () => Promise<unknown>;
}

/** A cache that nobody has used. */
export async function newCache(): Promise<CacheView> {
  return inPage ? inStorage(`test-${Math.random()}`) : inDirectory();
}

function inStorage(location: string): CacheView {
  const url = (digest: string): string => `https://artifacts.invalid/bytes/${digest}`;
  return {
    location,
    async digests() {
      const keys = await (await caches.open(location)).keys();
      return keys.flatMap((request) => (request.url.startsWith(url("")) ? [request.url.slice(url("").length)] : []));
    },
    damage: async (digest) => (await caches.open(location)).put(url(digest), new Response("damaged")),
    close: () => caches.delete(location),
  };
}

async function inDirectory(): Promise<CacheView> {
  const [fs, os, path] = await Promise.all([import("node:fs/promises"), import("node:os"), import("node:path")]);
  const parent = await fs.mkdtemp(path.join(os.tmpdir(), "trellis-cache-"));
  const location = path.join(parent, "made", "when needed");
  return {
    location,
    digests: async () => (await fs.readdir(location)).map((name) => name.replace("-", ":")),
    damage: (digest) => fs.writeFile(path.join(location, digest.replace(":", "-")), "damaged"),
    close: () => fs.rm(parent, { recursive: true }),
  };
}
