/** The messages between the host and an engine worker: the name of a command or event, and its arguments. */

import type { EngineCommands, EngineEvents, SuspensionTier, WireError } from "../core.js";
import type { Share } from "./platform.js";
import type { EngineListener } from "./port.js";

/** A call as a message. */
type Calls<T, K extends keyof T = keyof T> = {
  [N in K]: T[N] extends (...args: infer A) => unknown ? [name: N, ...args: A] : never;
}[K];

/** What a worker is started with. */
export interface WorkerStart {
  /** The compiled core. */
  module: WebAssembly.Module;
  /** How guests wait. */
  suspension: SuspensionTier;
  /** What its guests may have. */
  share: Share;
  /** What memory it shares with the host, where it can. */
  shared?: SharedMemory;
}

/** What a worker and its host share. */
export interface SharedMemory {
  /** Commands (see `mailbox.ts`). */
  commands: SharedArrayBuffer;
  /** Events. */
  events: SharedArrayBuffer;
  /** The calls that the worker begins (see `ledger.ts`). */
  ledger: SharedArrayBuffer;
}

/** The bell: something is in the mailbox, and nobody may be looking. */
export type Bell = [name: "mail"];

/** The message with it has its place in the mailbox, where its sender has left word (`by-port`). */
export type InOrder = [name: "in-order"];

/** What a port carries: messages that stand by themselves, the bell, or one in its order. */
export type Posted<M> = M | Bell | InOrder;

/** A message to a worker. */
export type ToWorker =
  | Calls<EngineCommands>
  | [name: "start", start: WorkerStart]
  | [name: "ping", id: number]
  /** Instead of all others: say so in so many milliseconds (see `lattice/alarm.ts`). */
  | [name: "alarm", milliseconds: number];

/** A message from a worker. */
export type FromWorker =
  | Calls<EngineEvents>
  | Calls<Pick<EngineListener, "ready" | "held" | "invoke">>
  | [name: "pong", id: number]
  | [name: "loaded", component: number, memories: number]
  | [name: "refused", component: number, error: WireError]
  /** There is room in the mailbox of commands. */
  | [name: "room"]
  | [name: "alarm"]
  | [name: "lost", error: WireError];

/** A worker of the platform. */
export interface WorkerHandle {
  /** Sends messages and gives the buffers away. */
  post(messages: Posted<ToWorker>[], transfer: ArrayBuffer[]): void;
  /** Ends it, whatever it does. */
  terminate(): Promise<void>;
  /** Whether it keeps the process alive. */
  keepAlive(alive: boolean): void;
}

/** Starts a worker of the platform. `onError` hears of a worker that cannot be started or has died. */
export type SpawnWorker = (onMessages: (messages: Posted<FromWorker>[]) => void, onError: (error: unknown) => void) => WorkerHandle;
