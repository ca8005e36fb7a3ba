/**
 * The calls of one component: they wait here for their turn, first come, first served, and are given to an engine by the
 * pool. A call that is made during another goes before those from outside, and is not held up by a bound that only calls
 * are within that may wait for it.
 */

import { abortedBy, type TrellisError, WorkerLostError } from "../errors.js";
import type { Limits } from "../host/limits.js";
import { Bound } from "./bound.js";
import { Call, type CallOwner } from "./call.js";
import type { CallContext } from "./context.js";
import type { Deployment } from "./deployment.js";
import { held, type Invocation, type Outcome } from "./invocation.js";
import type { Isolation } from "./isolation.js";
import type { EngineSlot } from "./slot.js";
import { sourceOf } from "./source.js";
import type { Trust } from "./trust.js";

/** How many calls of a component may be at work, and how many may wait. */
export type LaneLimits = Pick<Limits, "maxInstances" | "maxQueue">;

/** What a lane is made of. */
export interface LaneOptions {
  isolation: Isolation;
  keeps: boolean;
  limits: LaneLimits;
  trust: Trust;
}

/** What a lane needs of its pool. */
export interface LanePool {
  /** Calls at work, of all lanes. */
  readonly bound: Bound;
  /** Why it takes no more calls, where it does not. */
  readonly closed: TrellisError | undefined;
  /** A call waits for its turn. */
  enter(lane: Lane, call: Call): void;
  /** It waits no more. */
  leave(call: Call): void;
  /** Calls of a lane may have their turn now. */
  wake(lane: Lane): void;
  /** A place for a call has become free. */
  schedule(): void;
  /** Code is trusted more than before, or less: gives the lanes in which it is in force the places where they belong. */
  judged(trust: Trust): void;
  load(lane: Lane, deployment: Deployment): Promise<void>;
  unload(lane: Lane, deployment: Deployment): void;
  /** A deployment that was unloaded has no more calls. */
  forget(deployment: Deployment): void;
  giveUp(deployment: Deployment, error: TrellisError): void;
}

/** So many engines may be lost, without anybody to blame for it, before a call fails. */
const ATTEMPTS = 4;

/** The calls of a component. */
export class Lane implements CallOwner {
  /** The place whose engines alone run it; without one, any of the pool's. */
  slot: EngineSlot | undefined;
  readonly isolation: Isolation;
  /** Whether instances keep their state from call to call, and so their place. */
  readonly keeps: boolean;
  /** How far the code in force is trusted. */
  trust: Trust;
  /** What it was loaded with: the code in force, and code that still has calls. */
  readonly deployments = new Set<Deployment>();
  /** How many calls may wait. */
  readonly maxQueue: number;
  readonly #pool: LanePool;
  readonly #bound: Bound;
  /** How many calls are not over, by what they were made to. */
  readonly #open = new Map<Deployment, number>();
  #nested = new Set<Call>();
  #roots = new Set<Call>();

  /** A lane without calls. */
  constructor(pool: LanePool, { isolation, keeps, limits, trust }: LaneOptions) {
    this.#pool = pool;
    this.isolation = isolation;
    this.keeps = keeps;
    this.trust = trust;
    this.#bound = new Bound(limits.maxInstances);
    this.maxQueue = limits.maxQueue;
  }

  /** How many calls wait for their turn. */
  get waiting(): number {
    return this.#nested.size + this.#roots.size;
  }

  /** How many calls have been given to an engine and have not returned. */
  get inFlight(): number {
    return this.#bound.working;
  }

  /** Loads code of the component. */
  async load(deployment: Deployment): Promise<void> {
    await this.#pool.load(this, deployment);
  }

  /** Forgets code of the component. */
  unload(deployment: Deployment): void {
    this.#pool.unload(this, deployment);
    this.#count(deployment, 0);
  }

