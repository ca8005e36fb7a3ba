/** Artifacts in Node, Deno and Bun. */

import { open } from "node:fs/promises";

import { LoadError } from "../errors.js";
import { tooLarge } from "./answers.js";
import { cacheFolder, DirectoryCache } from "./cache-directory.js";
import type { ArtifactPlatform } from "./platform.js";

/** What Node has: files, and a directory for a cache. */
export const artifactPlatform: ArtifactPlatform = {
  browser: false,
  openCache: (folder = cacheFolder(), maxBytes) => new DirectoryCache(folder, maxBytes),
  readFile,
};

/** Devices and pipes, which may have no end, are refused; so is a file that is too large, before it is read. */
async function readFile(path: string | URL, maxBytes: number): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const info = await file.stat();
    if (!info.isFile()) throw new LoadError(`${path} is no regular file`, { reason: "invalid" });
    if (info.size > maxBytes) throw tooLarge(String(path), maxBytes);
    const bytes = await file.readFile();
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  } finally {
    await file.close();
  }
}
