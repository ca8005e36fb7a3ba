/** The engine worker in Node, Deno and Bun: a worker thread. An uncaught error ends it, and the host hears of that. */

import { parentPort } from "node:worker_threads";

import { loadCore } from "../load/node.js";
import type { Posted, ToWorker } from "../engine/messages.js";
import { serveEngine } from "./serve.js";

const engine = serveEngine({ post: (messages, transfer) => parentPort?.postMessage(messages, transfer), loadCore });

parentPort?.on("message", (messages: Posted<ToWorker>[]) => engine.receive(messages));
