/**
 * One place where engines run, one at a time: started when a call needs it, and replaced by another when it is lost.
 * Here is decided whether the engine can take one more call.
 */

import { Bound } from "./bound.js";
import type { Call } from "./call.js";
import type { Deployment } from "./deployment.js";
import type { RunningEngine } from "./running.js";

/** So many calls that have not begun are posted to a worker: the next is there when one ends, the others can move on. */
const WINDOW = 8;

/** When so few are left, more are posted: several together cost little more than one. */
const LOW = 4;

/** Of an engine's instances, those that are kept for calls made during others. */
const RESERVE = 0.25;

/** A place for engines. */
export class EngineSlot {
  /** The memories of the calls at work here. */
  readonly bound: Bound;
  /** How many calls are at work here. */
  working = 0;
  /** How many of them are heavy. */
  heavy = 0;
  /** How many components run here and nowhere else. */
  lanes = 0;
  /** Whether no more components come. */
  retired = false;
  /** The engine. */
  engine: RunningEngine | undefined;
  readonly #take: (slot: EngineSlot) => RunningEngine;
  #notBegun = 0;
  /** Whether more calls are posted to the worker. */
  #open = true;

  /** A place whose engines, which `take` gives, hold so many instances. */
  constructor(memories: number, take: (slot: EngineSlot) => RunningEngine) {
    this.bound = new Bound(Math.max(Math.floor(memories * (1 - RESERVE)), 1));
    this.#take = take;
  }

  /** Whether its engine has started. */
  get ready(): boolean {
    return this.engine?.ready === true;
  }

  /** Whether a call is better off here than in another place. */
  isBefore(other: EngineSlot): boolean {
    if (this.ready !== other.ready) return this.ready;
    return this.heavy === other.heavy ? this.working < other.working : this.heavy < other.heavy;
  }

  /** Has an engine. */
  start(): RunningEngine {
    if (this.engine !== undefined) return this.engine;
    this.engine = this.#take(this);
    this.engine.slot = this;
    return this.engine;
  }

  /** Whether there is memory for a call, beside those at work here. */
  hasRoom(call: Call): boolean {
    return this.bound.admits(call.nested, call.memories, call);
  }

  /** Whether it can take a call now. It has an engine. */
  admits(call: Call): boolean {
    const { engine } = this;
    if (engine === undefined || !this.hasRoom(call)) return false;
    // A blocked thread takes no more calls from outside; those made during others go on top. Nor does it load anything.
    if (engine.suspension === "atomics") return engine.has(call.deployment) && (call.nested || this.working === 0);
    return !engine.isWorker || call.nested || this.#open;
  }

  /** Gives a call to its engine. */
  run(call: Call): void {
    const engine = this.start();
    this.bound.enter(call.memories);
    this.working++;
    call.heavy = call.deployment.artifact.trust.heavy;
    if (call.heavy) this.heavy++;
    this.#note(1);
    if (!engine.has(call.deployment)) this.#load(engine, call.deployment);
    engine.client.run(call);
  }

  /** One of its calls has begun. */
  began(): void {
    this.#note(-1);
  }

  /** A call is no more at work here. */
  leave(call: Call): void {
    this.bound.leave(call.memories);
    this.working--;
    if (call.heavy) this.heavy--;
    if (!call.begun) this.#note(-1);
  }

  /** Counts those that have not begun. */
  #note(change: 1 | -1): void {
    this.#notBegun += change;
    this.#open = this.#notBegun < (this.#open ? WINDOW : LOW + 1);
  }

  #load(engine: RunningEngine, deployment: Deployment): void {
    engine.load(deployment).catch(() => {
      // Its calls move on where the engine is lost. Where it has refused what another took, they end.
      const refusal = engine.refusal(deployment);
      if (refusal !== undefined) engine.client.giveUpAll(deployment.number, refusal);
    });
  }
}
