/** A cache of artifacts by digest: what it is, and how a store uses one. */

import { refuse } from "../host/checks.js";
import { messageOf } from "../errors.js";
import { digestOf } from "./digest.js";

/** Keeps bytes by their digest. It may lose them at any time; what it gives is verified. */
export interface ArtifactCache {
  /** The bytes under a digest (`sha256:…`), or `undefined`. */
  get(digest: string): Promise<Uint8Array | undefined>;
  /** Keeps bytes under their digest. */
  put(digest: string, bytes: Uint8Array): Promise<void>;
  /** Loses them. */
  delete(digest: string): Promise<void>;
}

/** What a cache that is bounded knows of an entry. */
export interface CacheEntry {
  readonly key: string;
  readonly bytes: number;
  /** When it was used last, in milliseconds. */
  readonly used: number;
}

/** Checks a cache that somebody else made. */
export function checkCache(cache: object): asserts cache is ArtifactCache {
  for (const name of ["get", "put", "delete"] as const) {
    const method = (cache as Partial<ArtifactCache>)[name] as unknown;
    if (typeof method !== "function") refuse(`cache.${name}`, "a function", method);
  }
}

/** What has to go so that the rest fits: what was not used for the longest time. */
export function surplusOf(entries: readonly CacheEntry[], limit: number): CacheEntry[] {
  let bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  return [...entries].sort((a, b) => a.used - b.used).filter((entry) => {
    if (bytes <= limit) return false;
    bytes -= entry.bytes;
    return true;
  });
}

/** A cache as a store uses it: it gives nothing that is damaged, and where it fails, the pull goes on without it. */
export class VerifiedCache {
  readonly #cache: ArtifactCache | undefined;
  #warned = false;

  /** Verifies what another cache gives, if there is one. */
  constructor(cache: ArtifactCache | undefined) {
    this.#cache = cache;
  }

  /** The bytes under a digest. Those that do not have it are dropped. */
  async get(digest: string): Promise<Uint8Array | undefined> {
    return this.#try(async (cache) => {
      const bytes = await cache.get(digest);
      if (bytes === undefined || (await digestOf(bytes)) === digest) return bytes;
      await cache.delete(digest);
      return undefined;
    });
  }

  /** Keeps verified bytes. */
  async put(digest: string, bytes: Uint8Array): Promise<void> {
    await this.#try((cache) => cache.put(digest, bytes));
  }

  async #try<T>(use: (cache: ArtifactCache) => Promise<T>): Promise<T | undefined> {
    if (this.#cache === undefined) return undefined;
    try {
      return await use(this.#cache);
    } catch (error) {
      if (!this.#warned) console.warn(`The cache of artifacts fails, so they are pulled each time: ${messageOf(error)}`);
      this.#warned = true;
      return undefined;
    }
  }
}
