/** What artifacts need of a platform. `node.ts` and `browser.ts` have it. */

import type { ArtifactCache } from "./cache.js";

/** A platform, as far as artifacts are concerned. */
export interface ArtifactPlatform {
  /** Whether the platform follows redirects itself and reads only what servers let pages read. */
  readonly browser: boolean;
  /** Its own cache, where it has one: with a location, or the usual one, and so many bytes at most. */
  openCache(location: string | undefined, maxBytes: number): ArtifactCache | undefined;
  /** Reads a file of no more than so many bytes, where the platform has files. */
  readonly readFile?: (path: string | URL, maxBytes: number) => Promise<Uint8Array>;
}
