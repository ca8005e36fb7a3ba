/** The functions of the package, for a platform: `node.ts` and `browser.ts` export them. */

import type { ArtifactOptions } from "./artifacts/options.js";
import { ArtifactStore } from "./artifacts/store.js";
import type { CoreSource } from "./core.js";
import { Artifact, inspectWith, type Precompiled } from "./engine/artifact.js";
import { checkBytes } from "./host/checks.js";
import { createHostOn, createMemoryBusOn, loadCoreOf, type Platform } from "./host/create.js";
import type { Host } from "./host/host.js";
import type { HostOptions } from "./host/options.js";
import type { Inspection } from "./inspection.js";
import type { MemoryBus } from "./memory-bus.js";

/** Where the functions below find the core. */
export interface CoreOptions {
  /** The core's wasm. Default the file that comes with the package. */
  core?: CoreSource;
}

/** How a component is compiled. */
export interface CompileOptions extends CoreOptions {
  /** Whether its code is to count what it does: the option `fuel` of a component needs it. Default no. */
  metered?: boolean;
}

/** What a platform's entry point exports. */
export interface Entry {
  /** Makes a host and loads what it needs. */
  readonly createHost: (options?: HostOptions) => Promise<Host>;
  /** Makes a bus in memory that several hosts of one process can share. */
  readonly createMemoryBus: (options?: CoreOptions) => Promise<MemoryBus>;
  /** Makes a store of artifacts: what pulls components from registries, by URL and from files. */
  readonly createArtifactStore: (options?: ArtifactOptions) => ArtifactStore;
  /** Looks into a component: its imports and exports with their types, its WIT, producers and claims. */
  readonly inspect: (bytes: Uint8Array, options?: CoreOptions) => Promise<Inspection>;
  /** Decodes and compiles a component ahead of starting it; the result is a source for `startComponent`. */
  readonly compile: (bytes: Uint8Array, options?: CompileOptions) => Promise<Required<Precompiled>>;
}

/** The functions for a platform. */
export function entryFor(platform: Platform): Entry {
  return {
    createHost: (options = {}) => createHostOn(platform, options),
    createArtifactStore: (options) => new ArtifactStore(platform.artifacts, options),
    createMemoryBus: ({ core } = {}) => createMemoryBusOn(platform, core),
    async inspect(bytes, options = {}) {
      checkBytes("bytes", bytes);
      const { core } = await loadCoreOf(platform, options.core);
      return inspectWith(core, bytes);
    },
    async compile(bytes, { core: source, metered = false } = {}) {
      checkBytes("bytes", bytes);
      const { core } = await loadCoreOf(platform, source);
      const { plan, modules } = await Artifact.compile(core, bytes, metered);
      return { plan, modules, inspection: inspectWith(core, bytes), metered };
    },
  };
}
