/** An engine that runs: its client, and what was loaded into it. */

import type { SuspensionTier } from "../core.js";
import { EngineClient, type EngineOwner } from "./client.js";
import type { Deployment } from "./deployment.js";
import type { OpenPort } from "./port.js";
import type { EngineSlot } from "./slot.js";

/** Counts of instances; see `EngineEvents.stats`. */
export interface Instances {
  live: number;
  idle: number;
  created: number;
  restored: number;
  dropped: number;
}

/** An engine. */
export class RunningEngine {
  readonly client: EngineClient;
  /** How guests wait in it. */
  readonly suspension: SuspensionTier;
  /** Whether it is a worker. */
  readonly isWorker: boolean;
  /** Its instances. */
  instances: Instances = { live: 0, idle: 0, created: 0, restored: 0, dropped: 0 };
  /** Whether it has started. */
  ready = false;
  /** The place it runs in. */
  slot: EngineSlot | undefined;
  readonly #loads = new Map<number, Promise<void>>();
  readonly #loaded = new Set<number>();

  /** An engine that `open` starts. */
  constructor(open: OpenPort, owner: EngineOwner, suspension: SuspensionTier, isWorker: boolean) {
    this.suspension = suspension;
    this.isWorker = isWorker;
    this.client = new EngineClient(open, owner);
  }

  /** Whether a component has been loaded, and not only been sent. */
  has({ number }: Deployment): boolean {
    return this.#loaded.has(number);
  }

  /** Loads a component, where that has not been done. Commands that follow find it there. */
  load(deployment: Deployment): Promise<void> {
    const { number } = deployment;
    let loading = this.#loads.get(number);
    if (loading === undefined) {
      loading = this.#load(deployment);
      this.#loads.set(number, loading);
      // What was refused is refused anew next time, with its own error.
      loading.then(() => this.#loads.has(number) && this.#loaded.add(number), () => this.#loads.delete(number));
    }
    return loading;
  }

  /** Forgets a component. */
  unload({ number }: Deployment): void {
    this.#loaded.delete(number);
    if (this.#loads.delete(number)) this.client.unload(number);
  }

  async #load({ number, artifact, settings, served }: Deployment): Promise<void> {
    await this.client.load(number, artifact.plan, artifact.modules, settings);
    for (const { instance, provider } of served) this.client.serve(number, instance, provider);
  }
}
