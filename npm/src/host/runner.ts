/**
 * Starts, updates and stops the components of a host, and deploys them anew when their configs or links change.
 */

import type { Core } from "../core.js";
import { Artifact } from "../engine/artifact.js";
import type { CallContext } from "../engine/context.js";
import type { Answer, Invocation } from "../engine/invocation.js";
import type { EnginePool } from "../engine/pool.js";
import type { Deployment } from "../engine/slot.js";
import { abortedBy, AbortedError, TrellisError } from "../errors.js";
import { KEYVALUE, type KeyValueProvider, servedAs } from "../providers/keyvalue.js";
import { type ComponentSource, isPrecompiled, type ReadFile, readSource, referenceOf } from "./bytes.js";
import { Component, type Placement, settingsOf } from "./component.js";
import { DEFAULT_LINK } from "./links.js";
import type { Router } from "./router.js";
import type { Config, LatticeStore } from "./store.js";

/** What a runner works with. */
export interface RunnerParts {
  core: Core;
  pool: EnginePool;
  router: Router;
  store: LatticeStore;
  keyvalue: KeyValueProvider;
  readFile: ReadFile | undefined;
}

/** Runs components. */
export class Runner {
  readonly #parts: RunnerParts;
  /** Component ids by the numbers of their deployments. */
  readonly #ids = new Map<number, string>();
  readonly #starting = new Set<string>();
  #last = 0;

  /** A runner without components. */
  constructor(parts: RunnerParts) {
    this.#parts = parts;
  }

  /** Starts a component. */
  async start(placement: Placement, source: ComponentSource, signal: AbortSignal | undefined): Promise<Component> {
    const { router, pool, store } = this.#parts;
    const { id } = placement;
    router.reserve(id);
    if (this.#starting.has(id)) router.reserve(id);
    this.#starting.add(id);
    try {
      const config = this.#config(placement, true);
      const artifact = await this.#artifact(source, signal);
      const deployment = this.#deployment(placement, artifact, config);
      const component = await Component.start(placement, referenceOf(source), pool.slot(placement.isolation), deployment);
      if (signal?.aborted) throw abortedBy(signal);
      await store.register(id, component.reference);
      router.components.set(id, component);
      return component;
    } finally {
      this.#starting.delete(id);
    }
  }

  /** Gives a component new code. */
  async update(id: string, source: ComponentSource, signal: AbortSignal | undefined): Promise<void> {
    const component = this.#parts.router.component(id);
    const artifact = await this.#artifact(source, signal);
    await component.replace(this.#deployment(component.placement, artifact, this.#config(component.placement, false)));
    component.reference = referenceOf(source);
  }

  /** Stops a component. */
  async stop(id: string): Promise<Component> {
    const component = this.#parts.router.component(id);
    this.#parts.router.components.delete(id);
    await component.stop();
    return component;
  }

  /** The links of a component have changed: what is served within the core may have to change with them. */
  async linksChanged(id: string): Promise<void> {
    const component = this.#parts.router.components.get(id);
    if (component === undefined) return;
    const served = this.#served(component.placement).map((each) => each.instance).join();
    if (served !== component.deployment.served.map((each) => each.instance).join()) await this.#redeploy(component);
  }

  /** A config has changed: who uses it is to see that from the next call on. */
  async configChanged(name: string): Promise<void> {
    const users = [...this.#parts.router.components.values()].filter(({ placement: { options } }) =>
      Array.isArray(options.config) && options.config.includes(name));
    await Promise.all(users.map((component) => this.#redeploy(component)));
  }

  /** A guest of a deployment calls an import. */
  async guestCalls(number: number, invocation: Invocation, context: CallContext): Promise<Answer> {
    return this.#parts.router.route(this.idOf(number), invocation, context);
  }

  /** The component that a deployment belongs to. */
  idOf(number: number): string {
    const id = this.#ids.get(number);
    if (id === undefined) throw new AbortedError("the component is gone");
    return id;
  }

  async #redeploy(component: Component): Promise<void> {
    const { placement, artifact } = component;
    await component.replace(this.#deployment(placement, artifact, this.#config(placement, false)));
  }

  async #artifact(source: ComponentSource, signal: AbortSignal | undefined): Promise<Artifact> {
    if (signal?.aborted) throw abortedBy(signal);
    if (isPrecompiled(source)) return Artifact.precompiled(source);
    try {
      const bytes = await readSource(source, this.#parts.readFile, signal);
      return await Artifact.compile(this.#parts.core, bytes);
    } catch (error) {
      throw signal?.aborted && !(error instanceof TrellisError) ? abortedBy(signal) : error;
    }
  }

  #deployment(placement: Placement, artifact: Artifact, config: Config): Deployment {
    const number = ++this.#last;
    this.#ids.set(number, placement.id);
    return { number, artifact, settings: settingsOf(placement, config), served: this.#served(placement) };
  }

  #config({ options: { config = {} } }: Placement, starting: boolean): Config {
    if (!isNames(config)) return config;
    return starting ? this.#parts.store.merged(config) : this.#parts.store.mergedNow(config);
  }

  #served({ id, isolation }: Placement): Deployment["served"] {
    if (isolation !== "inline") return [];
    const links = this.#parts.store.links(id).filter((link) =>
      link.target === KEYVALUE && link.name === DEFAULT_LINK && `${link.wit_namespace}:${link.wit_package}` === "wasi:keyvalue");
    const provider = this.#parts.keyvalue.store;
    return links.flatMap((link) => link.interfaces).map((name) => ({ instance: servedAs(name), provider }));
  }
}

function isNames(config: Config | readonly string[]): config is readonly string[] {
  return Array.isArray(config);
}
