/**
 * The cache of Node: a directory with one file per digest. A file appears whole, since it is written under another name
 * first; the time of its last change is when it was used last. Several processes may share the directory.
 */

import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";

import { randomId } from "../random-id.js";
import { type ArtifactCache, type CacheEntry, surplusOf } from "./cache.js";

/** What is being written. */
const PART = ".part";
/** Nobody writes for so long, in milliseconds. */
const FORSAKEN = 3_600_000;

/** A cache in a directory. */
export class DirectoryCache implements ArtifactCache {
  readonly #folder: string;
  readonly #limit: number;

  /** The cache in a folder, which is made when it is needed, with `limit` bytes at most. */
  constructor(folder: string, limit: number) {
    this.#folder = folder;
    this.#limit = limit;
  }

  async get(digest: string): Promise<Uint8Array | undefined> {
    const file = this.#file(digest);
    const bytes = await readFile(file).catch(unlessMissing);
    if (bytes === undefined) return undefined;
    const now = new Date();
    // In a directory that cannot be written to, or where another process just removed it, the bytes are good all the same.
    await utimes(file, now, now).catch(() => undefined);
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  async put(digest: string, bytes: Uint8Array): Promise<void> {
    if (bytes.length > this.#limit) return;
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const file = this.#file(digest);
    const part = `${file}.${randomId()}${PART}`;
    try {
      await writeFile(part, bytes, { mode: 0o600 });
      await rename(part, file);
    } catch (error) {
      await rm(part, { force: true });
      throw error;
    }
    await this.#shrink();
  }

  async delete(digest: string): Promise<void> {
    await rm(this.#file(digest), { force: true });
  }

  async #shrink(): Promise<void> {
    const entries = await this.#entries();
    const parts = entries.filter(({ key, used }) => key.endsWith(PART) && used < Date.now() - FORSAKEN);
    const surplus = surplusOf(entries.filter(({ key }) => !key.endsWith(PART)), this.#limit);
    for (const { key } of [...parts, ...surplus]) await rm(path.join(this.#folder, key), { force: true });
  }

  /** Other files of the folder are left alone. */
  async #entries(): Promise<CacheEntry[]> {
    const names = (await readdir(this.#folder)).filter((name) => name.startsWith("sha256-"));
    const entries = await Promise.all(names.map(async (key) => {
      const info = await stat(path.join(this.#folder, key)).catch(unlessMissing);
      return info === undefined ? [] : [{ key, bytes: info.size, used: info.mtimeMs }];
    }));
    return entries.flat();
  }

  #file(digest: string): string {
    return path.join(this.#folder, digest.replace(":", "-"));
  }
}

/** Where it is unless options say otherwise: `$XDG_CACHE_HOME`, `%LOCALAPPDATA%`, or `~/.cache`. */
export function cacheFolder(): string {
  const { XDG_CACHE_HOME: xdg = "", LOCALAPPDATA: local = "" } = process.env;
  // The specification has relative paths ignored.
  const base = [xdg, local].find((each) => path.isAbsolute(each)) ?? path.join(homedir(), ".cache");
  return path.join(base, "trellis-host");
}

/** Somebody else may have removed it. */
function unlessMissing(error: unknown): undefined {
  if ((error as { code?: unknown }).code !== "ENOENT") throw error;
  return undefined;
}
