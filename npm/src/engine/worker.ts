/** An engine in a worker, seen from the host: commands and events are messages. */

import type { SuspensionTier } from "../core.js";
import { fromWire, messageOf, type TrellisError, WorkerLostError } from "../errors.js";
import { createMailbox, MailboxWriter } from "./mailbox.js";
import { type FromWorker, type SpawnWorker, type ToWorker, transferables } from "./messages.js";
import type { EngineListener, EnginePort } from "./port.js";

interface Pending {
  resolve(): void;
  reject(error: unknown): void;
}

/** Starts an engine in a worker. */
export function openWorker(
  spawn: SpawnWorker, module: WebAssembly.Module, suspension: SuspensionTier, listener: EngineListener,
): EnginePort {
  const loads = new Map<number, Pending>();
  const pings = new Map<number, () => void>();
  let lastPing = 0;
  let busy = false;

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

  const receive = (message: FromWorker): void => {
    switch (message[0]) {
      case "ready": return;
      case "drained": return mailbox?.flush();
      case "pong": return pings.get(message[1])?.();
      case "loaded": return settleLoad(message[1], (load) => load.resolve());
      case "refused": return settleLoad(message[1], (load) => load.reject(fromWire(message[2])));
      case "lost": return lose(fromWire(message[1]));
      default: return dispatch(listener, message);
    }
  };

  const worker = spawn(receive, (error) => lose(new WorkerLostError(`the worker failed: ${messageOf(error)}`)));
  const memory = suspension === "atomics" ? createMailbox() : undefined;
  const mailbox = memory && new MailboxWriter(memory, () => worker.post(["mail"], []));
  const send = (message: ToWorker, transfer = transferables(message)): void => {
    if (mailbox !== undefined) mailbox.post(message);
    else worker.post(message, transfer);
  };
  worker.post(["start", { module, suspension, mailbox: memory }], []);
  keepAlive();

  return {
    suspension,
    load(component, plan, modules, settings) {
      // Never through the mailbox, which cannot carry modules. Cloned: the plan is needed again for the next worker.
      worker.post(["load", component, plan, modules, settings], []);
      const loaded = new Promise<void>((resolve, reject) => loads.set(component, { resolve, reject }));
      keepAlive();
      return loaded;
    },
    unload: (...args) => send(["unload", ...args]),
    // Cloned: a call that is not taken up before the worker is lost is made again.
    invoke: (...args) => send(["invoke", ...args], []),
    trim: () => send(["trim"]),
    abort: (...args) => send(["abort", ...args]),
    push: (...args) => send(["push", ...args]),
    end: (...args) => send(["end", ...args]),
    credit: (...args) => send(["credit", ...args]),
    cancel: (...args) => send(["cancel", ...args]),
    reply: (...args) => send(["reply", ...args]),
    fail: (...args) => send(["fail", ...args]),
    responsive(milliseconds) {
      const id = ++lastPing;
      return new Promise((resolve) => {
        const answer = (answered: boolean): void => {
          clearTimeout(timer);
          pings.delete(id);
          resolve(answered);
        };
        const timer = setTimeout(() => answer(false), milliseconds);
        pings.set(id, () => answer(true));
        send(["ping", id]);
      });
    },
    busy(now) {
      busy = now;
      keepAlive();
    },
    close() {
      pings.forEach((answered) => answered());
      failLoads(new WorkerLostError("the worker was ended"));
      return worker.terminate();
    },
  };
}

type Event = Extract<FromWorker, [name: keyof EngineListener, ...rest: unknown[]]>;

function dispatch(listener: EngineListener, [name, ...args]: Event): void {
  (listener[name] as (...args: unknown[]) => void)(...args);
}
