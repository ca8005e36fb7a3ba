/**
 * The engines of a host, and which call goes where. Calls wait in the lanes of their components; here the lanes take
 * turns. One worker is kept warm to take the place of one that is lost.
 */

import type { Core, SuspensionTier } from "../core.js";
import type { Totals } from "../host/limits.js";
import type { EngineMetrics } from "../host/metrics.js";
import { messageOf, StoppedError, TrellisError, WorkerLostError } from "../errors.js";
import { Bound } from "./bound.js";
import { Caretaker, QUIET, type Quiet } from "./caretaker.js";
import type { Call } from "./call.js";
import { type EngineHost, type EngineOwner, NotBegun } from "./client.js";
import type { Deployment } from "./deployment.js";
import { openInline } from "./inline.js";
import type { Isolation } from "./isolation.js";
import { Lane, type LaneOptions, type LanePool } from "./lane.js";
import type { SpawnWorker } from "./messages.js";
import { Places } from "./places.js";
import { concurrency, type Share, shareOf } from "./platform.js";
import { RunningEngine } from "./running.js";
import type { EngineSlot } from "./slot.js";
import { findTier, type Tier } from "./tier.js";
import type { Trust } from "./trust.js";
import { Turns } from "./turns.js";
import { openWorker } from "./worker.js";

/** What a pool needs. */
export interface PoolOptions {
  core: Core;
  /** The compiled core, for workers. */
  module: WebAssembly.Module;
  /** Starts a worker of the platform. */
  spawn: SpawnWorker;
  /** Instead of what the platform has. */
  suspension: SuspensionTier | undefined;
  /** What all components together may take. */
  limits: Totals;
  host: EngineHost;
  /** When engines without calls are looked after. Default {@link QUIET}. */
  quiet?: Quiet;
}

/** When one engine after the other has no memory within so many milliseconds, what keeps state has to go, too. */
const SHORTAGE = 1000;

/** A call for which there is no room lets so many others pass that need less. */
const PATIENCE = 32;

/** So many engines are tried before a component counts as one that cannot be loaded. */
const ATTEMPTS = 4;

/** The engines of a host. */
export class EnginePool implements LanePool {
  readonly bound: Bound;
  readonly #options: PoolOptions;
  readonly #share: Share;
  readonly #places: Places;
  readonly #lanes = new Set<Lane>();
  readonly #engines = new Set<RunningEngine>();
  readonly #caretaker: Caretaker;
  readonly #workers = { lost: 0, started: 0 };
  /** Counts of engines that are gone. */
  readonly #gone = { created: 0, restored: 0, dropped: 0 };
  #spare: RunningEngine | undefined;
  #closed: TrellisError | undefined;
  /** Lanes with calls whose turn may have come, in the order of their turns. */
  #awake = new Set<Lane>();
  /** Calls that have come since the turns were last given. */
  #entered: { lane: Lane; call: Call }[] = [];
  #waiting = 0;
  #shortAt = -Infinity;
  #scheduled = false;
  #dispatching = false;

