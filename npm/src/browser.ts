/** `trellis-host` in browsers. */

import type { FromWorker, SpawnWorker } from "./engine/messages.js";
import { type CoreOptions, entryFor } from "./entry.js";
import type { Precompiled } from "./engine/artifact.js";
import type { Host } from "./host/host.js";
import type { HostOptions } from "./host/options.js";
import type { Inspection } from "./inspection.js";
import { loadCore } from "./load/browser.js";
import type { MemoryBus } from "./memory-bus.js";

export * from "./api.js";
export type { CoreOptions } from "./entry.js";

const entry = entryFor({ loadCore, workers: spawner, os: () => "browser" });

/** Makes a host and loads what it needs. */
export function createHost(options: HostOptions = {}): Promise<Host> {
  return entry.createHost(options);
}

/** Makes a bus in memory that several hosts of one process can share. */
export function createMemoryBus(options: CoreOptions = {}): Promise<MemoryBus> {
  return entry.createMemoryBus(options);
}

/** Looks into a component: its imports and exports with their types, its WIT, producers and claims. */
export function inspect(bytes: Uint8Array, options: CoreOptions = {}): Promise<Inspection> {
  return entry.inspect(bytes, options);
}

/** Decodes and compiles a component ahead of starting it; the result is a source for `startComponent`. */
export function compile(bytes: Uint8Array, options: CoreOptions = {}): Promise<Required<Precompiled>> {
  return entry.compile(bytes, options);
}

function spawner(script?: URL | string): SpawnWorker {
  return (onMessage, onError) => {
    // Bundlers know this very form of starting a worker.
    const worker = script === undefined
      ? new Worker(new URL("./worker/browser.js", import.meta.url), { type: "module" })
      : new Worker(script, { type: "module" });
    worker.addEventListener("message", (event: MessageEvent<FromWorker>) => onMessage(event.data));
    worker.addEventListener("error", (event) => onError(new Error(event.message || "its script could not be loaded")));
    return {
      post: (message, transfer) => worker.postMessage(message, transfer),
      keepAlive: () => undefined,
      terminate: async () => worker.terminate(),
    };
  };
}
