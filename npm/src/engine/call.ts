/**
 * A call that an engine works on: from its start to its answer, and on until its channels are closed.
 */

import { AbortedError, abortedBy, TimeoutError, type TrellisError } from "../errors.js";
import type { CallContext } from "./context.js";
import type { Incoming } from "./incoming.js";
import type { Invocation, Outcome } from "./invocation.js";
import type { Outgoing } from "./outgoing.js";
import { LONGEST_TIMER } from "./timer.js";

/** What a call tells who runs it. */
export interface CallOwner {
  /** The call is given up, by its caller or because it took too long. */
  giveUp(call: Call, error: TrellisError): void;
}

/** A call in flight. */
export class Call {
  /** Its number on the port. */
  readonly id: number;
  /** The component's number on the port. */
  readonly component: number;
  readonly invocation: Invocation;
  readonly context: CallContext;
  /** Its outcome. */
  readonly outcome: Promise<Outcome>;
  /** Channels to the guest, by number. */
  readonly outgoing = new Map<number, Outgoing>();
  /** Channels from the guest, by number. */
  readonly incoming = new Map<number, Incoming>();
  /** Whether it was given to the engine. */
  started = false;
  /** Whether the engine has taken it up. */
  begun = false;
  #settled = false;
  #resolve!: (outcome: Outcome) => void;
  #reject!: (error: unknown) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #children: AbortController | undefined;
  readonly #owner: CallOwner;
  readonly #onAbort = (): void => this.#aborted();
  #movedAt = 0;

  /** A call that its owner will start. */
  constructor(owner: CallOwner, id: number, component: number, invocation: Invocation, context: CallContext) {
    this.#owner = owner;
    this.id = id;
    this.component = component;
    this.invocation = invocation;
    this.context = context;
    this.outcome = new Promise((resolve, reject) => ([this.#resolve, this.#reject] = [resolve, reject]));
    context.signal?.addEventListener("abort", this.#onAbort);
    this.#watch(context.deadlineAt - performance.now());
  }

  /** Whether its outcome is known. */
  get settled(): boolean {
    return this.#settled;
  }

  /** The signal for calls made during this one: aborted when it is over. */
  get childSignal(): AbortSignal {
    return (this.#children ??= new AbortController()).signal;
  }

  /** The guest has answered. Its channels may go on. */
  settle(outcome: Outcome): void {
    this.#settled = true;
    this.#resolve(outcome);
    this.moved();
    // From now on the deadline bounds each pause.
    clearTimeout(this.#timer);
    if (outcome.channels.length > 0) this.#watch(this.context.deadline);
  }

  /** It failed: its outcome, or where that is known already, its channels. */
  fail(error: Error): void {
    this.#settled = true;
    this.#reject(error);
    this.incoming.forEach((channel) => channel.end(error));
  }

  /** One of its channels has moved. */
  moved(): void {
    this.#movedAt = performance.now();
  }

  /** It is over: nothing of it is left behind. */
  close(): void {
    clearTimeout(this.#timer);
    this.context.signal?.removeEventListener("abort", this.#onAbort);
    this.#children?.abort(new AbortedError("the call it was made during is over"));
    this.outgoing.forEach((channel) => channel.cancel());
  }

  #watch(milliseconds: number): void {
    if (milliseconds <= LONGEST_TIMER) this.#timer = setTimeout(() => this.#late(), Math.max(milliseconds, 0));
  }

  #late(): void {
    const rest = this.#settled ? this.#movedAt + this.context.deadline - performance.now() : 0;
    if (rest > 1) return this.#watch(rest);
    const what = `${this.invocation.instance} ${this.invocation.func}`;
    const why = this.#settled ? "its channels stood still" : "there was no answer";
    this.#owner.giveUp(this, new TimeoutError(`${what}: ${why} within ${this.context.deadline} ms`));
  }

  #aborted(): void {
    const signal = this.context.signal;
    if (signal !== undefined) this.#owner.giveUp(this, abortedBy(signal));
  }
}