  /** A pool without engines yet. */
  constructor(options: PoolOptions) {
    this.#options = options;
    this.bound = new Bound(options.limits.maxInstances);
    this.#share = shareOf(options.limits);
    this.#places = new Places(concurrency(), this.#share.memories, this.#blocks, (kind, slot) => this.#take(kind, slot));
    this.#caretaker = new Caretaker(
      this.#engines, options.quiet ?? QUIET, (engine) => this.#isDispensable(engine), (engine) => this.#end(engine),
    );
  }

  /** How guests wait there. */
  tier(isolation: Isolation): Tier {
    const { suspension } = this.#options;
    return suspension === undefined ? findTier(isolation) : { tier: suspension, why: "the host's options say so" };
  }

  /** A place for the calls of a component. */
  lane(options: LaneOptions): Lane {
    if (this.#closed !== undefined) throw this.#closed;
    const lane = new Lane(this, options);
    this.#places.settle(lane);
    this.#lanes.add(lane);
    return lane;
  }

  /** Has a worker begin to start, where there is none, for a component that is about to be compiled: both take their time. */
  prepare(isolation: Isolation): void {
    if (isolation === "inline" || [...this.#engines].some((engine) => engine.isWorker)) return;
    this.#refill();
  }

  /** What its engines are made of. */
  metrics(): EngineMetrics {
    const instances = { live: 0, idle: 0, ...this.#gone };
    for (const engine of this.#engines) {
      for (const name of ["live", "idle", "created", "restored", "dropped"] as const) instances[name] += engine.instances[name];
    }
    const spare = this.#spare === undefined ? 0 : 1;
    const live = [...this.#engines].filter((engine) => engine.isWorker).length - spare;
    return { workers: { live, spare, ...this.#workers }, instances };
  }

  /** Ends all engines; calls, also those that wait, fail with `error`. */
  async close(error: TrellisError): Promise<void> {
    this.#closed = error;
    this.#spare = undefined;
    this.#caretaker.close();
    this.#lanes.forEach((lane) => lane.refuseAll(error));
    const engines = [...this.#engines];
    this.#engines.clear();
    await Promise.all(engines.map((engine) => engine.client.close(error)));
  }

  get closed(): TrellisError | undefined {
    return this.#closed;
  }

  enter(lane: Lane, call: Call): void {
    this.#waiting++;
    this.#options.host.meter.queued(call.deployment.number);
    // One that comes from a lost worker is older than those that wait: it is no surplus.
    if (call.attempts === 0) this.#entered.push({ lane, call });
    this.wake(lane);
  }

  leave(call: Call): void {
    this.#waiting--;
    call.kept?.release(call);
    this.#options.host.meter.dequeued(call.deployment.number);
  }

  wake(lane: Lane): void {
    this.#awake.add(lane);
    this.schedule();
  }

  schedule(): void {
    if (this.#scheduled || this.#waiting === 0) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#dispatch();
      this.#refuseSurplus();
    });
  }

  judged(trust: Trust): void {
    // More than one where a component was replaced and the old one still has calls.
    for (const lane of this.#lanes) if (lane.trust === trust) this.place(lane);
  }

  /** Gives a lane the place where it belongs. */
  place(lane: Lane): void {
    if (!this.#places.settle(lane)) return;
    if (this.#blocks) this.#engines.forEach((engine) => this.#fill(engine, engine.slot));
    this.wake(lane);
  }

  async load(lane: Lane, deployment: Deployment): Promise<void> {
    try {
      await this.#loadOnce(lane, deployment);
    } catch (error) {
      if (lane.deployments.size === 0) this.#retire(lane);
      throw error;
    }
    lane.deployments.add(deployment);
    lane.trust = deployment.artifact.trust;
    this.place(lane);
    if (this.#blocks) this.#engines.forEach((engine) => this.#fill(engine, engine.slot));
  }

  unload(lane: Lane, deployment: Deployment): void {
    lane.deployments.delete(deployment);
    this.#engines.forEach((engine) => engine.unload(deployment));
    if (lane.deployments.size === 0) this.#retire(lane);
  }

  forget({ number }: Deployment): void {
    // Not before what has just ended is counted.
    queueMicrotask(() => this.#options.host.meter.release(number));
  }

  giveUp({ number }: Deployment, error: TrellisError): void {
    this.#engines.forEach(({ client }) => client.giveUpAll(number, error));
  }

  /** Loads a component where it will run, or in one of the places where it can. */
  async #loadOnce(lane: Lane, deployment: Deployment): Promise<void> {
    for (let lost = 0; ;) {
      if (this.#closed !== undefined) throw this.#closed;
      try {
        return await this.#places.home(lane).start().load(deployment);
      } catch (error) {
        if (!(error instanceof NotBegun)) throw error;
        // What a neighbour has done says nothing about this one.
        if (error.blamed || ++lost < ATTEMPTS) continue;
        // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- it may have been closed meanwhile
        throw this.#closed ?? new WorkerLostError(`the worker was lost ${lost} times before it had begun: ${error.cause.message}`, error);
      }
    }
  }

  /** Whether guests block their workers. Those load nothing meanwhile, so that all is loaded beforehand. */
  get #blocks(): boolean {
    return this.tier("worker").tier === "atomics";
  }

  /** Loads all that may run in an engine. What it refuses is run elsewhere, where it can be. */
  #fill(engine: RunningEngine | undefined, slot: EngineSlot | undefined): void {
    if (engine?.isWorker !== true) return;
    for (const lane of this.#lanes) {
      if (lane.slot !== undefined && lane.slot !== slot) continue;
      for (const deployment of lane.deployments) {
        // Of a refusal a call is told that nobody else can take, too.
        if (!engine.has(deployment)) engine.load(deployment).then(() => this.schedule(), () => this.schedule());
      }
    }
  }

  /** An engine for a place: the spare one, where there is one. */
  #take(kind: "worker" | "inline", slot: EngineSlot): RunningEngine {
    if (this.#closed !== undefined) throw this.#closed;
    if (kind === "inline") return this.#open(kind);
    const spare = this.#spare;
    this.#spare = undefined;
    const engine = spare ?? this.#open(kind);
    if (this.#blocks) this.#fill(engine, slot);
    // To start one holds this thread for a while. What this one is needed for goes first.
    if (engine.ready) queueMicrotask(() => this.#refill());
    return engine;
  }

  /** Has a spare engine from when the first is ready. */
  #refill(): void {
    if (this.#spare !== undefined || this.#closed !== undefined) return;
    try {
      this.#spare = this.#open("worker");
      if (this.#blocks) this.#fill(this.#spare, undefined);
    } catch {
      // Whoever needs the next one hears why there is none.
    }
  }

  #open(kind: "worker" | "inline"): RunningEngine {
    const { core, module, spawn, host } = this.#options;
    const { tier } = this.tier(kind);
    const share = this.#share;
    const owner: EngineOwner = {
      ...host,
      struck: (component, limit, detail) => this.#struck(engine, component, limit, detail),
      stats: (live, idle, created, restored, dropped) => (engine.instances = { live, idle, created, restored, dropped }),
      ready: () => this.#started(engine),
      idle: () => (engine.slot?.retired === true ? this.#end(engine) : this.#caretaker.rested(engine)),
      lost: (error, held) => this.#lost(engine, error, held),
    };
    const engine: RunningEngine = new RunningEngine(
      (listener) => (kind === "inline" ? openInline(core, tier, share, listener) : openWorker(spawn, module, tier, share, listener)),
      owner, tier, kind === "worker",
    );
    this.#engines.add(engine);
    if (engine.isWorker) this.#workers.started++;
    return engine;
  }

  #started(engine: RunningEngine): void {
    engine.ready = true;
    if (engine.isWorker) this.#refill();
    this.schedule();
  }

  #lost(engine: RunningEngine, error: TrellisError, held: { culprit: Call | undefined } | undefined): void {
    if (engine.isWorker) this.#workers.lost++;
    held?.culprit?.blame();
    // Who held it has begun, whoever it was: those that have not are not to blame.
    this.#end(engine, error, held !== undefined);
    this.schedule();
  }

  #end(
    engine: RunningEngine, error: TrellisError = new StoppedError("the component of the worker has been stopped"), blamed = false,
  ): void {
    if (!this.#engines.delete(engine)) return;
    for (const name of ["created", "restored", "dropped"] as const) this.#gone[name] += engine.instances[name];
    if (this.#spare === engine) this.#spare = undefined;
    if (engine.slot !== undefined) engine.slot.engine = undefined;
    void engine.client.close(error, blamed);
    // Who could not move for the sake of its state can now.
    if (engine.slot !== undefined) this.#lanes.forEach((lane) => lane.slot === engine.slot && this.place(lane));
  }

  /** Whether an engine without calls can be ended and nobody misses it. */
  #isDispensable({ slot, isWorker }: RunningEngine): boolean {
    if (!isWorker || slot === undefined || this.#places.isOwn(slot)) return false;
    return ![...this.#lanes].some((lane) => lane.slot === slot && lane.keeps);
  }

  /** A component is gone, and with it a place that was its own. */
  #retire(lane: Lane): void {
    const { slot } = lane;
    this.#lanes.delete(lane);
    this.#awake.delete(lane);
    this.#places.leave(lane);
    if (slot === undefined || !this.#places.isOwn(slot)) return;
    slot.retired = true;
    if (slot.engine?.client.idle === true) this.#end(slot.engine);
  }

  /** Memory that is kept for the next call in one engine may be what another lacks. */
  #struck(engine: RunningEngine, component: number, limit: string, detail: string): void {
    if (limit === "maxInstances") {
      const now = performance.now();
      const all = now - this.#shortAt < SHORTAGE;
      this.#shortAt = now;
      this.#engines.forEach((other) => other === engine || other.trim(all));
    }
    this.#options.host.meter.struck(component, limit, detail);
  }

  /** Of the calls that have just come and have to wait, refuses those that are too many, the last first. */
  #refuseSurplus(): void {
    const { maxQueue } = this.#options.limits;
    for (const { lane, call } of this.#entered.splice(0).reverse()) {
      if (call.slot !== undefined || call.settled) continue;
      if (lane.waiting > lane.maxQueue) {
        this.#refuse(lane, call, `${lane.maxQueue} calls of ${call.deployment.settings.name} wait already; raise maxQueue`);
      } else if (this.#waiting > maxQueue) {
        this.#refuse(lane, call, `${maxQueue} calls of all components wait already; raise limits.maxQueue`);
      }
    }
  }

  #refuse(lane: Lane, call: Call, why: string): void {
    lane.refuse(call, this.#options.host.meter.struck(call.deployment.number, "maxQueue", `${why}, or call less often`));
  }

  /** Gives calls to engines until all that wait have to. */
  #dispatch(): void {
    if (this.#dispatching) return;
    this.#dispatching = true;
    try {
      const turns = new Turns();
      // A lane that has had its turn goes to the end, and is met again there.
      for (const lane of this.#awake) {
        const call = lane.next();
        if (call === undefined) {
          this.#awake.delete(lane);
        } else if (turns.mayTake(lane, call)) {
          if (this.#turn(lane, call)) turns.taken();
          else turns.missed(lane, call);
        }
      }
    } finally {
      this.#dispatching = false;
    }
  }

  /** Gives a call to an engine that can take it now. */
  #turn(lane: Lane, call: Call): boolean {
    if (!this.bound.admits(call.nested, call.memories, call)) return this.#wait(call, () => this.bound);
    try {
      const slot = this.#places.find(lane, call);
      if (slot === undefined) {
        this.#checkRefused(lane, call.deployment);
        return this.#wait(call, () => this.#places.toKeep(lane, call)?.bound);
      }
      lane.run(call, slot);
    } catch (error) {
      lane.refuse(call, error instanceof TrellisError ? error : new WorkerLostError(`no worker can be started: ${messageOf(error)}`));
    }
    this.#awake.delete(lane);
    if (lane.waiting > 0) this.#awake.add(lane);
    return true;
  }

  /** It is not a call's turn. When it has let enough others pass, room is kept for it where it lacks some. */
  #wait(call: Call, lacking: () => Bound | undefined): false {
    if (call.overtaken < PATIENCE) return false;
    const bound = lacking();
    if (bound !== call.kept) call.kept?.release(call);
    call.kept = bound;
    bound?.keep(call);
    return false;
  }

  /** Throws where every engine that might take a call has refused its component. */
  #checkRefused(lane: Lane, deployment: Deployment): void {
    const refusals = this.#places.engines(lane).map((engine) => engine.refusal(deployment));
    if (refusals[0] !== undefined && !refusals.includes(undefined)) throw refusals[0];
  }
}
