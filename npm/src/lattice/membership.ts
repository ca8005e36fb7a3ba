/**
 * A host as a member of a lattice: drives the member's state machine (`host-wasm/lattice`, in the module of
 * `host-wasm/member`) over a bus. The module says what is to be subscribed, published, stored and run; here it is done,
 * and what comes of it is told. What the host's own program asks for takes the same way as commands of the control
 * interface. Facts: the lattice protocol 1.x, sections 1 to 5.
 */

import type { PullOptions } from "../artifacts/options.js";
import type { ArtifactStore } from "../artifacts/store.js";
import type { Bus, Subscription } from "../bus.js";
import type { SpawnWorker } from "../engine/messages.js";
import { type Guard, guardOf } from "../engine/guard.js";
import type { Isolation } from "../engine/pool.js";
import { within } from "../engine/timer.js";
import { AbortedError, abortedBy, messageOf, PanicError, StoppedError } from "../errors.js";
import { type ComponentSource, type Places, referenceOf } from "../host/bytes.js";
import type { Placement } from "../host/component.js";
import type { Config, Lattice } from "../host/lattice.js";
import { DEFAULT_LINK, interfacesOf, type Link, type UnlinkSpec } from "../host/links.js";
import type { Router } from "../host/router.js";
import type { Runner } from "../host/runner.js";
import type { Provider } from "../providers/provider.js";
import { Alarm } from "./alarm.js";
import { onLeave } from "./page.js";
import { Buckets } from "./buckets.js";
import type { BusCalls } from "./calls.js";
import { Commands } from "./commands.js";
import type { CoreMember, MemberCore, MemberOutside, MemberSettings, Tell } from "./core.js";
import { Providers } from "./providers.js";
import { Tasks } from "./tasks.js";
import type { MemberView, ResolvedLink } from "./view.js";
import { type Order, type Workload, Workloads } from "./workloads.js";

/** What a membership works with. */
export interface MembershipParts {
  module: MemberCore;
  settings: MemberSettings;
  bus: Bus;
  calls: BusCalls;
  view: MemberView;
  artifacts: ArtifactStore;
  places: Places;
  router: Router;
  runner: Runner;
  issuers: readonly string[] | undefined;
  isolation: Isolation;
  deadline: number;
  /** Starts a worker that keeps time, where the platform's own timers do not. */
  spawnAlarm: SpawnWorker | undefined;
  /** Says what is left to be said before the host leaves. */
  lastWords: () => void;
  /** Is told what people should hear of. */
  warn: (text: string) => void;
}

/** The most instances that a lattice can be told of: a number of 32 bits. */
const MANY = 2 ** 32 - 1;

/** Milliseconds that a host waits for its lattice before it begins without. */
const PATIENCE = 10_500;

/** A host's membership. */
export class Membership implements Lattice {
  readonly #parts: MembershipParts;
  readonly #guard: Guard;
  readonly #member: CoreMember;
  readonly #alarm: Alarm;
  readonly #buckets: Buckets;
  readonly #commands = new Commands();
  readonly #tasks = new Tasks((act) => this.#tell(act));
  readonly #workloads: Workloads;
  readonly #providers: Providers;
  readonly #subscriptions = new Map<string, Subscription>();
  /** What changes of links and configs still bring about in running components. */
  readonly #refreshing = new Set<Promise<unknown>>();
  readonly #joined: Promise<void>;
  readonly ended: Promise<void>;
  #onJoined!: () => void;
  #onStopped!: () => void;
  readonly #closers: (() => void)[] = [];
  #sources = 0;
  #left = false;

