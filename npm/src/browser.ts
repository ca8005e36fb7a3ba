/** `trellis-host` in browsers. */

import { artifactPlatform } from "./artifacts/browser.js";
import type { FromWorker, Posted, SpawnWorker } from "./engine/messages.js";
import { entryFor } from "./entry.js";
import { BROWSER_ROOM, FIREFOX_ROOM } from "./host/limits.js";
import { loadCore } from "./load/browser.js";

export * from "./api.js";
export type { CompileOptions, CoreOptions } from "./entry.js";

export const { createHost, createArtifactStore, createMemoryBus, inspect, compile } = entryFor({
  loadCore,
  loadMember: async (source) => (await import("./load/member-browser.js")).loadMember(source),
  connect: async (options) => (await import("./nats/browser.js")).natsBus(options),
  timersAreLate: () => "document" in globalThis,
  workers: spawner,
  artifacts: artifactPlatform,
  os: () => "browser",
  room: () => (globalThis.navigator.userAgent.includes("Firefox/") ? FIREFOX_ROOM : BROWSER_ROOM),
});

function spawner(script?: URL | string): SpawnWorker {
  return (onMessages, onError) => {
    // Bundlers know this very form of starting a worker.
    const worker = script === undefined
      ? new Worker(new URL("./worker/browser.js", import.meta.url), { type: "module" })
      : new Worker(script, { type: "module" });
    worker.addEventListener("message", (event: MessageEvent<Posted<FromWorker>[]>) => onMessages(event.data));
    worker.addEventListener("error", (event) => onError(new Error(event.message || "its script could not be loaded")));
    return {
      post: (messages, transfer) => worker.postMessage(messages, transfer),
      keepAlive: () => undefined,
      terminate: async () => worker.terminate(),
    };
  };
}
