/**
 * A host as a member of a lattice. What the host's own program asks for takes the same way as commands of the control
 * interface: to the member, which decides, and back here to be carried out. Facts: the lattice protocol 1.x, sections 1
 * to 5.
 */

import type { PullOptions } from "../artifacts/options.js";
import type { ArtifactStore } from "../artifacts/store.js";
import type { Isolation } from "../engine/isolation.js";
import { AbortedError, abortedBy, messageOf } from "../errors.js";
import { type ComponentSource, type Places, referenceOf } from "../host/bytes.js";
import type { Placement } from "../host/component.js";
import type { Config, Lattice } from "../host/lattice.js";
import type { ComponentLimits } from "../host/limits.js";
import { DEFAULT_LINK, interfacesOf, type Link, type UnlinkSpec } from "../host/links.js";
import type { Router } from "../host/router.js";
import type { Runner } from "../host/runner.js";
import type { Provider } from "../providers/provider.js";
import type { BusCalls } from "./calls.js";
import type { MemberOutside } from "./core.js";
import { type Decisions, Driver, type DriverParts } from "./driver.js";
import type { FullPolicyOptions } from "./options.js";
import type { Order } from "./orders.js";
import { Policy } from "./policy.js";
import { providerReference, Providers } from "./providers.js";
import { Secrets } from "./secrets.js";
import { Tasks } from "./tasks.js";
import type { MemberView, ResolvedLink } from "./view.js";
import { type Workload, Workloads } from "./workloads.js";

/** What a membership works with. */
export interface MembershipParts extends DriverParts {
  view: MemberView;
  artifacts: ArtifactStore;
  places: Places;
  router: Router;
  runner: Runner;
  calls: BusCalls;
  /** Resolves when all that is served can be called. */
  callable: () => Promise<void>;
  issuers: readonly string[] | undefined;
  limits: ComponentLimits;
  policy: FullPolicyOptions | undefined;
  secretsTopic: string | undefined;
  isolation: Isolation;
  deadline: number;
}

/** The most instances, or milliseconds, that a member can be told of: a number of 32 bits. */
const MANY = 2 ** 32 - 1;

/** A host's membership. */
export class Membership implements Lattice {
  readonly #parts: MembershipParts;
  readonly #driver: Driver;
  readonly #policy: Policy | undefined;
  readonly #secrets: Secrets;
  readonly #tasks: Tasks;
  readonly #workloads: Workloads;
  readonly #providers: Providers;
  /** What changes of links and configs still bring about in running components. */
  readonly #refreshing = new Set<Promise<unknown>>();
  #sources = 0;

  /** Becomes a member. */
  static async join(parts: MembershipParts): Promise<Membership> {
    const membership = new Membership(parts);
    await membership.#driver.join();
    // Those that every host has.
    await Promise.all([...parts.router.providers].map(([id, provider]) => membership.provided(id, provider)));
    return membership;
  }

  private constructor(parts: MembershipParts) {
    this.#parts = parts;
    this.#driver = new Driver(parts, this.#decisions());
    this.#tasks = new Tasks((act) => this.#driver.tell(act));
    const policy = parts.policy && new Policy(parts, parts.policy);
    this.#policy = policy;
    this.#secrets = new Secrets(parts);
    this.#workloads = new Workloads({ ...parts, policy, secrets: this.#secrets });
    if (policy !== undefined) parts.router.permit = (source, id, invocation) => this.#workloads.permit(policy, source, id, invocation);
    this.#providers = new Providers({ ...parts, tell: (act) => this.#driver.tell(act) });
  }

  get labels(): Readonly<Record<string, string>> {
    return this.#driver.labels;
  }

  get ended(): Promise<void> {
    return this.#driver.ended;
  }

  async start(placement: Placement, source: ComponentSource, pull: PullOptions): Promise<void> {
    const { id, options: { config }, limits } = placement;
    const { router } = this.#parts;
    router.reserve(id);
    const reference = referenceOf(source) || this.#ownReference();
    const count = Math.min(limits.maxInstances, MANY);
    const scale = { component_id: id, component_ref: reference, count, config: Array.isArray(config) ? config : [] };
    router.expected.add(id);
    try {
      await this.#order(id, { reference, source, pull, placement }, { scale });
    } finally {
      router.expected.delete(id);
    }
  }

  async stop(id: string, signal: AbortSignal | undefined): Promise<void> {
    const component = this.#parts.router.component(id);
    const giveUp = (): void => component.giveUp(new AbortedError(`${id} has been stopped`));
    signal?.addEventListener("abort", giveUp);
    try {
      await this.#command({ scale: { component_id: id, component_ref: component.reference, count: 0 } });
    } finally {
      signal?.removeEventListener("abort", giveUp);
    }
  }

