/**
 * Carries out what a member decides about components: starts them, changes and stops them, and serves them on the bus.
 * Facts: the lattice protocol 1.x, sections 3.4, 6.1, 7 and 10.
 */

import { rootContext } from "../engine/context.js";
import type { Answer, Invocation } from "../engine/invocation.js";
import type { Isolation } from "../engine/isolation.js";
import { abortedBy, NotFoundError, TimeoutError } from "../errors.js";
import type { Placement } from "../host/component.js";
import type { Config } from "../host/lattice.js";
import type { Link } from "../host/links.js";
import { type ComponentLimits, limitsOf } from "../host/limits.js";
import type { Router } from "../host/router.js";
import type { Renewal, Runner } from "../host/runner.js";
import { admit, type Admission, type AdmissionParts, type Identity, load } from "./admission.js";
import type { BusCalls } from "./calls.js";
import { eitherOf, Orders } from "./orders.js";
import type { Policy } from "./policy.js";
import type { Close } from "./service.js";
import type { MemberView } from "./view.js";

/** A component as the lattice wants it to run. */
export interface Workload {
  id: string;
  imageRef: string;
  count: number;
  annotations: Readonly<Record<string, string>>;
  limits: { maxMemory: number | null; maxExecutionTime: number | null } | null;
  configNames: string[];
  config: Config;
  /** The configs among its own that refer to secrets, by their names. */
  secrets: Readonly<Record<string, Config>>;
  links: Link[];
}

/** What workloads need. */
export interface WorkloadParts extends AdmissionParts {
  router: Router;
  runner: Runner;
  view: MemberView;
  calls: BusCalls;
  /** Resolves when all that is served can be called. */
  callable: () => Promise<void>;
  /** What a component may take that the lattice starts. */
  limits: ComponentLimits;
  isolation: Isolation;
  deadline: number;
}

/** Milliseconds before the end of its time that a stop gives up the calls at work, so that it is done in time. */
const MARGIN = 250;

/** The components of a member. */
export class Workloads {
  readonly #parts: WorkloadParts;
  /** What the program is about to ask the member for. */
  readonly orders = new Orders();
  readonly #served = new Map<string, Close>();
  /** What components are started as. */
  readonly #identities = new Map<string, Identity>();
  /** How components run but for what the lattice says. */
  readonly #bases = new Map<string, Placement>();

  /** None yet. */
  constructor(parts: WorkloadParts) {
    this.#parts = parts;
  }

