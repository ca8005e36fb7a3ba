/** An engine on the calling thread: commands and events are direct calls. */

import type { Core, EngineEvents, EngineOutside, SuspensionTier } from "../core.js";
import { PanicError, UnsupportedError } from "../errors.js";
import { guardOf } from "./guard.js";
import { LONGEST_TIMER } from "./timer.js";
import type { Share } from "./platform.js";
import type { EngineListener, EnginePort } from "./port.js";
import { shielded } from "./shielded.js";

/** Starts an engine on this thread. */
export function openInline(core: Core, suspension: SuspensionTier, share: Share, listener: EngineListener): EnginePort {
  const guard = guardOf(core);
  const unwatch = guard.onPanic((error) => listener.lost(error));
  let timer: ReturnType<typeof setTimeout> | undefined;
  let busy = false;
  let closed = false;
  /** What a guest has waited for is no reason to keep a process alive when its call is over. */
  const keepAlive = (): void => {
    const waiting = timer as { ref?(): void; unref?(): void } | undefined;
    if (busy) waiting?.ref?.();
    else waiting?.unref?.();
  };
  // Of a panic everybody hears by `lost`; it must not tear through the timer or listener that gave the command.
  const command = (carryOut: () => void): void => {
    try {
      guard.run(carryOut);
    } catch (error) {
      if (!(error instanceof PanicError)) throw error;
    }
  };
  const outside: EngineOutside = {
    ...eventsOf(listener),
    failed: shielded((call, error) => {
      listener.failed(call, error);
      guard.hear(error);
    }),
    invoke: (...args) => (listener.invoke(...args), undefined),
    mayWait: () => true,
    soon: () => queueMicrotask(() => command(() => closed || engine.run())),
    wakeAt(milliseconds) {
      clearTimeout(timer);
      timer = setTimeout(() => command(() => engine.wake()), Math.min(milliseconds, LONGEST_TIMER));
      keepAlive();
    },
    block() {
      throw new UnsupportedError("an inline engine cannot block its thread");
    },
  };
  const engine = guard.run(() => new core.Engine(outside, suspension, share.memories, share.pages));
  queueMicrotask(() => closed || listener.ready());
  return {
    suspension,
    load: async (...args) => guard.run(() => engine.load(...args)),
    unload: (...args) => command(() => engine.unload(...args)),
    trim: (...args) => command(() => engine.trim(...args)),
    invoke: (...args) => command(() => engine.invoke(...args)),
    abort: (...args) => command(() => engine.abort(...args)),
    push: (...args) => command(() => engine.push(...args)),
    end: (...args) => command(() => engine.end(...args)),
    credit: (...args) => command(() => engine.credit(...args)),
    cancel: (...args) => command(() => engine.cancel(...args)),
    reply: (...args) => command(() => engine.reply(...args)),
    fail: (...args) => command(() => engine.fail(...args)),
    serve: (...args) => guard.run(() => engine.serve(...args)),
    responsive: async () => true,
    busy(now) {
      busy = now;
      keepAlive();
    },
    // What it says is heard at once.
    hear: () => undefined,
    seal: () => undefined,
    async close() {
      closed = true;
      clearTimeout(timer);
      unwatch();
      if (guard.panic === undefined) guard.run(() => engine.free());
    },
  };
}

/** The events of a listener as functions for the core. */
function eventsOf(listener: EngineListener): Omit<EngineEvents, "failed"> {
  return {
    began: shielded((...args) => listener.began(...args)),
    settled: shielded((...args) => listener.settled(...args)),
    returned: shielded((...args) => listener.returned(...args)),
    finished: shielded((...args) => listener.finished(...args)),
    push: shielded((...args) => listener.push(...args)),
    end: shielded((...args) => listener.end(...args)),
    credit: shielded((...args) => listener.credit(...args)),
    cancel: shielded((...args) => listener.cancel(...args)),
    log: shielded((...args) => listener.log(...args)),
    stdio: shielded((...args) => listener.stdio(...args)),
    struck: shielded((...args) => listener.struck(...args)),
    stats: shielded((...args) => listener.stats(...args)),
  };
}
