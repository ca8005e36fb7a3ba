/**
 * Starts, updates and stops the components of a host, and deploys them anew when their configs or links change.
 */

import type { PullOptions } from "../artifacts/options.js";
import type { Core } from "../core.js";
import { Artifact } from "../engine/artifact.js";
import type { CallContext } from "../engine/context.js";
import type { Deployment } from "../engine/deployment.js";
import type { Answer, Invocation } from "../engine/invocation.js";
import type { Lane } from "../engine/lane.js";
import type { EnginePool } from "../engine/pool.js";
import { sourceOf } from "../engine/source.js";
import { abortedBy, AbortedError, InvalidArgumentError, NotFoundError, StoppedError, TrellisError } from "../errors.js";
import { KEYVALUE, type KeyValueProvider, servedAs } from "../providers/keyvalue.js";
import { type ComponentSource, isPrecompiled, type Places, readSource, referenceOf } from "./bytes.js";
import { Component, type Placement, settingsOf } from "./component.js";
import { BUS } from "./guest-interfaces.js";
import type { Config, LatticeView } from "./lattice.js";
import { DEFAULT_LINK } from "./links.js";
import type { ComponentMeter, HostMeter } from "./meter.js";
import { withoutVersion } from "./names.js";
import type { Router } from "./router.js";

/** What a runner works with. */
export interface RunnerParts {
  core: Core;
  pool: EnginePool;
  meter: HostMeter;
  router: Router;
  view: LatticeView;
  keyvalue: KeyValueProvider;
  places: Places;
}

/** What a component that runs is deployed anew with: until then, and where that fails, it sees what it saw. */
export interface Renewal {
  /** Its named configs as one. */
  readonly config: Config;
  /** Has the lattice's view tell what is new, in the moment in which the new deployment takes its calls. */
  enact(): void;
}

/** Runs components. */
export class Runner {
  readonly #parts: RunnerParts;
  #last = 0;
  #closing: Promise<void> | undefined;

  /** A runner without components. */
  constructor(parts: RunnerParts) {
    this.#parts = parts;
  }

  /** Starts a component. */
  async start(placement: Placement, source: ComponentSource, pull: PullOptions, reference = referenceOf(source)): Promise<Component> {
    const { router, pool } = this.#parts;
    const { id, limits } = placement;
    router.reserve(id);
    router.starting.add(id);
    try {
      const config = this.#config(placement, true);
      pool.prepare(placement.isolation);
      const artifact = await this.#artifact(placement, source, pull);
      const meter = this.#parts.meter.component(id, limits);
      const lane = this.#lane(placement, artifact);
      const deployment = await this.#deploy(lane, placement, meter, artifact, config);
      const component = new Component(placement, reference, meter, lane, deployment);
      await this.#admit(component, pull.signal);
      return component;
    } finally {
      router.starting.delete(id);
    }
  }

  /** Gives a component new code. */
  async update(
    id: string, source: ComponentSource, signal: AbortSignal | undefined, reference = referenceOf(source), renewal?: Renewal,
  ): Promise<void> {
    const component = this.#parts.router.component(id);
    const { placement, meter, lane } = component;
    const artifact = await this.#artifact(placement, source, { signal });
    await component.replace(async () => {
      if (signal?.aborted) throw abortedBy(signal);
      const deployment = await this.#deploy(lane, placement, meter, artifact, this.#config(placement, false, renewal?.config));
      if (!component.stopped) renewal?.enact();
      return deployment;
    });
    component.reference = reference;
  }

  /** Has a component run in another way: new calls find it so, calls in flight end as they began. */
  async replace(placement: Placement, renewal?: Renewal): Promise<void> {
    const { router } = this.#parts;
    const { id, limits } = placement;
    const old = router.component(id);
    const { artifact, meter, reference } = old;
    const lane = this.#lane(placement, artifact);
    const deployment = await this.#deploy(lane, placement, meter, artifact, this.#config(placement, false, renewal?.config));
    if (router.components.get(id) !== old) {
      lane.unload(deployment);
      throw new NotFoundError(`${id} has been stopped`);
    }
    renewal?.enact();
    meter.limits = limits;
    const component = new Component(placement, reference, meter, lane, deployment);
    router.components.set(id, component);
    void old.stop();
    await this.#refresh(component);
  }

  /** Stops a component; gives its calls up when `signal` aborts. */
  async stop(id: string, signal: AbortSignal | undefined): Promise<Component> {
    const component = this.#parts.router.component(id);
    this.#parts.router.components.delete(id);
    const abort = (): void => component.giveUp(new AbortedError(`${id} has been stopped`));
    signal?.addEventListener("abort", abort);
    await component.stop();
    signal?.removeEventListener("abort", abort);
    return component;
  }

  /** Stops all components, and starts no more. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  /** The links of a component have changed: what is served within the core may have to change with them. */
  async linksChanged(id: string): Promise<void> {
    const component = this.#parts.router.components.get(id);
    if (component !== undefined) await this.#refresh(component);
  }