  /** Starts a component. Resolves with its claims, where it has some. */
  async start(workload: Workload, signal: AbortSignal): Promise<string | undefined> {
    const { id } = workload;
    const order = this.orders.take(id, workload.imageRef);
    const either = eitherOf(signal, order);
    try {
      const { source, ...signed } = await load(this.#parts, workload, order, either);
      const admission = await admit(this.#parts, workload, signed, either);
      const { isolation, deadline, limits, runner, router } = this.#parts;
      const base = order?.placement ?? { id, options: {}, isolation, deadline, limits: limitsOf(limits) };
      this.#bases.set(id, base);
      this.#enact(workload, admission);
      // From now on it is one that is being started.
      if (order !== undefined) router.expected.delete(id);
      await runner.start(order?.placement ?? this.#scaled(workload), source, { signal: either }, workload.imageRef);
      await this.#open(id, signal);
      return signed.claims;
    } catch (error) {
      this.#forget(id);
      if (order !== undefined) order.failure = error;
      throw error;
    }
  }

  /** Changes count, limits or configs of a component; its code stays. */
  async scale(workload: Workload, signal: AbortSignal): Promise<undefined> {
    const admission = await admit(this.#parts, workload, this.#identities.get(workload.id) ?? {}, signal);
    await this.#parts.runner.replace(this.#scaled(workload), this.#renewal(workload, admission));
    return undefined;
  }

  /** Gives a component other code, and stops the old once the new is there. Until then the old sees what it saw. */
  async update(workload: Workload, signal: AbortSignal): Promise<string | undefined> {
    const { id } = workload;
    const order = this.orders.take(id, workload.imageRef);
    const either = eitherOf(signal, order);
    try {
      const { source, ...signed } = await load(this.#parts, workload, order, either);
      const admission = await admit(this.#parts, workload, signed, either);
      await this.#parts.runner.update(id, source, either, workload.imageRef, this.#renewal(workload, admission));
      const { placement } = this.#parts.router.component(id);
      const scaled = this.#scaled(workload);
      if (JSON.stringify(scaled) !== JSON.stringify(placement)) await this.#parts.runner.replace(scaled);
      await this.#serve(id);
      return signed.claims;
    } catch (error) {
      if (order !== undefined) order.failure = error;
      throw error;
    }
  }

  /** Stops a component. Calls that have come may finish until the deadline, a time of `performance.now()`. */
  async stop(id: string, deadline: number): Promise<undefined> {
    const { calls, router, runner } = this.#parts;
    await this.#unserve(id);
    if (!router.components.has(id)) return this.#forget(id);
    const late = new AbortController();
    const error = new TimeoutError(`${id} is being stopped, and the call did not finish in time`);
    const timer = setTimeout(() => late.abort(error), Math.max(deadline - performance.now() - MARGIN, 0));
    await calls.arrived(id, late.signal);
    await runner.stop(id, late.signal);
    clearTimeout(timer);
    return this.#forget(id);
  }

  /** Resolves where the policy permits that `source`, here or elsewhere, calls a function of a component. */
  async permit(policy: Policy, source: string, id: string, { instance, func }: Invocation): Promise<void> {
    const identity = this.#identities.get(id);
    if (identity === undefined) throw new NotFoundError(`${id} has been stopped`);
    await policy.checkCall(source, identity.question, [instance, func]);
  }

  /** Serves nothing on the bus any more. */
  async close(): Promise<void> {
    await Promise.all([...this.#served.keys()].map((id) => this.#unserve(id)));
  }

  /** What a component that runs is deployed anew with, and what puts it in force then. */
  #renewal(workload: Workload, admission: Admission): Renewal {
    return { config: workload.config, enact: () => this.#enact(workload, admission) };
  }

  #enact({ id, links, config }: Workload, { secrets, ...identity }: Admission): void {
    const { view } = this.#parts;
    view.setLinks(id, links);
    view.setConfig(id, config);
    view.setSecrets(id, secrets);
    this.#identities.set(id, identity);
  }

  #forget(id: string): undefined {
    this.#parts.view.forget(id);
    this.#bases.delete(id);
    this.#identities.delete(id);
    return undefined;
  }

  /** How a component is to run as the lattice wants it. What it does not say is as it was at the start. */
  #scaled({ id, count, limits, configNames }: Workload): Placement {
    const placement = this.#bases.get(id) ?? this.#parts.router.component(id).placement;
    const { maxMemory, maxExecutionTime } = limits ?? { maxMemory: null, maxExecutionTime: null };
    const named = configNames.length > 0 || Array.isArray(placement.options.config);
    return {
      ...placement,
      options: named ? { ...placement.options, config: configNames } : placement.options,
      deadline: maxExecutionTime === null ? placement.deadline : maxExecutionTime * 1000,
      limits: { ...placement.limits, maxInstances: count, maxMemory: maxMemory ?? placement.limits.maxMemory },
    };
  }

  /** Serves a component that has been started. What cannot be served, or is given up meanwhile, does not stay. */
  async #open(id: string, signal: AbortSignal): Promise<void> {
    const check = (): void => {
      if (signal.aborted) throw abortedBy(signal);
    };
    try {
      check();
      await this.#serve(id);
      check();
    } catch (error) {
      await this.#unserve(id);
      await this.#parts.runner.stop(id, signal);
      throw error;
    }
  }

  /** Serves what a component exports. What it served before goes on until then. Resolves when it can be called. */
  async #serve(id: string): Promise<void> {
    const { router, calls, callable, policy } = this.#parts;
    const component = router.component(id);
    const { artifact, placement } = component;
    const exported = artifact.inspection?.exports ?? [];
    const functions = exported.flatMap(({ name, functions: each }) => each.map((func): [string, string] => [name, func.name]));
    const close = calls.serve(id, {
      functions,
      deadline: placement.deadline,
      invoke: (invocation, caller) => {
        const invoke = (): Promise<Answer> => {
          const running = router.component(id);
          const context = rootContext(running.placement.deadline, undefined);
          const answer = running.invoke(invocation, context);
          caller.onFailure((error) => context.call?.giveUp(error));
          return answer;
        };
        return policy === undefined ? invoke() : this.permit(policy, caller.source, id, invocation).then(invoke);
      },
    });
    void this.#unserve(id);
    this.#served.set(id, close);
    await callable();
  }

  async #unserve(id: string): Promise<void> {
    const close = this.#served.get(id);
    this.#served.delete(id);
    await close?.();
  }
}
