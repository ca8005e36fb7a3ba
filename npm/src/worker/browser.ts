/** The engine worker in browsers: a module worker. */

import { loadCore } from "../load/browser.js";
import type { ToWorker } from "../engine/messages.js";
import { toWire, WorkerLostError } from "../errors.js";
import { serveEngine } from "./serve.js";

/** What a dedicated worker has as its global scope. */
interface Scope {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  addEventListener(type: "message", listener: (event: MessageEvent<ToWorker[]>) => void): void;
  addEventListener(type: "error" | "unhandledrejection", listener: (event: { message?: string }) => void): void;
}

const scope = globalThis as unknown as Scope;
const receive = serveEngine({ post: (messages, transfer) => scope.postMessage(messages, transfer), loadCore });
const fail = (event: { message?: string }): void => {
  const error = new WorkerLostError(`the worker failed: ${event.message ?? "an unhandled rejection"}`);
  scope.postMessage([["lost", toWire(error)]], []);
};

scope.addEventListener("message", (event) => receive(event.data));
scope.addEventListener("error", fail);
scope.addEventListener("unhandledrejection", fail);
