/**
 * The engine worker: runs an engine and carries its commands and events as messages. `browser.ts` and `node.ts` join
 * it to their platform.
 */

import type { CoreEngine, EngineOutside, LoadedCore } from "../core.js";
import { messageOf, PanicError, toWire, type TrellisError, typedError, UnsupportedError, WorkerLostError } from "../errors.js";
import { type Guard, guardOf, isPanic } from "../engine/guard.js";
import { LedgerWriter } from "../engine/ledger.js";
import { Inbox } from "../engine/inbox.js";
import { MailboxReader, MailboxWriter } from "../engine/mailbox.js";
import { LONGEST_TIMER } from "../engine/timer.js";
import type { FromWorker, Posted, ToWorker, WorkerStart } from "../engine/messages.js";
import { Outbox } from "../engine/outbox.js";
import { RingOutbox } from "../engine/ring-outbox.js";

/** The worker's end of its platform's channel. */
export interface WorkerScope {
  /** Sends messages to the host. */
  post(messages: Posted<FromWorker>[], transfer?: ArrayBuffer[]): void;
  /** Joins the core in this realm with its module. */
  loadCore(module: WebAssembly.Module): Promise<LoadedCore>;
}

/** So long a thread without calls waits for the next, in milliseconds. Callers that come one after the other are no slower. */
const LINGER = 2;

/** The longest way of a guest's answer out of the core, in microtasks. */
const HOPS = 16;

/** A guest that does not let go of this thread for longer, from its entry to its return, holds it: in milliseconds. */
const HELD = 50;

/** An engine worker, as its platform drives it. */
export interface ServedEngine {
  /** Takes all messages of the host, in order. */
  receive(messages: Posted<ToWorker>[]): void;
  /** Something has failed that nobody has caught. The host hears of it, and nothing more is begun. */
  fail(error: unknown): void;
}

/** Serves one engine. */
export function serveEngine(scope: WorkerScope): ServedEngine {
  let worker: Promise<EngineWorker> | undefined;
  let running: EngineWorker | undefined;
  let alarm: ReturnType<typeof setTimeout> | undefined;
  const lose = (error: unknown): void => scope.post([["lost", toWire(lossOf(error))]]);
  return {
    receive(messages) {
      const [first] = messages;
      if (first?.[0] === "start") {
        worker = EngineWorker.start(scope, first[1]);
        worker.then((started) => (running = started), lose);
      }
      if (first?.[0] === "alarm") {
        clearTimeout(alarm);
        alarm = setTimeout(() => scope.post([["alarm"]]), first[1]);
      }
      // Messages come in order, and so do the continuations of one promise.
      void worker?.then((started) => started.receive(messages), () => undefined);
    },
    fail: (error) => (running === undefined ? lose(error) : running.lose(error)),
  };
}

/** Why the host loses this worker. What is no error of ours is none of a guest's either. */
function lossOf(error: unknown): TrellisError {
  return typedError(error) ?? new WorkerLostError(`the worker failed: ${messageOf(error)}`);
}

