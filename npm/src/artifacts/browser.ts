/** Artifacts in browsers. */

import { StorageCache } from "./cache-storage.js";
import type { ArtifactPlatform } from "./platform.js";

/** What browsers have: no files, and Cache Storage in secure contexts. */
export const artifactPlatform: ArtifactPlatform = {
  browser: true,
  openCache: (name = "trellis-host", maxBytes) => ("caches" in globalThis ? new StorageCache(name, maxBytes) : undefined),
};