  async update(id: string, source: ComponentSource, signal: AbortSignal | undefined): Promise<void> {
    const running = this.#parts.router.component(id);
    const reference = referenceOf(source) || this.#ownReference();
    // For the lattice that would be no change; for who develops a component it is one.
    if (reference === running.reference) return this.#parts.runner.update(id, source, signal);
    await this.#order(id, { reference, source, pull: { signal } }, { update: { component_id: id, new_component_ref: reference } });
  }

  async link(link: Link): Promise<void> {
    await this.#command({ putLink: link });
  }

  async unlink(spec: UnlinkSpec): Promise<void> {
    const { namespace, packageName, interfaces } = interfacesOf(spec);
    const key = { source_id: spec.source, name: spec.name ?? DEFAULT_LINK, wit_namespace: namespace, wit_package: packageName };
    await this.#command({ deleteLink: { key, interfaces } });
  }

  async putConfig(name: string, config: Config): Promise<void> {
    await this.#command({ putConfig: { name, config } });
  }

  async getConfig(name: string): Promise<Config | undefined> {
    const json = await this.#command({ getConfig: { name } });
    return json === undefined ? undefined : JSON.parse(json) as Config;
  }

  async deleteConfig(name: string): Promise<void> {
    await this.#command({ deleteConfig: { name } });
  }

  async permitProvider(id: string): Promise<void> {
    await this.#policy?.check({ kind: "startProvider", id, imageRef: providerReference(id), claims: null });
  }

  async provided(id: string, provider: Provider): Promise<void> {
    await this.#providers.add(id, provider);
  }

  withdrawn(id: string): void {
    this.#providers.remove(id);
  }

  async drain(deadline: number): Promise<void> {
    await Promise.all([this.#workloads.close(), this.#providers.close()]);
    await this.#driver.stop(Math.min(deadline, MANY));
  }

  async leave(): Promise<void> {
    this.#driver.close();
    this.#policy?.close();
    this.#secrets.close();
    this.#parts.calls.close();
  }

  /** What the lattice knows a source by that has no name. */
  #ownReference(): string {
    return `trellis:local/${++this.#sources}`;
  }

  /** Asks the member for what needs a source that only this program has. */
  async #order(id: string, order: Order, command: object): Promise<void> {
    const { signal } = order.pull;
    if (signal?.aborted) throw abortedBy(signal);
    const withdraw = this.#workloads.orders.expect(id, order);
    try {
      await this.#command(command);
    } catch (error) {
      throw order.failure ?? error;
    } finally {
      withdraw();
    }
  }

  /** Gives the member a command. Resolves when it is carried out, also in the components that run. */
  async #command(command: object): Promise<string | undefined> {
    const json = await this.#driver.command(command);
    await Promise.all(this.#refreshing);
    return json;
  }

  #decisions(): Decisions {
    return {
      component: (task, kind, json) => this.#component(task, kind, json),
      provider: (task, kind, json) => this.#provider(task, kind, json),
      abort: (task) => this.#tasks.abort(task),
      changed: (kind, id, json) => this.#changed(kind, id, json),
      registries: (json) => this.#registries(json),
    };
  }

  #component(task: number, kind: Parameters<MemberOutside["component"]>[1], json: string): void {
    const workload = JSON.parse(json) as Workload & { deadline: number };
    this.#tasks.run(task, async (signal) => {
      switch (kind) {
        case "start": return this.#workloads.start(workload, signal);
        case "scale": return this.#workloads.scale(workload, signal);
        case "update": return this.#workloads.update(workload, signal);
        case "stop": return this.#workloads.stop(workload.id, workload.deadline);
      }
    });
  }

  #provider(task: number, kind: Parameters<MemberOutside["provider"]>[1], json: string): void {
    const { id } = JSON.parse(json) as { id: string };
    // It names none that it could start, so it is never asked to.
    this.#tasks.run(task, async () => {
      if (kind === "stop") await this.#providers.stop(id);
      return undefined;
    });
  }

  #changed(kind: Parameters<MemberOutside["changed"]>[0], id: string, json: string): void {
    const { view, runner } = this.#parts;
    const value = JSON.parse(json) as unknown;
    switch (kind) {
      case "component-links":
        view.setLinks(id, value as Link[]);
        return this.#refresh(runner.linksChanged(id));
      case "component-config":
        view.setConfig(id, value as Config);
        return this.#refresh(runner.linksChanged(id));
      case "provider-links": return view.setProviderLinks(id, value as ResolvedLink[]);
      // Providers in JavaScript are given their configs by who makes them.
      case "provider-config": return;
    }
  }

  #refresh(work: Promise<void>): void {
    const refreshed = work.catch((error: unknown) => this.#parts.warn(`a change of the lattice does not take effect: ${messageOf(error)}`));
    this.#refreshing.add(refreshed);
    void refreshed.then(() => this.#refreshing.delete(refreshed));
  }

  #registries(json: string): void {
    try {
      this.#parts.artifacts.putCredentials(JSON.parse(json) as Parameters<ArtifactStore["putCredentials"]>[0]);
    } catch (error) {
      this.#parts.warn(`credentials for registries could not be used: ${messageOf(error)}`);
    }
  }
}
