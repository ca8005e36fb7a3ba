/** `trellis-host` in Node, Deno and Bun. */

import { readFile } from "node:fs/promises";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";

import { artifactPlatform } from "./artifacts/node.js";
import type { FromWorker, Posted, SpawnWorker } from "./engine/messages.js";
import { entryFor } from "./entry.js";
import { SERVER_ROOM } from "./host/limits.js";
import { loadCore } from "./load/node.js";
import { runtimeName } from "./runtime.js";

export * from "./api.js";
export type { CompileOptions, CoreOptions } from "./entry.js";

export const { createHost, createArtifactStore, createMemoryBus, inspect, compile } = entryFor({
  loadCore,
  loadMember: async (source) => (await import("./load/member-node.js")).loadMember(source),
  connect: async (options) => (await import("./nats/node.js")).natsBus(options),
  workers: spawner,
  artifacts: artifactPlatform,
  readFile: async (path) => readFile(String(path).startsWith("file:") ? new URL(path) : path),
  os: runtimeName,
  room: () => SERVER_ROOM,
});

function spawner(script: URL | string = new URL("./worker/node.js", import.meta.url)): SpawnWorker {
  return (onMessages, onError) => {
    const worker = workerOf(script instanceof URL ? script : script.includes(":") ? new URL(script) : pathToFileURL(script));
    let ended = false;
    worker.on("message", (messages: Posted<FromWorker>[]) => !ended && onMessages(messages));
    worker.on("error", onError);
    worker.on("exit", (code) => !ended && onError(new Error(`it ended with code ${code}`)));
    return {
      post: (messages, transfer) => worker.postMessage(messages, transfer),
      keepAlive: (alive) => (alive ? worker.ref() : worker.unref()),
      async terminate() {
        ended = true;
        await worker.terminate();
      },
    };
  };
}

/**
 * Node starts no file as a worker of a program that is text whose type it was told, so the worker is text, too. To take
 * the flag away would take away all others, those that restrict what the process may do among them.
 */
function workerOf(script: URL): Worker {
  const toldType = process.execArgv.some((flag) => /^--input-type(?:=|$)/.test(flag));
  return toldType ? new Worker(`import(${JSON.stringify(script)})`, { eval: true }) : new Worker(script);
}
