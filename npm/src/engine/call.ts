/**
 * A call to a component: from its queue to its answer, and on until its channels are closed.
 */

import { AbortedError, abortedBy, TimeoutError, type TrellisError } from "../errors.js";
import type { Bound } from "./bound.js";
import type { EngineClient } from "./client.js";
import type { CallContext } from "./context.js";
import { deadlines, type Due } from "./deadlines.js";
import type { Deployment } from "./deployment.js";
import type { Incoming } from "./incoming.js";
import type { Invocation, Outcome } from "./invocation.js";
import type { Outgoing } from "./outgoing.js";
import type { EngineSlot } from "./slot.js";

/** What a call tells who runs it. */
export interface CallOwner {
  /** The call is given up, by its caller or because it took too long. */
  giveUp(call: Call, error: TrellisError): void;
  /** An engine has taken it up. */
  began(call: Call): void;
  /** Its guest has returned: its place is free. */
  returned(call: Call): void;
  /** It is over, and so is all that it held. */
  over(call: Call): void;
  /** It begins to wait for a call that was made during it, or does so no more. */
  awaits(call: Call, waiting: boolean): void;
  /** Its guest had to be killed. */
  blame(call: Call): void;
  /** It had not begun when its engine was lost, by `cause`: it can be made elsewhere. */
  again(call: Call, cause: TrellisError): void;
}

let last = 0;

/** A call in flight. */
export class Call implements Due {
  /** Its place among all calls. */
  readonly number = ++last;
  /** Its number on the port of its engine. */
  id = 0;
  readonly deployment: Deployment;
  readonly invocation: Invocation;
  readonly context: CallContext;
  /** Its outcome. */
  readonly outcome: Promise<Outcome>;
  /** How many memories its instance takes. */
  readonly memories: number;
  /** Channels to the guest, by number. */
  readonly outgoing = new Map<number, Outgoing>();
  /** Channels from the guest, by number. */
  readonly incoming = new Map<number, Incoming>();
  /** The place whose engine it was given to. */
  slot: EngineSlot | undefined;
  /** That engine. */
  client: EngineClient | undefined;
  /** Whether it counts as heavy where it runs. */
  heavy = false;
  /** Whether the engine has taken it up. */
  begun = false;
  /** Calls of its guest that are not answered yet. A guest that waits for an answer is not at fault if its thread is stuck. */
  asking = 0;
  /** The bytes of their parameters. */
  asked = 0;
  /** How many of them were made while others were not answered: each counts as a future in flight. */
  futures = 0;
  /** How many calls that need less had their turn while there was no room for this one. */
  overtaken = 0;
  /** Where room is kept for it. */
  kept: Bound | undefined;
  /** How many engines were lost before it had begun. */
  attempts = 0;
  /** How many of them were lost for a reason that may lie in this call: nobody else is to blame. */
  failures = 0;
  #returned = false;
  #closed = false;
  #settled = false;
  #failed = false;
  #resolve!: (outcome: Outcome) => void;
  #reject!: (error: unknown) => void;
  #children: AbortController | undefined;
  #awaited = 0;
  #tick: number;
  #movedAt = 0;
  readonly #owner: CallOwner;
  readonly #onAbort = (): void => this.#aborted();

  /** A call that its owner will give to an engine. */
  constructor(owner: CallOwner, deployment: Deployment, invocation: Invocation, context: CallContext) {
    this.#owner = owner;
    this.deployment = deployment;
    this.memories = deployment.artifact.memories;
    this.invocation = invocation;
    this.context = context;
    context.call = this;
    this.outcome = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    context.signal?.addEventListener("abort", this.#onAbort);
    this.#tick = deadlines.add(this, context.deadlineAt);
    this.parent?.await(1);
  }

  /** The call it is made during. */
  get parent(): Call | undefined {
    return this.context.parent?.call;
  }

  /** Whether it is made during another. */
  get nested(): boolean {
    return this.context.depth > 0;
  }

  /** Whether its outcome is known. */
  get settled(): boolean {
    return this.#settled;
  }

  /** Whether it has failed, be it after the answer. */
  get failed(): boolean {
    return this.#failed;
  }

  /** Whether its guest has returned. */
  get returned(): boolean {
    return this.#returned;
  }

  /** Whether its guest waits for a call that was made during it. */
  get awaiting(): boolean {
    return this.#awaited > 0;
  }

  /** The signal for calls made during this one: aborted when it is over. */
  get childSignal(): AbortSignal {
    return (this.#children ??= new AbortController()).signal;
  }

  /** The engine has taken it up: from now on it cannot be made elsewhere. */
  begin(): void {
    if (this.begun) return;
    this.begun = true;
    // What is heard together with that may be the end: then nothing has to be read from anybody.
    if (this.outgoing.size > 0) queueMicrotask(() => this.outgoing.forEach((channel) => void channel.start()));
    this.#owner.began(this);
  }

  /** The guest has answered. Its channels may go on. */
  settle(outcome: Outcome): void {
    this.#settled = true;
    this.#resolve(outcome);
    // From now on the deadline bounds each pause.
    if (outcome.channels.length > 0) this.moved();
  }

  /** It failed: its outcome, or where that is known already, its channels. */
  fail(error: Error): void {
    this.#settled = true;
    this.#failed = true;
    this.#reject(error);
    this.incoming.forEach((channel) => channel.end(error));
  }

  /** One of its channels has moved. */
  moved(): void {
    this.#movedAt = performance.now();
  }

  /** The guest has returned, or will never. */
  return(): void {
    if (this.#returned) return;
    this.#owner.returned(this);
    this.#returned = true;
    this.parent?.await(-1);
  }

  /** It was lost with its engine before it had begun. */
  again(cause: TrellisError, blamed: boolean): void {
    this.client = undefined;
    this.attempts++;
    if (!blamed) this.failures++;
    this.#owner.again(this, cause);
  }

  /** Its guest had to be killed. */
  blame(): void {
    this.#owner.blame(this);
  }

  /** Nobody wants it any more, unless it is over. */
  giveUp(error: TrellisError): void {
    if (!this.#closed) this.#owner.giveUp(this, error);
  }

  /** It is over: nothing of it is left behind. */
  close(): void {
    this.#closed = true;
    this.return();
    deadlines.drop(this, this.#tick);
    this.context.signal?.removeEventListener("abort", this.#onAbort);
    this.#children?.abort(new AbortedError("the call it was made during is over"));
    if (this.outgoing.size > 0) this.outgoing.forEach((channel) => channel.cancel());
    this.#owner.over(this);
  }

  /** Its deadline has come. */
  late(): void {
    const { deadline } = this.context;
    const rest = this.#settled ? this.#movedAt + deadline - performance.now() : 0;
    if (rest > 0) {
      this.#tick = deadlines.add(this, performance.now() + rest);
      return;
    }
    const what = `${this.invocation.instance} ${this.invocation.func}`;
    const why = this.#settled ? "its channels stood still" : "there was no answer";
    this.#owner.giveUp(this, new TimeoutError(`${what}: ${why} within ${deadline} ms`));
  }

  /** So many more calls that were made during it have not returned. */
  await(count: 1 | -1): void {
    const before = this.awaiting;
    this.#awaited += count;
    if (this.awaiting !== before && !this.#returned) this.#owner.awaits(this, this.awaiting);
  }

  #aborted(): void {
    const signal = this.context.signal;
    if (signal !== undefined) this.#owner.giveUp(this, abortedBy(signal));
  }
}
