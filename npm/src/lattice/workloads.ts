/**
 * Carries out what a member decides about components: pulls, verifies and starts them, changes and stops them, and serves
 * them on the bus. Facts: the lattice protocol 1.x, sections 3.4, 6.1, 7 and 10.
 */

import type { ArtifactStore } from "../artifacts/store.js";
import type { PullOptions } from "../artifacts/options.js";
import { rootContext } from "../engine/context.js";
import { guardOf } from "../engine/guard.js";
import type { Answer, Invocation } from "../engine/invocation.js";
import type { Isolation } from "../engine/isolation.js";
import { abortedBy, NotFoundError, TimeoutError } from "../errors.js";
import { type ComponentSource, isPrecompiled, type Places, readSource } from "../host/bytes.js";
import type { Placement } from "../host/component.js";
import type { Config, Secret } from "../host/lattice.js";
import type { Link } from "../host/links.js";
import { type ComponentLimits, limitsOf } from "../host/limits.js";
import type { Router } from "../host/router.js";
import type { Renewal, Runner } from "../host/runner.js";
import type { BusCalls } from "./calls.js";
import type { MemberCore, PolicyQuestion } from "./core.js";
import type { Close } from "./service.js";
import type { Policy } from "./policy.js";
import type { Secrets } from "./secrets.js";
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

/** A start or update that this host's own program asked for. */
export interface Order {
  /** What the lattice knows its source by. */
  readonly reference: string;
  readonly source: ComponentSource;
  readonly pull: PullOptions;
  /** How a component that is to be started is to run. */
  readonly placement?: Placement;
  /** Why it failed: through the member come only its code and its text. */
  failure?: unknown;
}

/** What workloads need. */
export interface WorkloadParts {
  module: MemberCore;
  artifacts: ArtifactStore;
  places: Places;
  router: Router;
  runner: Runner;
  view: MemberView;
  calls: BusCalls;
  /** Resolves when all that is served can be called. */
  callable: () => Promise<void>;
  /** Who may have signed a component; without it, anyone or nobody. */
  issuers: readonly string[] | undefined;
  /** What a component may take that the lattice starts. */
  limits: ComponentLimits;
  /** Who is asked what may run and be called. */
  policy: Policy | undefined;
  secrets: Secrets;
  isolation: Isolation;
  deadline: number;
}

/** The annotation of the application that a component belongs to. */
const APPLICATION = "wasmcloud.dev/appspec";

/** Who has signed a component: its claims, as JSON, and their token. */
interface Signed {
  readonly claims?: string | undefined;
  readonly token?: string | undefined;
}

/** What a component is started as. */
interface Identity extends Signed {
  /** As who decides about it is asked. */
  readonly question: PolicyQuestion;
}

/** What a component may start with. */
interface Admission extends Identity {
  readonly secrets: ReadonlyMap<string, Secret>;
}

/** What is to be run. */
interface Loaded extends Signed {
  readonly source: ComponentSource;
}

/** Milliseconds before the end of its time that a stop gives up the calls at work, so that it is done in time. */
const MARGIN = 250;

/** The components of a member. */
export class Workloads {
  readonly #parts: WorkloadParts;
  readonly #orders = new Map<string, Order[]>();
  readonly #served = new Map<string, Close>();
  /** What components are started as. */
  readonly #identities = new Map<string, Identity>();
  /** How components run but for what the lattice says. */
  readonly #bases = new Map<string, Placement>();

  /** None yet. */
  constructor(parts: WorkloadParts) {
    this.#parts = parts;
  }

  /** Announces what the program is about to ask the member for. The function that comes back withdraws it. */
  expect(id: string, order: Order): () => void {
    const orders = this.#orders.get(id) ?? [];
    this.#orders.set(id, [...orders, order]);
    return () => void this.#take(id, (each) => each === order);
  }

  /** Starts a component. Resolves with its claims, where it has some. */
  async start(workload: Workload, signal: AbortSignal): Promise<string | undefined> {
    const { id } = workload;
    const order = this.#orderFor(workload);
    const either = eitherOf(signal, order);
    try {
      const { source, ...signed } = await this.#load(workload, order, either);
      const admission = await this.#admit(workload, signed, either);
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
    const admission = await this.#admit(workload, this.#identities.get(workload.id) ?? {}, signal);
    await this.#parts.runner.replace(this.#scaled(workload), this.#renewal(workload, admission));
    return undefined;
  }

  /** Gives a component other code, and stops the old once the new is there. Until then the old sees what it saw. */
  async update(workload: Workload, signal: AbortSignal): Promise<string | undefined> {
    const { id } = workload;
    const order = this.#orderFor(workload);
    const either = eitherOf(signal, order);
    try {
      const { source, ...signed } = await this.#load(workload, order, either);
      const admission = await this.#admit(workload, signed, either);
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

  /** What a component is started as, once the policy permits it and its secrets are there. */
  async #admit({ id, imageRef, count, annotations, secrets }: Workload, { claims, token }: Signed, signal: AbortSignal): Promise<Admission> {
    const { policy, secrets: backends } = this.#parts;
    const read = claims === undefined ? null : JSON.parse(claims) as unknown;
    const question: PolicyQuestion = { kind: "startComponent", id, imageRef, maxInstances: count, annotations, claims: read };
    await policy?.check(question);
    const fetched = await backends.fetch(secrets, { token, application: annotations[APPLICATION] }, signal);
    return { question, claims, token, secrets: fetched };
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

  #orderFor({ id, imageRef }: Workload): Order | undefined {
    return this.#take(id, (each) => each.reference === imageRef);
  }

  #take(id: string, fits: (order: Order) => boolean): Order | undefined {
    const orders = this.#orders.get(id) ?? [];
    const order = orders.find(fits);
    const left = orders.filter((each) => each !== order);
    if (left.length > 0) this.#orders.set(id, left);
    else this.#orders.delete(id);
    return order;
  }

  /** What to run. What the lattice names passes what the store of artifacts allows; the program may run what it likes. */
  async #load(
    { imageRef }: Workload, order: Order | undefined, signal: AbortSignal,
  ): Promise<Loaded> {
    const { artifacts, places } = this.#parts;
    if (signal.aborted) throw abortedBy(signal);
    const { module, issuers } = this.#parts;
    const verified = (bytes: Uint8Array, by: readonly string[] | undefined): Loaded => {
      const [claims, token] = guardOf(module).run(() => module.verifyClaims(bytes, by && [...by])) ?? [];
      return { source: bytes, claims, token };
    };
    if (order === undefined) return verified((await artifacts.pull(imageRef, { signal })).bytes, issuers);
    if (isPrecompiled(order.source)) return { source: order.source };
    const bytes = await readSource(order.source, places, { ...order.pull, signal });
    // Who may sign is for what others start.
    return verified(bytes, undefined);
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

/** Aborts when the member gives a task up, and when the program does. */
function eitherOf(task: AbortSignal, order: Order | undefined): AbortSignal {
  const { signal } = order?.pull ?? {};
  return signal === undefined ? task : AbortSignal.any([task, signal]);
}
