/** `trellis-host` in Node, Deno and Bun. */

import { readFile } from "node:fs/promises";
import { Worker } from "node:worker_threads";

import type { FromWorker, SpawnWorker } from "./engine/messages.js";
import { type CoreOptions, entryFor } from "./entry.js";
import type { Precompiled } from "./engine/artifact.js";
import type { Host } from "./host/host.js";
import type { HostOptions } from "./host/options.js";
import type { Inspection } from "./inspection.js";
import { loadCore } from "./load/node.js";
import type { MemoryBus } from "./memory-bus.js";

export * from "./api.js";
export type { CoreOptions } from "./entry.js";

const entry = entryFor({
  loadCore,
  workers: spawner,
  readFile: async (path) => readFile(String(path).startsWith("file:") ? new URL(path) : path),
  os: () => "node",
});

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

function spawner(script: URL | string = new URL("./worker/node.js", import.meta.url)): SpawnWorker {
  return (onMessage, onError) => {
    const worker = new Worker(script instanceof URL || !script.includes(":") ? script : new URL(script));
    let ended = false;
    worker.on("message", (message: FromWorker) => !ended && onMessage(message));
    worker.on("error", onError);
    worker.on("exit", (code) => !ended && onError(new Error(`it ended with code ${code}`)));
    return {
      post: (message, transfer) => worker.postMessage(message, transfer),
      keepAlive: (alive) => (alive ? worker.ref() : worker.unref()),
      async terminate() {
        ended = true;
        await worker.terminate();
      },
    };
  };
}
