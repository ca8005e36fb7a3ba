/**
 * The cache of browsers: Cache Storage, which all pages and workers of an origin share. Beside the bytes of an entry a
 * note tells its length and when it was used, so that neither has to be found out by reading them.
 */

import { type ArtifactCache, type CacheEntry, surplusOf } from "./cache.js";

/** Keys of Cache Storage are URLs. Nothing is ever asked from this one: the domain cannot exist (RFC 2606). */
const BYTES = "https://artifacts.invalid/bytes/";
const NOTE = "https://artifacts.invalid/note/";

/** A cache in Cache Storage. */
export class StorageCache implements ArtifactCache {
  readonly #name: string;
  readonly #limit: number;

  /** The cache of this name, with `limit` bytes at most. */
  constructor(name: string, limit: number) {
    this.#name = name;
    this.#limit = limit;
  }

  async get(digest: string): Promise<Uint8Array | undefined> {
    const cache = await this.#open();
    const found = await cache.match(BYTES + digest);
    if (found === undefined) return undefined;
    const bytes = new Uint8Array(await found.arrayBuffer());
    await note(cache, digest, bytes.length);
    return bytes;
  }

  async put(digest: string, bytes: Uint8Array): Promise<void> {
    if (bytes.length > this.#limit) return;
    const cache = await this.#open();
    // The note first: an entry without one would never be counted.
    await note(cache, digest, bytes.length);
    try {
      await cache.put(BYTES + digest, new Response(bytes as Uint8Array<ArrayBuffer>));
    } catch (error) {
      await this.delete(digest);
      throw error;
    }
    for (const { key } of surplusOf(await entriesOf(cache), this.#limit)) await this.delete(key);
  }

  async delete(digest: string): Promise<void> {
    const cache = await this.#open();
    await cache.delete(BYTES + digest);
    await cache.delete(NOTE + digest);
  }

  #open(): Promise<Cache> {
    return globalThis.caches.open(this.#name);
  }
}

async function note(cache: Cache, digest: string, bytes: number): Promise<void> {
  await cache.put(NOTE + digest, new Response(JSON.stringify({ bytes, used: Date.now() })));
}

async function entriesOf(cache: Cache): Promise<CacheEntry[]> {
  const notes = (await cache.keys()).filter(({ url }) => url.startsWith(NOTE));
  return Promise.all(notes.map(async (request) => {
    const { bytes = 0, used = 0 } = (await (await cache.match(request))?.json()) as Partial<CacheEntry> | undefined ?? {};
    return { key: request.url.slice(NOTE.length), bytes, used };
  }));
}
