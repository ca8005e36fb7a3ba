/**
 * One place where engines run: starts an engine when it is needed, loads components into it, and puts a new one in its
 * place when it is lost. Calls that a lost engine had not taken up are made again on the new one.
 */

import type { ComponentSettings, CoreKeyValue } from "../core.js";
import { type TrellisError, WorkerLostError } from "../errors.js";
import type { Artifact } from "./artifact.js";
import { EngineClient, type EngineHost, NotBegun } from "./client.js";
import type { CallContext } from "./context.js";
import type { Invocation, Outcome } from "./invocation.js";
import type { OpenPort } from "./port.js";

/** A component as engines are to load it. */
export interface Deployment {
  /** Its number on every port. */
  readonly number: number;
  readonly artifact: Artifact;
  readonly settings: ComponentSettings;
  /** Providers of the core that answer its imports, where it runs inline. */
  readonly served: readonly { instance: string; provider: CoreKeyValue }[];
}

/** So often a call is made anew before its engine counts as broken. */
const ATTEMPTS = 4;

interface Running {
  client: EngineClient;
  loaded: Map<number, Promise<void>>;
  /** Resolves when what ran on the engine before this one is loaded: a blocked worker could not load it later. */
  restored: Promise<unknown>;
}

/** A place for engines. */
export class EngineSlot {
  readonly #open: OpenPort;
  readonly #host: Omit<EngineHost, "lost">;
  readonly #deployments = new Map<number, Deployment>();
  #running: Running | undefined;
  #closed: TrellisError | undefined;

  /** A place whose engines `open` starts. */
  constructor(open: OpenPort, host: Omit<EngineHost, "lost">) {
    this.#open = open;
    this.#host = host;
  }

  /** Loads a component, where that has not been done. */
  async load(deployment: Deployment): Promise<void> {
    await this.#loaded(this.#run(), deployment);
    this.#deployments.set(deployment.number, deployment);
  }

  /** Forgets a component. */
  unload({ number }: Deployment): void {
    this.#deployments.delete(number);
    if (this.#running?.loaded.delete(number)) this.#running.client.unload(number);
  }

  /** Calls a component. */
  async invoke(deployment: Deployment, invocation: Invocation, context: CallContext): Promise<Outcome> {
    for (let attempt = 1; ; attempt++) {
      try {
        const running = this.#run();
        await running.restored;
        await this.#loaded(running, deployment);
        return await running.client.invoke(deployment.number, invocation, context);
      } catch (error) {
        if (!(error instanceof NotBegun)) throw error;
        if (attempt >= ATTEMPTS) throw new WorkerLostError(`the worker was lost ${attempt} times before the call began`);
      }
    }
  }

  /** Ends the engine; its calls fail with `error`. */
  async close(error: TrellisError): Promise<void> {
    this.#closed = error;
    const running = this.#running;
    this.#running = undefined;
    await running?.client.close(error);
  }

  #run(): Running {
    if (this.#closed !== undefined) throw this.#closed;
    if (this.#running !== undefined) return this.#running;
    const host: EngineHost = { ...this.#host, lost: (error) => this.#lost(running, error) };
    const client = new EngineClient(this.#open, host);
    const running: Running = { client, loaded: new Map(), restored: Promise.resolve() };
    this.#running = running;
    // Who calls one that is refused now gets its error then.
    running.restored = Promise.allSettled([...this.#deployments.values()].map((each) => this.#loaded(running, each)));
    return running;
  }

  #lost(running: Running, error: TrellisError): void {
    if (this.#running === running) this.#running = undefined;
    void running.client.close(error);
  }

  async #loaded(running: Running, deployment: Deployment): Promise<void> {
    const { number } = deployment;
    let loading = running.loaded.get(number);
    if (loading === undefined) {
      loading = this.#load(running, deployment);
      running.loaded.set(number, loading);
      // What was refused is refused anew next time, with its own error.
      loading.catch(() => running.loaded.delete(number));
    }
    await loading;
  }

  async #load({ client }: Running, { number, artifact, settings, served }: Deployment): Promise<void> {
    await client.load(number, artifact.plan, artifact.modules, settings);
    for (const { instance, provider } of served) client.serve(number, instance, provider);
  }
}