  /** A config has changed: who uses it is to see that from the next call on. */
  async configChanged(name: string): Promise<void> {
    const users = [...this.#parts.router.components.values()].filter(({ placement: { options } }) =>
      Array.isArray(options.config) && options.config.includes(name));
    await Promise.all(users.map((component) => this.#refresh(component)));
  }

  /** A guest of a deployment calls an import. */
  async guestCalls(number: number, invocation: Invocation, context: CallContext): Promise<Answer> {
    const meter = this.#owner(number);
    const answer = await this.#parts.router.route(meter.id, invocation, context);
    try {
      meter.checkMessage(`the results of ${invocation.func} of ${invocation.instance}`, answer.results);
      return answer;
    } catch (error) {
      answer.channels?.forEach(({ body }) => sourceOf(body).cancel(error));
      throw error;
    }
  }

  async #close(): Promise<void> {
    const { components } = this.#parts.router;
    const stopping = [...components.values()].map((component) => component.stop());
    components.clear();
    await Promise.all(stopping);
  }

  #owner(number: number): ComponentMeter {
    const owner = this.#parts.meter.owner(number);
    if (owner === undefined) throw new AbortedError("the component is gone");
    return owner;
  }

  /** Lets a component that has been loaded take calls, unless it is too late for that. */
  async #admit(component: Component, signal: AbortSignal | undefined): Promise<void> {
    const { router, view } = this.#parts;
    const { id } = component.placement;
    try {
      await view.register(id, component.reference);
      if (signal?.aborted) throw abortedBy(signal);
      if (this.#closing !== undefined) throw new StoppedError("the host is stopped");
      router.components.set(id, component);
      // Configs and links may have changed while it was not to be found yet.
      await this.#refresh(component);
    } catch (error) {
      if (router.components.get(id) === component) router.components.delete(id);
      void component.stop();
      throw error;
    }
  }

  /** Deploys a component anew where its config or what is served to it differs from what it was deployed with. */
  async #refresh(component: Component): Promise<void> {
    const { placement, meter, lane } = component;
    const refreshed = component.replace(async () => {
      const config = this.#config(placement, false);
      const wanted = variable(settingsOf(placement, config).config, this.#served(placement, component.artifact));
      const { settings, served } = component.deployment;
      return wanted === variable(settings.config, served) ? undefined : this.#deploy(lane, placement, meter, component.artifact, config);
    });
    await refreshed.catch((error: unknown) => {
      // Who is gone needs no refreshing.
      if (!component.stopped) throw error;
    });
  }

  async #artifact({ limits }: Placement, source: ComponentSource, pull: PullOptions): Promise<Artifact> {
    const { signal } = pull;
    if (signal?.aborted) throw abortedBy(signal);
    const metered = limits.fuel < Infinity;
    if (isPrecompiled(source)) {
      if (metered && !source.metered) throw new InvalidArgumentError("fuel: the component was compiled without { metered: true }");
      return Artifact.precompiled(source);
    }
    try {
      const bytes = await readSource(source, this.#parts.places, pull);
      return await Artifact.compile(this.#parts.core, bytes, metered);
    } catch (error) {
      throw signal?.aborted && !(error instanceof TrellisError) ? abortedBy(signal) : error;
    }
  }

  #lane({ isolation, options, limits }: Placement, { trust }: Artifact): Lane {
    return this.#parts.pool.lane({ isolation, keeps: options.reuse === true, limits, trust });
  }

  async #deploy(lane: Lane, placement: Placement, owner: ComponentMeter, artifact: Artifact, config: Config): Promise<Deployment> {
    const { meter } = this.#parts;
    const number = ++this.#last;
    const { limits } = placement;
    const deployment = { number, artifact, limits, settings: settingsOf(placement, config), served: this.#served(placement, artifact) };
    meter.assign(number, owner);
    try {
      await lane.load(deployment);
      return deployment;
    } catch (error) {
      meter.release(number);
      throw error;
    }
  }

  #config({ id, options: { config = {} } }: Placement, starting: boolean, named?: Config): Config {
    return isNames(config) ? named ?? this.#parts.view.config(id, config, starting) : config;
  }

  /** What the core answers itself. A component that chooses its links in each call is answered by the router. */
  #served({ id, isolation }: Placement, { inspection }: Artifact): Deployment["served"] {
    if (isolation !== "inline" || inspection?.imports.some(({ name }) => withoutVersion(name) === BUS)) return [];
    const links = this.#parts.view.links(id).filter((link) =>
      link.target === KEYVALUE && link.name === DEFAULT_LINK && `${link.wit_namespace}:${link.wit_package}` === "wasi:keyvalue");
    const provider = this.#parts.keyvalue.store;
    return links.flatMap((link) => link.interfaces).map((name) => ({ instance: servedAs(name), provider }));
  }
}

/** What of a deployment can change while the code stays, as text to be compared. */
function variable(config: Deployment["settings"]["config"], served: Deployment["served"]): string {
  return JSON.stringify([config, served.map((each) => each.instance)]);
}

function isNames(config: Config | readonly string[]): config is readonly string[] {
  return Array.isArray(config);
}
