/** Counts what components do, and strikes where they do more than they may. */

import { LimitError, toWire } from "../errors.js";
import type { Limits, Totals } from "./limits.js";
import { linesOf, LogRate } from "./log-rate.js";
import type { CallCounts, ComponentMetrics } from "./metrics.js";
import type { Strikes } from "./strikes.js";

/** What engines tell of their work. Components go by the numbers of their deployments. */
export interface Meter {
  /** A limit has struck: counts it and tells of it. Returns the error for the caller. */
  struck(component: number, limit: string, detail: string): LimitError;
  /** A call waits for its turn. */
  queued(component: number): void;
  /** A call does not wait any more. */
  dequeued(component: number): void;
  /** No more work is done for a deployment. */
  release(component: number): void;
  /** A channel is opened. Throws the error for the caller where no more may be open. */
  open(component: number): void;
  /** A channel that was opened is closed. */
  closed(component: number): void;
}

/** What is counted of a component, and of all of them together. */
class Counts {
  begun = 0;
  succeeded = 0;
  waiting = 0;
  streams = 0;
  readonly failures = new Map<string, number>();
  readonly limits = new Map<string, number>();

  /** How many calls are at work. */
  get inFlight(): number {
    return this.begun - this.succeeded - this.failed - this.waiting;
  }

  /** How many calls failed. */
  get failed(): number {
    return [...this.failures.values()].reduce((sum, count) => sum + count, 0);
  }
}

/** Counts what one component does. */
export class ComponentMeter {
  /** The component's id. */
  readonly id: string;
  /** What it may. */
  limits: Limits;
  readonly #own = new Counts();
  readonly #all: Counts;
  readonly #strikes: Strikes;
  #toldAt = -Infinity;

  /** Counts for a component, and for all of its host. */
  constructor(id: string, limits: Limits, all: Counts, strikes: Strikes) {
    this.id = id;
    this.limits = limits;
    this.#all = all;
    this.#strikes = strikes;
  }

  /** How many of its channels are open. */
  get streams(): number {
    return this.#own.streams;
  }

  /** A call has come. What becomes of it is `succeeded` or `failed`. */
  begun(): void {
    this.#count("begun", 1);
  }

  /** A call is answered. */
  succeeded(): void {
    this.#count("succeeded", 1);
  }

  /** A call has failed. */
  failed(error: unknown): void {
    const { code, message } = toWire(error);
    this.#each(({ failures }) => increment(failures, code));
    if (code === "timeout") this.struck("deadline", message);
  }

  /** Counts so many more of what there is now. */
  add(what: "waiting" | "streams", count: 1 | -1): void {
    this.#count(what, count);
  }

  /** A limit has struck. */
  struck(limit: string, detail: string): LimitError {
    this.#each(({ limits }) => increment(limits, limit));
    this.#strikes.add(this.id, limit, detail);
    return new LimitError(detail, { limit });
  }

  /** Lines that it logs or prints are dropped: that counts once a second, here as in the core. */
  drops(detail: string): void {
    const now = performance.now();
    if (now - this.#toldAt < 1000) return;
    this.#toldAt = now;
    this.struck("maxLogRate", detail);
  }

  /** Throws where parameters or results have more bytes than they may; `what` they are. */
  checkMessage(what: string, bytes: Uint8Array): void {
    const { maxMessageBytes } = this.limits;
    if (bytes.length <= maxMessageBytes) return;
    throw this.struck("maxMessageBytes", `${what} have ${bytes.length} bytes, and ${this.id} takes ${maxMessageBytes}; ` +
      "send large content as a stream, or raise maxMessageBytes");
  }

  /** What was counted. */
  metrics(): ComponentMetrics {
    const { begun, failures, limits, inFlight, waiting } = this.#own;
    return { calls: begun, failures: Object.fromEntries(failures), limits: Object.fromEntries(limits), inFlight, waiting };
  }

  #count(what: "begun" | "succeeded" | "waiting" | "streams", count: 1 | -1): void {
    this.#own[what] += count;
    this.#all[what] += count;
  }

  #each(act: (counts: Counts) => void): void {
    act(this.#own);
    act(this.#all);
  }
}

/** Counts what all components of a host do. */
export class HostMeter implements Meter {
  /** What all components together may take. */
  readonly totals: Totals;
  readonly #strikes: Strikes;
  readonly #all = new Counts();
  readonly #rate: LogRate;
  /** Whose the deployments are. */
  readonly #owners = new Map<number, ComponentMeter>();

  /** Counts for a host with such limits. */
  constructor(totals: Totals, strikes: Strikes) {
    this.totals = totals;
    this.#strikes = strikes;
    this.#rate = new LogRate(totals.maxLogRate);
  }

  /** Begins to count for a component. */
  component(id: string, limits: Limits): ComponentMeter {
    return new ComponentMeter(id, limits, this.#all, this.#strikes);
  }

  /** From now on a deployment's work is counted for this component. */
  assign(deployment: number, meter: ComponentMeter): void {
    this.#owners.set(deployment, meter);
  }

  release(deployment: number): void {
    this.#owners.delete(deployment);
  }

  /** Who counts for a deployment. */
  owner(deployment: number): ComponentMeter | undefined {
    return this.#owners.get(deployment);
  }

  struck(deployment: number, limit: string, detail: string): LimitError {
    return this.#owners.get(deployment)?.struck(limit, detail) ?? new LimitError(detail, { limit });
  }

  queued(deployment: number): void {
    this.#owners.get(deployment)?.add("waiting", 1);
  }

  dequeued(deployment: number): void {
    this.#owners.get(deployment)?.add("waiting", -1);
  }

  open(deployment: number): void {
    const owner = this.#owners.get(deployment);
    if (owner === undefined) return;
    const mine = owner.limits.maxStreamsInFlight;
    if (owner.streams >= mine) throw owner.struck("maxStreamsInFlight", tooMany(owner.id, mine, "maxStreamsInFlight"));
    const all = this.totals.maxStreamsInFlight;
    if (this.#all.streams >= all) throw owner.struck("maxStreamsInFlight", tooMany("the host", all, "limits.maxStreamsInFlight"));
    owner.add("streams", 1);
  }

  closed(deployment: number): void {
    this.#owners.get(deployment)?.add("streams", -1);
  }

  /** Whether what a guest logs or prints may pass, as far as the host is concerned. */
  admits(deployment: number, text: Uint8Array | string): boolean {
    if (this.#rate.admits(linesOf(text))) return true;
    this.#owners.get(deployment)?.drops(`lines are dropped: the host logs ${this.totals.maxLogRate} in a second, by limits.maxLogRate`);
    return false;
  }

  /** What was counted of all components. */
  metrics(): { calls: CallCounts; failures: Record<string, number>; limits: Record<string, number>; streams: { open: number } } {
    const { begun, succeeded, failed, inFlight, waiting, failures, limits, streams } = this.#all;
    return {
      calls: { begun, succeeded, failed, inFlight, waiting },
      failures: Object.fromEntries(failures),
      limits: Object.fromEntries(limits),
      streams: { open: streams },
    };
  }

  /** Tells of nothing more. */
  close(): void {
    this.#strikes.close();
  }
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function tooMany(whose: string, max: number, option: string): string {
  return `${max} streams and futures of ${whose} are open, as many as may be; read or close some, or raise ${option}`;
}
