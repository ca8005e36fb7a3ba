/** An engine that runs: its client, and what was loaded into it. */

import type { SuspensionTier } from "../core.js";
import { messageOf, TrellisError, WorkerLostError } from "../errors.js";
import { EngineClient, type EngineOwner, NotBegun } from "./client.js";
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
  /** Since when it has had no calls, where it has none: a time of `performance.now()`. */
  idleSince = performance.now();
  /** Whether nothing idle is left in it from its calls. */
  trimmed = true;
  readonly #loads = new Map<number, Promise<void>>();
  readonly #loaded = new Set<number>();
  readonly #refusals = new Map<number, TrellisError>();

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

  /** Why it has refused a component, the last time that it was to load it. */
  refusal({ number }: Deployment): TrellisError | undefined {
    return this.#refusals.get(number);
  }

  /** It has no more calls. */
  rest(): void {
    this.idleSince = performance.now();
    this.trimmed = false;
  }

  /** Drops its idle instances: those that keep state only with `all`. */
  trim(all: boolean): void {
    this.trimmed = true;
    this.client.trim(all);
  }

  /** Loads a component, where that has not been done. Commands that follow find it there. */
  load(deployment: Deployment): Promise<void> {
    const { number } = deployment;
    let loading = this.#loads.get(number);
    if (loading === undefined) {
      loading = this.#load(deployment);
      this.#loads.set(number, loading);
      this.#refusals.delete(number);
      loading.then(() => this.#loads.has(number) && this.#loaded.add(number), (error: unknown) => this.#refused(number, error));
    }
    return loading;
  }

  /** Forgets a component. */
  unload({ number }: Deployment): void {
    this.#loaded.delete(number);
    this.#refusals.delete(number);
    if (this.#loads.delete(number)) this.client.unload(number);
  }

  /** What was refused is refused anew next time, with its own error. */
  #refused(number: number, error: unknown): void {
    if (this.#loads.delete(number) && !(error instanceof NotBegun)) this.#refusals.set(number, typed(error));
  }

  async #load({ number, artifact, settings, served }: Deployment): Promise<void> {
    artifact.memories = await this.client.load(number, artifact.plan, artifact.modules, settings);
    for (const { instance, provider } of served) this.client.serve(number, instance, provider);
  }
}

function typed(error: unknown): TrellisError {
  return error instanceof TrellisError ? error : new WorkerLostError(`the component cannot be loaded: ${messageOf(error)}`, { cause: error });
}
