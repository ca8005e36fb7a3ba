/**
 * How guests can wait on this platform, decided by looking at what it has: JSPI suspends a guest and nothing else; a
 * worker with shared memory can block its thread instead; without either, a guest that has to wait fails.
 */

import type { SuspensionTier } from "../core.js";
import type { Isolation } from "./isolation.js";

/** How guests wait, and why not better. */
export interface Tier {
  /** The way. */
  tier: SuspensionTier;
  /** What was found, in a sentence. */
  why: string;
}

/** The tier of engines in a worker or inline. */
export function findTier(isolation: Isolation): Tier {
  if (hasJspi()) return { tier: "jspi", why: "WebAssembly.Suspending and WebAssembly.promising are here" };
  if (isolation === "inline") {
    return { tier: "none", why: "there is no JSPI, and inline guests must not block the thread they share" };
  }
  if (hasSharedMemory()) return { tier: "atomics", why: "there is no JSPI; guests block their worker by Atomics.wait" };
  return { tier: "none", why: "there is neither JSPI nor shared memory (a page needs COOP and COEP headers for it)" };
}

function hasJspi(): boolean {
  return "Suspending" in WebAssembly && "promising" in WebAssembly;
}

/** Whether workers can share memory with the host. */
export function hasSharedMemory(): boolean {
  const { crossOriginIsolated } = globalThis as { crossOriginIsolated?: boolean };
  return typeof SharedArrayBuffer === "function" && crossOriginIsolated !== false;
}
