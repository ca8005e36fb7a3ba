/** The engine worker in browsers: a module worker. */

import { loadCore } from "../load/browser.js";
import type { Posted, ToWorker } from "../engine/messages.js";
import { serveEngine } from "./serve.js";

/** What a dedicated worker has as its global scope. */
interface Scope {
  postMessage(message: unknown, transfer?: ArrayBuffer[]): void;
  addEventListener(type: "message", listener: (event: MessageEvent<Posted<ToWorker>[]>) => void): void;
  addEventListener(type: "error" | "unhandledrejection", listener: (event: { message?: string }) => void): void;
}

const scope = globalThis as unknown as Scope;
const engine = serveEngine({ post: (messages, transfer) => scope.postMessage(messages, transfer), loadCore });
const fail = (event: { message?: string }): void => engine.fail(new Error(event.message ?? "an unhandled rejection"));

scope.addEventListener("message", (event) => engine.receive(event.data));
scope.addEventListener("error", fail);
scope.addEventListener("unhandledrejection", fail);
