/** An engine in a worker, seen from the host: commands and events are messages. */

import type { SuspensionTier } from "../core.js";
import { fromWire, InvalidArgumentError, messageOf, toWire, type TrellisError, WorkerLostError } from "../errors.js";
import { Inbox } from "./inbox.js";
import { createLedger, LedgerReader } from "./ledger.js";
import { createMailbox, MailboxReader, MailboxWriter } from "./mailbox.js";
import type { FromWorker, Posted, SharedMemory, SpawnWorker, ToWorker } from "./messages.js";
import { inNextTurn } from "./next-turn.js";
import { Outbox } from "./outbox.js";
import type { Share } from "./platform.js";
import type { EngineListener, EnginePort } from "./port.js";
import { RingOutbox } from "./ring-outbox.js";
import { shielded } from "./shielded.js";
import { hasSharedMemory } from "./tier.js";

interface Pending {
  resolve(memories: number): void;
  reject(error: unknown): void;
}

/** The bytes of a mailbox, and of one beside which a thread that blocks reads nothing else. */
const MAILBOX = 64 * 1024;
const ONLY_MAILBOX = 256 * 1024;

/** So many messages of a worker are taken before others have their turn. */
const TURN = 256;

/** Starts an engine in a worker. */
export function openWorker(
  spawn: SpawnWorker, module: WebAssembly.Module, suspension: SuspensionTier, share: Share, listener: EngineListener,
): EnginePort {
  const loads = new Map<number, Pending>();
  const pings = new Map<number, () => void>();
  let lastPing = 0;
  let busy = false;
  let closed = false;

  const keepAlive = (): void => worker.keepAlive(busy || loads.size > 0);

  const failLoads = (error: TrellisError): void => {
    loads.forEach((load) => load.reject(error));
    loads.clear();
  };

  const lose = (error: TrellisError): void => {
    failLoads(error);
    listener.lost(error);
  };

  const settleLoad = (component: number, settle: (load: Pending) => void): void => {
    const load = loads.get(component);
    loads.delete(component);
    keepAlive();
    if (load !== undefined) settle(load);
  };

  const handle = shielded((message: FromWorker): void => {
    if (message[0] === "began") ledger?.heard();
    if (message[0] === "ready") begin();
    switch (message[0]) {
      case "alarm": return;
      case "room": return mailbox?.flush();
      case "pong": return pings.get(message[1])?.();
      case "loaded": return settleLoad(message[1], (load) => load.resolve(message[2]));
      case "refused": return settleLoad(message[1], (load) => load.reject(fromWire(message[2])));
      case "lost": return lose(fromWire(message[1]));
      default: return dispatch(listener, message);
    }
  });

  /** Takes what has come, so many messages at most. Whether that was all. */
  const hear = (most: number): boolean => {
    for (let count = 0; count < most && !closed; count++) {
      const message = inbox.next();
      if (message !== undefined) handle(message);
      else if (inbox.rest()) return true;
    }
    return closed;
  };

  /** Who says more than can be heard must not hold this thread. */
  const listen = (): void => {
    if (!hear(TURN)) inNextTurn(listen);
  };

  /** Only who has to do with a message that cannot be sent hears of that. */
  const refuse = (message: ToWorker, cause: unknown): void => {
    const error = new InvalidArgumentError(`it cannot be sent to a worker: ${messageOf(cause)}`, { cause });
    switch (message[0]) {
      case "invoke":
        listener.failed(message[1], toWire(error));
        return listener.finished(message[1]);
      case "reply": return send(["fail", message[1], toWire(error)]);
      case "load": return settleLoad(message[1], (load) => load.reject(error));
      default: return lose(new WorkerLostError(`the worker cannot be told to ${message[0]}: ${messageOf(cause)}`, { cause }));
    }
  };

  const worker = spawn(
    (messages) => {
      inbox.receive(messages);
      listen();
    },
    (error) => {
      // What it has said before it failed.
      hear(Infinity);
      lose(new WorkerLostError(`the worker failed: ${messageOf(error)}`));
    },
  );
  const post = (messages: Posted<ToWorker>[], transfer: ArrayBuffer[] = []): void => {
    if (!closed) worker.post(messages, transfer);
  };
  const blocks = suspension === "atomics";
  const shared = hasSharedMemory() ? shareMemory(blocks) : undefined;
  const inbox = new Inbox<FromWorker>(shared && new MailboxReader(shared.events));
  const mailbox = shared && new MailboxWriter(shared.commands, () => post([["mail"]]));
  const outbox = mailbox === undefined ? new Outbox(post, refuse) : new RingOutbox(mailbox, post, refuse, blocks);
  const ledger = shared && new LedgerReader(shared.ledger);
  const send = (message: ToWorker): void => outbox.push(message);
  // Until the worker has started its calls wait here: one that is given up meanwhile must not hold the thread then, with
  // nobody there any more to miss its answer.
  let held: Map<number, ToWorker> | undefined = new Map();
  const begin = (): void => {
    held?.forEach(send);
    held = undefined;
  };
  const start: ToWorker = ["start", { module, suspension, share, ...shared !== undefined && { shared } }];
  try {
    post([start]);
  } catch (error) {
    // Not before whoever starts it has it.
    queueMicrotask(() => refuse(start, error));
  }
  keepAlive();

  return {
    suspension,
    load(component, plan, modules, settings) {
      // A mailbox cannot carry modules. Cloned: the plan is needed again for the next worker.
      outbox.pushByPort(["load", component, new Uint8Array(plan), modules, settings]);
      const loaded = new Promise<number>((resolve, reject) => loads.set(component, { resolve, reject }));
      keepAlive();
      return loaded;
    },
    unload: (...args) => send(["unload", ...args]),
    invoke(call, component, instance, func, params, channels) {
      // A copy: a call that is not taken up before the worker is lost is made again.
      const message: ToWorker = ["invoke", call, component, instance, func, new Uint8Array(params), channels];
      if (held === undefined) send(message);
      else held.set(call, message);
    },
    trim: (...args) => send(["trim", ...args]),
    abort: (call) => held?.delete(call) === true || send(["abort", call]),
    push: (...args) => send(["push", ...args]),
    end: (...args) => send(["end", ...args]),
    credit: (...args) => send(["credit", ...args]),
    cancel: (...args) => send(["cancel", ...args]),
    // A copy: who answered may have a use for the bytes.
    reply: (call, results, channels) => send(["reply", call, new Uint8Array(results), channels]),
    fail: (...args) => send(["fail", ...args]),
    responsive(milliseconds) {
      const id = ++lastPing;
      return new Promise((resolve) => {
        const answer = (answered: boolean): void => {
          clearTimeout(timer);
          pings.delete(id);
          resolve(answered);
        };
        // This thread may have been busy: what the worker has said is heard before it counts as silent.
        let timer = setTimeout(() => (timer = setTimeout(() => answer(false), 0)), milliseconds);
        pings.set(id, () => answer(true));
        send(["ping", id]);
      });
    },
    busy(now) {
      busy = now;
      keepAlive();
    },
    hear: () => ledger?.unheard().forEach((call) => listener.began(call)),
    seal: () => ledger?.close().forEach((call) => listener.began(call)),
    close() {
      closed = true;
      pings.forEach((answered) => answered());
      failLoads(new WorkerLostError("the worker was ended"));
      return worker.terminate();
    },
  };
}

/** Memory for a worker, which may block its thread. */
function shareMemory(blocks: boolean): SharedMemory {
  return { commands: createMailbox(blocks ? ONLY_MAILBOX : MAILBOX), events: createMailbox(MAILBOX), ledger: createLedger() };
}

type Event = Extract<FromWorker, [name: keyof EngineListener, ...rest: unknown[]]>;

/** No event has more than seven arguments. To spread them takes longer than most events. */
function dispatch(listener: EngineListener, event: Event): void {
  const [name] = event;
  const args = event as readonly unknown[];
  (listener[name] as (...args: unknown[]) => void)(args[1], args[2], args[3], args[4], args[5], args[6], args[7]);
}
