/**
 * One place where engines run: starts an engine when it is needed, loads components into it, and puts a new one in its
 * place when it is lost. What a lost engine had not taken up, calls and components to load, goes to the new one.
 */

import type { ComponentSettings, CoreKeyValue } from "../core.js";
import { type TrellisError, WorkerLostError } from "../errors.js";
import type { Limits } from "../host/limits.js";
import type { Artifact } from "./artifact.js";
import { EngineClient, type EngineHost, NotBegun } from "./client.js";
import type { CallContext } from "./context.js";
import { held, type Invocation, type Outcome } from "./invocation.js";
import { sourceOf } from "./source.js";
import type { OpenPort } from "./port.js";

/** A component as engines are to load it. */
export interface Deployment {
  /** Its number on every port. */
  readonly number: number;
  readonly artifact: Artifact;
  readonly settings: ComponentSettings;
  /** What it may take. */
  readonly limits: Limits;
  /** Providers of the core that answer its imports, where it runs inline. */
  readonly served: readonly { instance: string; provider: CoreKeyValue }[];
}

/** So many engines are tried before the place counts as broken. */
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
    await this.#retried((running) => this.#loaded(running, deployment));
    this.#deployments.set(deployment.number, deployment);
  }

  /** Forgets a component. */
  unload({ number }: Deployment): void {
    this.#deployments.delete(number);
    if (this.#running?.loaded.delete(number)) this.#running.client.unload(number);
  }

  /** Calls a component. */
  async invoke(deployment: Deployment, invocation: Invocation, context: CallContext): Promise<Outcome> {
    const channels = invocation.channels.map(held);
    try {
      return await this.#retried(async (running) => {
        await running.restored;
        await this.#loaded(running, deployment);
        return running.client.invoke(deployment.number, { ...invocation, channels }, context);
      });
    } catch (error) {
      channels.forEach(({ body }) => sourceOf(body).cancel(error));
      throw error;
    }
  }

  /** Gives up the calls of a component. */
  giveUp({ number }: Deployment, error: TrellisError): void {
    this.#running?.client.giveUpAll(number, error);
  }

  /** Ends the engine; its calls fail with `error`. */
  async close(error: TrellisError): Promise<void> {
    this.#closed = error;
    const running = this.#running;
    this.#running = undefined;
    await running?.client.close(error);
  }

  /** Does something on the engine, and on the next one where the engine is lost before it has begun. */
  async #retried<T>(act: (running: Running) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await act(this.#run());
      } catch (error) {
        if (!(error instanceof NotBegun)) throw error;
        if (attempt < ATTEMPTS) continue;
        throw new WorkerLostError(`the worker was lost ${attempt} times before it had begun: ${error.cause.message}`, error);
      }
    }
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