  /** Calls the component. */
  invoke(deployment: Deployment, invocation: Invocation, context: CallContext): Promise<Outcome> {
    if (this.#pool.closed !== undefined) throw this.#pool.closed;
    if (context.signal?.aborted) throw abortedBy(context.signal);
    const { channels } = invocation;
    const own = channels.length === 0 ? invocation : { ...invocation, channels: channels.map(held) };
    this.#count(deployment, 1);
    const call = new Call(this, deployment, own, context);
    this.#enqueue(call);
    return call.outcome;
  }

  /** Gives up the calls of a deployment. */
  giveUpAll(deployment: Deployment, error: TrellisError): void {
    for (const call of [...this.#nested, ...this.#roots]) {
      if (call.deployment === deployment) this.giveUp(call, error);
    }
    this.#pool.giveUp(deployment, error);
  }

  /** The call whose turn it is, where its turn has come. */
  next(): Call | undefined {
    const [call] = this.#nested.size > 0 ? this.#nested : this.#roots;
    return call !== undefined && this.#bound.admits(call.nested) ? call : undefined;
  }

  /** Gives a call to the engine of a place. */
  run(call: Call, slot: EngineSlot): void {
    this.#dequeue(call);
    call.slot = slot;
    this.#bound.enter();
    this.#pool.bound.enter(call.memories);
    slot.run(call);
  }

  /** A call that waits is not to be made. */
  refuse(call: Call, error: Error): void {
    this.#dequeue(call);
    this.#fail(call, error);
  }

  /** All calls that wait are not to be made. */
  refuseAll(error: Error): void {
    for (const call of [...this.#nested, ...this.#roots]) this.refuse(call, error);
  }

  giveUp(call: Call, error: TrellisError): void {
    if (call.client !== undefined) return call.client.giveUp(call, error);
    this.refuse(call, error);
  }

  began(call: Call): void {
    call.slot?.began();
    this.#pool.schedule();
  }

  returned(call: Call): void {
    const { slot } = call;
    if (slot === undefined) return;
    this.#leave(call, slot);
    if (this.waiting > 0) this.#pool.wake(this);
    else this.#pool.schedule();
  }

  over(call: Call): void {
    this.#count(call.deployment, -1);
    const { trust } = call.deployment.artifact;
    if (!call.failed && trust.answered()) this.#pool.judged(trust);
  }

  awaits({ slot, memories }: Call, waiting: boolean): void {
    if (slot === undefined) return;
    for (const [bound, size] of [[this.#bound, 1], [this.#pool.bound, memories], [slot.bound, memories]] as const) {
      if (waiting) bound.wait(size);
      else bound.resume(size);
    }
    // Calls that were held up may go on: those it waits for.
    if (waiting) this.#pool.wake(this);
  }

  again(call: Call, cause: TrellisError): void {
    if (call.slot !== undefined) this.#leave(call, call.slot);
    call.slot = undefined;
    if (this.#pool.closed !== undefined) return this.#fail(call, cause);
    if (call.failures >= ATTEMPTS) {
      const message = `the worker was lost ${ATTEMPTS} times before it had begun: ${cause.message}`;
      return this.#fail(call, new WorkerLostError(message, { cause }));
    }
    this.#enqueue(call);
  }

  blame(call: Call): void {
    const { trust } = call.deployment.artifact;
    trust.suspect();
    this.#pool.judged(trust);
  }

  #leave(call: Call, slot: EngineSlot): void {
    if (call.awaiting) this.awaits(call, false);
    this.#bound.leave();
    this.#pool.bound.leave(call.memories);
    slot.leave(call);
  }

  #fail(call: Call, error: Error): void {
    call.fail(error);
    call.close();
    call.invocation.channels.forEach(({ body }) => sourceOf(body).cancel(error));
  }

  /** Counts calls of a deployment that are not over. */
  #count(deployment: Deployment, change: 0 | 1 | -1): void {
    const open = (this.#open.get(deployment) ?? 0) + change;
    if (open > 0) this.#open.set(deployment, open);
    else this.#open.delete(deployment);
    if (open === 0 && !this.deployments.has(deployment)) this.#pool.forget(deployment);
  }

  #enqueue(call: Call): void {
    if (call.nested) this.#nested = added(this.#nested, call);
    else this.#roots = added(this.#roots, call);
    this.#pool.enter(this, call);
  }

  #dequeue(call: Call): void {
    if ((call.nested ? this.#nested : this.#roots).delete(call)) this.#pool.leave(call);
  }
}

/** A queue with one more call. One that comes back goes before those that came after it. */
function added(queue: Set<Call>, call: Call): Set<Call> {
  if (call.attempts === 0) return queue.add(call);
  return new Set([...queue, call].sort((one, other) => one.number - other.number));
}
