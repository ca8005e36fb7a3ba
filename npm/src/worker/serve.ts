/**
 * The engine worker: runs an engine and carries its commands and events as messages. `browser.ts` and `node.ts` join
 * it to their platform.
 */

import type { CoreEngine, EngineOutside, LoadedCore } from "../core.js";
import { messageOf, PanicError, toWire, type TrellisError, typedError, UnsupportedError, WorkerLostError } from "../errors.js";
import { type Guard, guardOf, isPanic } from "../engine/guard.js";
import { MEMORIES, PAGES } from "../engine/inline.js";
import { MailboxReader } from "../engine/mailbox.js";
import { LONGEST_TIMER } from "../engine/timer.js";
import { type FromWorker, type ToWorker, transferables, type WorkerStart } from "../engine/messages.js";

/** The worker's end of its platform's channel. */
export interface WorkerScope {
  /** Sends a message to the host. */
  post(message: FromWorker, transfer: ArrayBuffer[]): void;
  /** Joins the core in this realm with its module. */
  loadCore(module: WebAssembly.Module): Promise<LoadedCore>;
}

/** Serves one engine. Give it every message of the host, in order. */
export function serveEngine(scope: WorkerScope): (message: ToWorker) => void {
  let worker: Promise<EngineWorker> | undefined;
  return (message) => {
    if (message[0] === "start") {
      worker = EngineWorker.start(scope, message[1]);
      worker.catch((error: unknown) => scope.post(["lost", toWire(lossOf(error))], []));
    } else {
      // Messages come in order, and so do the continuations of one promise.
      void worker?.then((running) => running.receive(message), () => undefined);
    }
  };
}

/** Why the host loses this worker. What is no error of ours is none of a guest's either. */
function lossOf(error: unknown): TrellisError {
  return typedError(error) ?? new WorkerLostError(`the worker failed: ${messageOf(error)}`);
}

class EngineWorker {
  readonly #scope: WorkerScope;
  readonly #guard: Guard;
  readonly #engine: CoreEngine;
  readonly #mailbox: MailboxReader | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  static async start(scope: WorkerScope, start: WorkerStart): Promise<EngineWorker> {
    return new EngineWorker(scope, await scope.loadCore(start.module), start);
  }

  private constructor(scope: WorkerScope, { core }: LoadedCore, { suspension, mailbox }: WorkerStart) {
    this.#scope = scope;
    this.#guard = guardOf(core);
    this.#guard.onPanic((error) => this.#post(["lost", toWire(error)]));
    this.#mailbox = mailbox && new MailboxReader(mailbox, () => this.#post(["drained"]));
    this.#engine = this.#guard.run(() => new core.Engine(this.#outside(), suspension, MEMORIES, PAGES));
    this.#post(["ready"]);
  }

  /** Carries out a message of the host. Never throws: what fails is told to the host. */
  receive(message: ToWorker): void {
    try {
      this.#carryOut(message);
    } catch (error) {
      this.#post(["lost", toWire(isPanic(error) ? new PanicError(messageOf(error)) : lossOf(error))]);
    }
  }

  #carryOut(message: ToWorker): void {
    switch (message[0]) {
      case "start": return;
      case "mail": return this.#mailbox?.nudged(), this.#drain();
      case "ping": return this.#post(["pong", message[1]]);
      case "load": return this.#load(message);
      default: return this.#command(message);
    }
  }

  #command([name, ...args]: Exclude<ToWorker, [name: "start" | "mail" | "ping", ...rest: unknown[]]>): void {
    const engine = this.#engine as unknown as Record<string, (...args: unknown[]) => void>;
    this.#guard.run(() => engine[name]?.(...args));
  }

  #load(message: Extract<ToWorker, [name: "load", ...rest: unknown[]]>): void {
    try {
      this.#command(message);
      this.#post(["loaded", message[1]]);
    } catch (error) {
      this.#post(["refused", message[1], toWire(error)]);
    }
  }

  #drain(): void {
    for (let message = this.#mailbox?.next(); message !== undefined; message = this.#mailbox?.next()) {
      this.receive(message as ToWorker);
    }
  }

  #post(message: FromWorker): void {
    this.#scope.post(message, transferables(message));
  }

  #outside(): EngineOutside {
    return {
      began: (...args) => this.#post(["began", ...args]),
      settled: (...args) => this.#post(["settled", ...args]),
      failed: (call, error) => {
        this.#post(["failed", call, error]);
        this.#guard.hear(error);
      },
      finished: (...args) => this.#post(["finished", ...args]),
      invoke: (...args) => (this.#post(["invoke", ...args]), undefined),
      push: (...args) => this.#post(["push", ...args]),
      end: (...args) => this.#post(["end", ...args]),
      credit: (...args) => this.#post(["credit", ...args]),
      cancel: (...args) => this.#post(["cancel", ...args]),
      log: (...args) => this.#post(["log", ...args]),
      stdio: (...args) => this.#post(["stdio", ...args]),
      returned: (...args) => this.#post(["returned", ...args]),
      struck: (...args) => this.#post(["struck", ...args]),
      stats: (...args) => this.#post(["stats", ...args]),
      mayWait: () => true,
      soon: () => queueMicrotask(() => this.#guard.run(() => this.#engine.run())),
      wakeAt: (milliseconds) => this.#wakeAt(milliseconds),
      block: (milliseconds) => this.#block(milliseconds),
    };
  }

  #wakeAt(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#guard.run(() => this.#engine.wake()), Math.min(milliseconds, LONGEST_TIMER));
  }

  #block(milliseconds: number): void {
    if (this.#mailbox === undefined) throw new UnsupportedError("this worker has no mailbox to wait on");
    this.#mailbox.wait(milliseconds);
    this.#drain();
  }
}