class EngineWorker {
  readonly #guard: Guard;
  readonly #engine: CoreEngine;
  readonly #mailbox: MailboxReader | undefined;
  readonly #ledger: LedgerWriter | undefined;
  readonly #suspends: boolean;
  readonly #inbox: Inbox<ToWorker>;
  readonly #outbox: Outbox<FromWorker> | RingOutbox<FromWorker>;
  #working = false;
  /** The counts of instances that the host has been told. */
  #stats: readonly number[] = [];
  /** Whether the host has been told that this worker is lost. */
  #lost = false;
  /** The calls that are not over. */
  readonly #calls = new Set<number>();
  /** Whether guests that waited may be about to go on. */
  #stirred = false;
  /** The call whose guest was entered last, until it has returned. */
  #entered: number | undefined;
  /** When it was. */
  #enteredAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  static async start(scope: WorkerScope, start: WorkerStart): Promise<EngineWorker> {
    return new EngineWorker(scope, await scope.loadCore(start.module), start);
  }

  private constructor(scope: WorkerScope, { core }: LoadedCore, { suspension, share, shared }: WorkerStart) {
    const post = (messages: Posted<FromWorker>[], transfer?: ArrayBuffer[]): void => scope.post(messages, transfer);
    const refuse = (_message: FromWorker, error: unknown): void => this.lose(error);
    // It may wait for room: the host, which never waits for it, makes some.
    const events = shared && new MailboxWriter(shared.events, () => post([["mail"]]), true);
    this.#outbox = events === undefined ? new Outbox(post, refuse) : new RingOutbox(events, post, refuse);
    this.#mailbox = shared && new MailboxReader(shared.commands, () => this.#postNow(["room"]));
    this.#inbox = new Inbox(this.#mailbox);
    this.#guard = guardOf(core);
    this.#guard.onPanic((error) => this.lose(error));
    this.#ledger = shared && new LedgerWriter(shared.ledger);
    this.#suspends = suspension === "jspi";
    this.#engine = this.#guard.run(() => new core.Engine(this.#outside(), suspension, share.memories, share.pages));
    this.#postNow(["ready"]);
  }

  /** Carries out messages of the host. Never throws: what fails is told to the host. */
  receive(messages: Posted<ToWorker>[]): void {
    if (this.#lost) return;
    this.#inbox.receive(messages);
    if (!this.#working) void this.#work();
  }

  /** Tells the host that this worker is lost, and begins nothing more. */
  lose(error: unknown): void {
    if (this.#lost) return;
    this.#lost = true;
    this.#postNow(["lost", toWire(lossOf(error))]);
  }

  async #work(): Promise<void> {
    this.#working = true;
    this.#outbox.hold();
    do {
      for (let message = this.#next(); message !== undefined; message = this.#next()) {
        // Who was given up, or something has come for, goes on before another is entered: it may not let go of this thread.
        if (message[0] === "invoke" && this.#stirred) {
          await this.#giveWay(() => true);
          this.#stirred = false;
        }
        this.#attempt(message);
        // For the same reason, what one guest answers is out before the next is entered.
        if (this.#entered !== undefined) await this.#giveWay(() => this.#entered !== undefined);
        this.#entered = undefined;
      }
    } while (!this.#lost && (this.#linger() || !this.#inbox.rest()));
    this.#working = this.#stirred = false;
    this.#outbox.release();
  }

  /** Lets guests go on that can, as long as that is `needed`. */
  async #giveWay(needed: () => boolean): Promise<void> {
    // eslint-disable-next-line @typescript-eslint/await-thenable -- gives way to what is ready
    for (let hop = 0; hop < HOPS && this.#suspends && needed(); hop++) await undefined;
  }

  /**
   * Waits for the next call where nothing else is to be done here. A thread that waits so is woken at a fraction of what a
   * message costs both ends. Whether something has come.
   */
  #linger(): boolean {
    const busy = this.#calls.size > 0 || this.#stirred || this.#timer !== undefined || this.#inbox.waits;
    if (this.#mailbox === undefined || busy) return false;
    this.#outbox.flush();
    if (this.#mailbox.isEmpty) this.#shield(() => this.#guard.run(() => this.#engine.rest()));
    return this.#mailbox.wait(LINGER);
  }

  /** The next message, unless nothing more is to be begun. */
  #next(): ToWorker | undefined {
    return this.#lost ? undefined : this.#inbox.next();
  }

  #attempt(message: ToWorker): void {
    this.#shield(() => this.#carryOut(message));
  }

  #shield(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.lose(isPanic(error) ? new PanicError(messageOf(error)) : error);
    }
  }

  #carryOut(message: ToWorker): void {
    switch (message[0]) {
      case "start":
      case "alarm": return;
      case "ping": return this.#postNow(["pong", message[1]]);
      case "load": return this.#load(message);
      case "invoke":
        this.#calls.add(message[1]);
        return void this.#command(message);
      default:
    }
    if (message[0] === "abort") this.#calls.delete(message[1]);
    this.#stirred = true;
    this.#command(message);
  }

  /** No command has more than six arguments. To spread them takes longer than many a command. */
  #command(command: Exclude<ToWorker, [name: "start" | "ping" | "alarm", ...rest: unknown[]]>): unknown {
    const engine = this.#engine as unknown as Record<string, (...args: unknown[]) => unknown>;
    const args = command as readonly unknown[];
    return this.#guard.run(() => engine[command[0]]?.(args[1], args[2], args[3], args[4], args[5], args[6]));
  }

  #load(message: Extract<ToWorker, [name: "load", ...rest: unknown[]]>): void {
    try {
      this.#outbox.push(["loaded", message[1], this.#command(message) as number]);
    } catch (error) {
      this.#outbox.push(["refused", message[1], toWire(error)]);
    }
  }

  #drain(): void {
    for (let message = this.#next(); message !== undefined; message = this.#next()) this.#attempt(message);
  }

  #postNow(message: FromWorker): void {
    this.#outbox.push(message);
    this.#outbox.flush();
  }

  /**
   * A guest is about to be entered: what others have answered has to be out. That it has begun need not be, where the ledger
   * tells; but a host that hears of it is awake by the time of the answer.
   */
  #began(call: number): void {
    // What has not begun here is made elsewhere.
    if (this.#lost) throw new WorkerLostError("the worker is lost");
    this.#outbox.flush();
    this.#ledger?.enter(call);
    this.#entered = call;
    this.#enteredAt = performance.now();
    this.#outbox.push(["began", call]);
    this.#outbox.flush();
  }

  /** The guest has returned. Where it has not let go of this thread meanwhile, that is told before. */
  #over(call: number): void {
    if (this.#entered !== call) return;
    this.#entered = undefined;
    if (performance.now() - this.#enteredAt > HELD) this.#outbox.push(["held", call]);
  }

  #outside(): EngineOutside {
    const post = (message: FromWorker): void => this.#outbox.push(message);
    return {
      began: (call) => this.#began(call),
      settled: (...args) => post(["settled", ...args]),
      failed: (call, error) => {
        post(["failed", call, error]);
        this.#guard.hear(error);
      },
      returned: (call) => (this.#over(call), post(["returned", call])),
      finished: (call) => (this.#over(call), this.#calls.delete(call), post(["finished", call])),
      struck: (...args) => post(["struck", ...args]),
      stats: (...args) => this.#tellStats(args),
      invoke: (...args) => (post(["invoke", ...args]), undefined),
      push: (...args) => post(["push", ...args]),
      end: (...args) => post(["end", ...args]),
      credit: (...args) => post(["credit", ...args]),
      cancel: (...args) => post(["cancel", ...args]),
      log: (...args) => this.#postNow(["log", ...args]),
      stdio: (...args) => this.#postNow(["stdio", ...args]),
      mayWait: () => true,
      soon: () => queueMicrotask(() => this.#guard.run(() => this.#engine.run())),
      wakeAt: (milliseconds) => this.#wakeAt(milliseconds),
      block: (milliseconds) => this.#block(milliseconds),
    };
  }

  /** Between two calls the counts are often what they were. */
  #tellStats(stats: Parameters<EngineOutside["stats"]>): void {
    if (stats.every((count, index) => count === this.#stats[index])) return;
    this.#stats = stats;
    this.#outbox.push(["stats", ...stats]);
  }

  #wakeAt(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#guard.run(() => this.#engine.wake());
    }, Math.min(milliseconds, LONGEST_TIMER));
  }

  #block(milliseconds: number): void {
    if (this.#mailbox === undefined) throw new UnsupportedError("this worker has no mailbox to wait on");
    this.#outbox.flush();
    this.#mailbox.wait(milliseconds);
    this.#drain();
  }
}
