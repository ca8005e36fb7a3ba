/**
 * The engines of a host: for now one inline and one in a worker, each started when the first component asks for it.
 * Nobody else knows how many there are.
 */

import type { Core, SuspensionTier } from "../core.js";
import { StoppedError, type TrellisError } from "../errors.js";
import type { Totals } from "../host/limits.js";
import type { EngineMetrics } from "../host/metrics.js";
import type { EngineHost } from "./client.js";
import { openInline } from "./inline.js";
import type { SpawnWorker } from "./messages.js";
import { EngineSlot } from "./slot.js";
import { findTier, type Tier } from "./tier.js";
import { openWorker } from "./worker.js";

/** Where a guest runs: in a worker that can be ended, or on the thread of the host. */
export type Isolation = "worker" | "inline";

/** What a pool needs. */
export interface PoolOptions {
  core: Core;
  /** The compiled core, for workers. */
  module: WebAssembly.Module;
  /** Starts a worker of the platform. */
  spawn: SpawnWorker;
  /** Instead of what the platform has. */
  suspension: SuspensionTier | undefined;
  /** What all engines together may take. */
  limits: Totals;
  host: Omit<EngineHost, "lost">;
}

/** The engines of a host. */
export class EnginePool {
  readonly #options: PoolOptions;
  readonly #slots = new Map<Isolation, EngineSlot>();
  #closed = false;

  /** A pool without engines yet. */
  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** How guests wait there. */
  tier(isolation: Isolation): Tier {
    const { suspension } = this.#options;
    return suspension === undefined ? findTier(isolation) : { tier: suspension, why: "the host's options say so" };
  }

  /** The place for a component. */
  slot(isolation: Isolation): EngineSlot {
    if (this.#closed) throw new StoppedError("the host is stopped");
    let slot = this.#slots.get(isolation);
    if (slot === undefined) this.#slots.set(isolation, (slot = this.#open(isolation)));
    return slot;
  }

  /** What its engines are made of. */
  metrics(): EngineMetrics {
    const live = this.#slots.has("worker") ? 1 : 0;
    const instances = { live: 0, idle: 0, created: 0, restored: 0, dropped: 0 };
    return { workers: { live, spare: 0, lost: 0, started: live }, instances };
  }

  /** Ends all engines; their calls fail with `error`. */
  async close(error: TrellisError): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#slots.values()].map((slot) => slot.close(error)));
  }

  #open(isolation: Isolation): EngineSlot {
    const { core, module, spawn, host } = this.#options;
    const { tier } = this.tier(isolation);
    if (isolation === "inline") return new EngineSlot((listener) => openInline(core, tier, listener), host);
    return new EngineSlot((listener) => openWorker(spawn, module, tier, listener), host);
  }
}