  /** Becomes a member. Resolves when the lattice has been told, or after a while without it. */
  static async join(parts: MembershipParts): Promise<Membership> {
    const membership = new Membership(parts);
    membership.#connect();
    await within(PATIENCE, membership.#joined);
    // Those that every host has.
    for (const [id, provider] of parts.router.providers) membership.provided(id, provider);
    return membership;
  }

  private constructor(parts: MembershipParts) {
    const { module, settings, bus, calls, router, view, deadline } = parts;
    this.#parts = parts;
    this.#guard = guardOf(module);
    this.#joined = new Promise((resolve) => (this.#onJoined = resolve));
    this.ended = new Promise((resolve) => (this.#onStopped = resolve));
    this.#member = this.#guard.run(() => new module.Member(this.#outside(), JSON.stringify(settings)));
    const tell: Tell = (act) => this.#tell(act);
    this.#alarm = new Alarm(() => tell((member) => member.tick()), parts.spawnAlarm);
    this.#buckets = new Buckets(bus, tell);
    this.#workloads = new Workloads(parts);
    this.#providers = new Providers({ tell, calls, router, view, deadline });
    this.#guard.onPanic((error) => this.#die(error));
  }

  get labels(): Readonly<Record<string, string>> {
    if (this.#left || this.#guard.panic !== undefined) return this.#parts.settings.labels;
    return JSON.parse(this.#guard.run(() => this.#member.labels())) as Record<string, string>;
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
    const key = { source_id: spec.source, name: spec.name ?? DEFAULT_LINK, wit_namespace: namespace, wit_package: packageName, interfaces };
    await this.#command({ deleteLink: key });
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

  provided(id: string, provider: Provider): void {
    this.#providers.add(id, provider);
  }

  withdrawn(id: string): void {
    this.#providers.remove(id);
  }

  async drain(deadline: number): Promise<void> {
    await Promise.all([this.#workloads.close(), this.#providers.close()]);
    if (this.#guard.panic !== undefined) return;
    this.#tell((member) => member.stop(Math.min(deadline, MANY)));
    await this.ended;
  }

  async leave(): Promise<void> {
    if (this.#left) return;
    this.#left = true;
    this.#closers.forEach((close) => close());
    this.#alarm.close();
    this.#subscriptions.forEach((subscription) => subscription.close());
    this.#buckets.close();
    this.#commands.failAll(new StoppedError("the host is stopped"));
    this.#parts.calls.close();
    if (this.#guard.panic === undefined) this.#guard.run(() => this.#member.free());
  }

  #connect(): void {
    const { bus, calls } = this.#parts;
    const endHearing = bus.onConnection?.({
      online: () => {
        calls.setMaxPayload(bus.maxPayload);
        this.#tell((member) => member.connected(bus.maxPayload));
      },
      offline: () => this.#tell((member) => member.disconnected()),
    });
    if (endHearing !== undefined) this.#closers.push(endHearing);
    this.#closers.push(onLeave(() => this.#leaveAtOnce()));
    this.#tell((member) => member.connected(bus.maxPayload));
  }

  /** The page goes: what is to be said is said now or never. */
  #leaveAtOnce(): void {
    this.#tell((member) => member.stop(0));
    this.#parts.bus.flush().catch(() => undefined);
  }

  /** What the lattice knows a source by that has no name. */
  #ownReference(): string {
    return `trellis:local/${++this.#sources}`;
  }

  /** Asks the member for what needs a source that only this program has. */
  async #order(id: string, order: Order, command: object): Promise<void> {
    const { signal } = order.pull;
    if (signal?.aborted) throw abortedBy(signal);
    const withdraw = this.#workloads.expect(id, order);
    try {
      await this.#command(command);
    } finally {
      withdraw();
    }
  }

  /** Gives the member a command. Resolves when it is carried out, also in the components that run. */
  async #command(command: object): Promise<string | undefined> {
    if (this.#guard.panic !== undefined) throw this.#guard.panic;
    const json = await this.#commands.send((request) => this.#tell((member) => member.command(request, JSON.stringify(command))));
    await Promise.all(this.#refreshing);
    return json;
  }

  #refresh(work: Promise<void>): void {
    const refreshed = work.catch((error: unknown) => this.#parts.warn(`a change of the lattice does not take effect: ${messageOf(error)}`));
    this.#refreshing.add(refreshed);
    void refreshed.then(() => this.#refreshing.delete(refreshed));
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
      case "provider-links": return this.#providers.linksChanged(id, value as ResolvedLink[]);
      // Providers in JavaScript are given their configs by who makes them.
      case "provider-config": return;
    }
  }

  #component(task: number, kind: Parameters<MemberOutside["component"]>[1], json: string): void {
    const workload = JSON.parse(json) as Workload & { deadline: number };
    this.#tasks.run(task, async (signal) => {
      switch (kind) {
        case "start": return this.#workloads.start(workload, signal);
        case "scale": return this.#workloads.scale(workload);
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

  #publish(subject: string, reply: string | undefined, payload: Uint8Array): void {
    if (subject.endsWith(".host_stopped")) this.#parts.lastWords();
    try {
      this.#parts.bus.publish(subject, payload, reply === undefined ? {} : { reply });
    } catch (error) {
      this.#parts.warn(`a message on ${subject} could not be sent: ${messageOf(error)}`);
    }
    if (subject.endsWith(".host_started")) this.#onJoined();
  }

  #subscribe(channel: string, subject: string, queue: string | undefined): void {
    const subscription = this.#parts.bus.subscribe(subject, {
      callback: ({ subject: to, reply, payload }) => this.#tell((member) => member.message(to, reply, payload)),
      ...queue !== undefined && { queue },
    });
    this.#subscriptions.set(channel, subscription);
  }

  #unsubscribe(channel: string): void {
    this.#subscriptions.get(channel)?.close();
    this.#subscriptions.delete(channel);
  }

  /** The module is dead: nobody is told any more, and nobody should wait. */
  #die(error: PanicError): void {
    this.#parts.warn(`the host is a member of its lattice no more: ${error.message}`);
    this.#commands.failAll(error);
    this.#onJoined();
    this.#onStopped();
  }

  #outside(): MemberOutside {
    return {
      subscribe: (channel, subject, queue) => this.#subscribe(channel, subject, queue),
      unsubscribe: (channel) => this.#unsubscribe(channel),
      publish: (subject, reply, payload) => this.#publish(subject, reply, payload),
      watch: (watch, bucket) => this.#buckets.watch(watch, bucket),
      unwatch: (bucket) => this.#buckets.unwatch(bucket),
      ask: (...args) => void this.#buckets.ask(...args),
      component: (task, kind, json) => this.#component(task, kind, json),
      provider: (task, kind, json) => this.#provider(task, kind, json),
      abort: (task) => this.#tasks.abort(task),
      changed: (kind, id, json) => this.#changed(kind, id, json),
      registries: (json) => this.#registries(json),
      answer: (request, error, json) => this.#commands.answer(request, error, json),
      warn: (text) => this.#parts.warn(text),
      stopped: () => this.#onStopped(),
    };
  }

  #registries(json: string): void {
    try {
      this.#parts.artifacts.putCredentials(JSON.parse(json) as Parameters<ArtifactStore["putCredentials"]>[0]);
    } catch (error) {
      this.#parts.warn(`credentials for registries could not be used: ${messageOf(error)}`);
    }
  }

  /** Stands around every call into the member, and sees when it wants to be woken. */
  #tell(act: (member: CoreMember) => void): void {
    if (this.#left || this.#guard.panic !== undefined) return;
    try {
      this.#guard.run(() => act(this.#member));
      const wake = this.#guard.run(() => this.#member.nextWake());
      if (wake !== undefined) this.#alarm.set(wake);
    } catch (error) {
      // All who wait have heard of that.
      if (!(error instanceof PanicError)) throw error;
    }
  }
}
