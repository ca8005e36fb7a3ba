/** An engine on the calling thread: commands and events are direct calls. */

import type { Core, EngineEvents, EngineOutside, SuspensionTier } from "../core.js";
import { UnsupportedError } from "../errors.js";
import { guardOf } from "./guard.js";
import { LONGEST_TIMER } from "./timer.js";
import type { EngineListener, EnginePort } from "./port.js";

/** Starts an engine on this thread. */
export function openInline(core: Core, suspension: SuspensionTier, listener: EngineListener): EnginePort {
  const guard = guardOf(core);
  const unwatch = guard.onPanic((error) => listener.lost(error));
  let timer: ReturnType<typeof setTimeout> | undefined;
  const outside: EngineOutside = {
    ...eventsOf(listener),
    invoke: (...args) => (listener.invoke(...args), undefined),
    mayWait: () => true,
    wakeAt(milliseconds) {
      clearTimeout(timer);
      timer = setTimeout(() => guard.run(() => engine.wake()), Math.min(milliseconds, LONGEST_TIMER));
    },
    block() {
      throw new UnsupportedError("an inline engine cannot block its thread");
    },
  };
  const engine = guard.run(() => new core.Engine(outside, suspension));
  return {
    suspension,
    load: async (...args) => guard.run(() => engine.load(...args)),
    unload: (...args) => guard.run(() => engine.unload(...args)),
    invoke(call, ...args) {
      listener.began(call);
      guard.run(() => engine.invoke(call, ...args));
    },
    abort: (...args) => guard.run(() => engine.abort(...args)),
    push: (...args) => guard.run(() => engine.push(...args)),
    end: (...args) => guard.run(() => engine.end(...args)),
    credit: (...args) => guard.run(() => engine.credit(...args)),
    cancel: (...args) => guard.run(() => engine.cancel(...args)),
    reply: (...args) => guard.run(() => engine.reply(...args)),
    fail: (...args) => guard.run(() => engine.fail(...args)),
    serve: (...args) => guard.run(() => engine.serve(...args)),
    responsive: async () => true,
    busy: () => undefined,
    async close() {
      clearTimeout(timer);
      unwatch();
      if (guard.panic === undefined) guard.run(() => engine.free());
    },
  };
}

/** The events of a listener as functions for the core. */
function eventsOf(listener: EngineListener): EngineEvents {
  return {
    settled: shielded((...args) => listener.settled(...args)),
    failed: shielded((...args) => listener.failed(...args)),
    finished: shielded((...args) => listener.finished(...args)),
    push: shielded((...args) => listener.push(...args)),
    end: shielded((...args) => listener.end(...args)),
    credit: shielded((...args) => listener.credit(...args)),
    cancel: shielded((...args) => listener.cancel(...args)),
    log: shielded((...args) => listener.log(...args)),
    stdio: shielded((...args) => listener.stdio(...args)),
  };
}

/** A callback that throws (one that a user of the host wrote, say) must not tear through the core, which calls it. */
function shielded<A extends unknown[]>(callback: (...args: A) => void): (...args: A) => void {
  return (...args) => {
    try {
      callback(...args);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  };
}
