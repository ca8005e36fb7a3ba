/**
 * The host's side of one engine: numbers calls and channels, matches the engine's events to them, and sees that
 * nothing outlives its call.
 */

import type { ChannelRef, ComponentSettings, CoreKeyValue } from "../core.js";
import { AbortedError, fromWire, TimeoutError, toWire, type TrellisError, WorkerLostError } from "../errors.js";
import type { Meter } from "../host/meter.js";
import type { Call } from "./call.js";
import { type CallContext, childContext } from "./context.js";
import { Incoming } from "./incoming.js";
import { type Answer, type Channel, held, type Invocation, type ReceivedChannel } from "./invocation.js";
import { Outgoing, WINDOW } from "./outgoing.js";
import type { EngineListener, EnginePort, OpenPort } from "./port.js";
import { sourceOf } from "./source.js";

/** What an engine asks of the host. */
export interface EngineHost {
  /** A guest of a component calls an import. */
  guestCalls(component: number, invocation: Invocation, context: CallContext): Promise<Answer>;
  /** Counts what guests do. */
  readonly meter: Meter;
  /** The deadline of calls that guests make, in milliseconds. */
  readonly deadline: number;
  /** A guest logs. */
  log(component: number, level: number, context: string, message: string): void;
  /** A guest prints. */
  stdio(component: number, stream: number, bytes: Uint8Array): void;
}

/** What an engine tells of itself. */
export interface EngineOwner extends EngineHost {
  /** It has started. */
  ready(): void;
  /** It has no more calls. */
  idle(): void;
  /** It is gone; or it has to go because a guest does not let go of it, that of `culprit` as far as can be told. */
  lost(error: TrellisError, held?: { culprit: Call | undefined }): void;
  /** A limit of a component struck. */
  struck(component: number, limit: string, detail: string): void;
  /** Its instances: alive, idle, and in all created, restored, dropped. */
  stats: EngineListener["stats"];
}

/** What was to be loaded was not when the engine was lost, by `cause`: it can be loaded elsewhere. */
export class NotBegun extends Error {
  declare readonly cause: TrellisError;
  /** Whether somebody else's guest is known to be to blame. */
  readonly blamed: boolean;

  /** Nothing was begun. */
  constructor(cause: TrellisError, blamed = false) {
    super("not begun", { cause });
    this.blamed = blamed;
  }
}

/** How long an engine may take to prove that it is not stuck, in milliseconds. */
const GRACE = 500;

/** The host's side of an engine. */
export class EngineClient {
  readonly #port: EnginePort;
  readonly #host: EngineOwner;
  readonly #calls = new Map<number, Call>();
  readonly #outgoing = new Map<number, { channel: Outgoing; call: Call }>();
  readonly #incoming = new Map<number, { channel: Incoming; call: Call }>();
  #lastCall = 0;
  #lastChannel = 0;
  #ready = false;
  #lost: TrellisError | undefined;
  #blamed = false;

  /** A client of the engine that `open` starts. */
  constructor(open: OpenPort, host: EngineOwner) {
    this.#host = host;
    this.#port = open(this.#listener());
  }

  /**
   * Makes a component known to the engine. Resolves to the memories that an instance takes; rejects with
   * {@link NotBegun} where the engine is lost meanwhile.
   */
  async load(component: number, plan: Uint8Array, modules: WebAssembly.Module[], settings: ComponentSettings): Promise<number> {
    this.#check();
    try {
      return await this.#port.load(component, plan, modules, settings);
    } catch (error) {
      this.#check();
      throw error;
    }
  }

  /** Answers an import of a component from a provider of the core. Only an inline engine can. */
  serve(component: number, instance: string, provider: CoreKeyValue): void {
    this.#port.serve?.(component, instance, provider);
  }

  /** Forgets a component; its calls in flight go on. */
  unload(component: number): void {
    if (this.#lost === undefined) this.#port.unload(component);
  }

  /** Whether it has no calls. */
  get idle(): boolean {
    return this.#calls.size === 0;
  }

  /** Drops what is idle: what keeps state only with `all`. */
  trim(all: boolean): void {
    if (this.#lost === undefined) this.#port.trim(all);
  }

  /** Gives a call to the engine. Where the engine is lost before it has taken it up, its owner may give it to another. */
  run(call: Call): void {
    this.#check();
    call.id = ++this.#lastCall;
    call.client = this;
    this.#calls.set(call.id, call);
    if (this.#calls.size === 1) this.#port.busy(true);
    const { instance, func, params, channels } = call.invocation;
    try {
      const refs = channels.map((channel) => this.#send(channel, call));
      this.#port.invoke(call.id, call.deployment.number, instance, func, params, refs);
    } catch (error) {
      // What cannot be sent (a detached buffer, say) is the caller's to hear of, not of whose end gave it its turn.
      call.fail(error as Error);
      channels.forEach(({ body }) => sourceOf(body).cancel(error));
      this.#finish(call);
    }
  }

  /** Ends the engine; its calls fail with `error`. `blamed` says that a guest of another call is to blame for that. */
  async close(error: TrellisError, blamed = false): Promise<void> {
    this.#lose(error, blamed);
    await this.#port.close();
  }

  /** A caller gives a call up. An engine that has no other reason not to answer afterwards is stuck, and lost. */
  giveUp(call: Call, error: TrellisError): void {
    // Of one that is not answered yet its caller hears, and counts it.
    if (call.settled && error instanceof TimeoutError) this.#host.meter.struck(call.deployment.number, "deadline", error.message);
    // A guest that does not let go of its thread has told nobody that it has begun.
    this.#port.hear();
    call.fail(error);
    this.#port.abort(call.id);
    // Nobody gives them credit any more, and without it they would wait in the engine for ever.
    call.incoming.forEach((_, id) => this.#incoming.has(id) && this.#port.cancel(id));
    // One that waits behind a guest's turn says nothing about that guest, which may take its time; nor does an engine
    // that has not started yet, which the next call would have to start anew.
    if (call.begun || (this.#ready && !this.#hasBegun())) void this.#checkResponsive(error, call.begun ? call : undefined);
    this.#finish(call);
  }

  /** All calls of a component are given up. */
  giveUpAll(component: number, error: TrellisError): void {
    for (const call of [...this.#calls.values()]) {
      if (call.deployment.number === component) this.giveUp(call, error);
    }
  }

  #hasBegun(): boolean {
    for (const call of this.#calls.values()) if (call.begun) return true;
    return false;
  }

  async #checkResponsive(cause: TrellisError, givenUp: Call | undefined): Promise<void> {
    // Now, not when it is known: until then others may be given up, and forgotten.
    const culprit = this.#culprit(givenUp);
    // A guest that waited goes on after the first answer, to be stopped. If it does not let itself be, there is no second.
    const answered = await this.#answers() && await this.#answers();
    if (answered || this.#lost !== undefined) return;
    const error = new WorkerLostError("the worker was ended because another guest in it did not let go of it", { cause });
    this.#host.lost(error, { culprit });
  }

  /** Whether the engine answers in time, or is lost anyway. */
  async #answers(): Promise<boolean> {
    return this.#lost !== undefined || this.#port.responsive(GRACE);
  }

  /** Whose guest it is that does not let go of a stuck engine: of those that do not wait for an answer, the last to begin. */
  #culprit(givenUp: Call | undefined): Call | undefined {
    const candidates = [...this.#calls.values()].filter((call) => call.begun && !call.returned && call.asking === 0);
    return candidates.at(-1) ?? givenUp;
  }

  #send({ path, body }: Channel, call: Call): ChannelRef {
    const id = (this.#lastChannel += 2);
    if (body instanceof Uint8Array && body.length <= WINDOW) return { path: [...path], id, ready: new Uint8Array(body) };
    const source = sourceOf(body);
    this.#host.meter.open(call.deployment.number);
    const port = {
      push: (chunk: Uint8Array) => (call.moved(), this.#port.push(id, chunk)),
      end: (error?: Parameters<EnginePort["end"]>[1]) => (this.#closed(this.#outgoing, id), this.#port.end(id, error)),
    };
    const channel = new Outgoing(port, source);
    this.#outgoing.set(id, { channel, call });
    call.outgoing.set(id, channel);
    if (call.begun) void channel.start();
    return { path: [...path], id };
  }

  /** All of the channels, or none. */
  #sendAll(channels: readonly Channel[], call: Call): ChannelRef[] {
    const refs: ChannelRef[] = [];
    try {
      for (const channel of channels) refs.push(this.#send(channel, call));
      return refs;
    } catch (error) {
      for (const { id } of refs) {
        call.outgoing.get(id)?.cancel(error);
        call.outgoing.delete(id);
        this.#closed(this.#outgoing, id);
      }
      channels.forEach(({ body }) => sourceOf(body).cancel(error));
      throw error;
    }
  }

  #receive({ path, id, ready }: ChannelRef, call?: Call): ReceivedChannel {
    if (ready !== undefined) return { path, body: Incoming.complete(ready) };
    const channel = new Incoming({
      credit: (bytes) => this.#incoming.has(id) && (call?.moved(), this.#port.credit(id, bytes)),
      cancel: () => (call === undefined || this.#closed(this.#incoming, id)) && this.#port.cancel(id),
    });
    if (call === undefined) return { path, body: channel };
    this.#host.meter.open(call.deployment.number);
    this.#incoming.set(id, { channel, call });
    call.incoming.set(id, channel);
    return { path, body: channel };
  }

  /** All of the channels that come along, or none. */
  #receiveAll(refs: ChannelRef[], call: Call | undefined): ReceivedChannel[] {
    const channels: ReceivedChannel[] = [];
    try {
      for (const ref of refs) channels.push(this.#receive(ref, call));
      return channels;
    } catch (error) {
      channels.forEach(({ body }) => body.cancel());
      refs.slice(channels.length).forEach(({ id, ready }) => ready === undefined && this.#port.cancel(id));
      throw error;
    }
  }

  /** A channel is no more. Whether it was one until now. */
  #closed(channels: Map<number, { call: Call }>, id: number): boolean {
    const entry = channels.get(id);
    if (entry === undefined) return false;
    channels.delete(id);
    this.#host.meter.closed(entry.call.deployment.number);
    return true;
  }

  #finish(call: Call): void {
    if (!this.#calls.delete(call.id)) return;
    call.close();
    this.#release(call);
    this.#closeFutures(call, Infinity);
    call.incoming.forEach((_, id) => this.#closed(this.#incoming, id));
    if (this.#calls.size > 0) return;
    this.#port.busy(false);
    this.#host.idle();
  }

  /** The channels to a call's guest are the engine's no more. */
  #release(call: Call): void {
    call.outgoing.forEach((_, id) => this.#closed(this.#outgoing, id));
    call.outgoing.clear();
  }

  async #serve(id: number, component: number, invocation: Invocation, parent: Call): Promise<void> {
    let answered = (): void => undefined;
    try {
      answered = this.#ask(parent, invocation);
      // Not from within the engine's own callback.
      await Promise.resolve();
      const context = childContext(parent.context, this.#host.deadline, parent.childSignal);
      const { results, channels = [] } = await this.#host.guestCalls(component, invocation, context);
      if (!this.#isOpen(parent)) return channels.forEach(({ body }) => sourceOf(body).cancel());
      // All of them or none: half an answer would be sent to channels that the guest never hears of.
      const answers = channels.map(held);
      this.#port.reply(id, results, this.#sendAll(answers, parent));
    } catch (error) {
      await Promise.resolve();
      invocation.channels.forEach(({ body }) => sourceOf(body).cancel());
      if (this.#isOpen(parent)) this.#port.fail(id, toWire(error));
    } finally {
      answered();
    }
  }

  /**
   * Counts a call of a guest until what is returned is called. The host holds it until then, whether the guest waits for it
   * or not: so each beside another is a future in flight, and all of them together are no larger than one message may be.
   */
  #ask(parent: Call, { func, params: { length } }: Invocation): () => void {
    const { number, limits: { maxMessageBytes } } = parent.deployment;
    const { meter } = this.#host;
    if (parent.asked + length > maxMessageBytes) {
      throw meter.struck(number, "maxMessageBytes", `the parameters of ${func}, and of calls that are not answered yet, have ` +
        `${parent.asked + length} bytes, and a call may have ${maxMessageBytes}; wait for answers, or raise maxMessageBytes`);
    }
    const another = parent.asking > 0;
    if (another) {
      meter.open(number);
      parent.futures++;
    }
    parent.asking++;
    parent.asked += length;
    return () => {
      parent.asking--;
      parent.asked -= length;
      if (another) this.#closeFutures(parent, 1);
    };
  }

  /** Futures of a call are no more: so many, as far as they are still there. */
  #closeFutures(call: Call, count: number): void {
    for (; count > 0 && call.futures > 0; count--, call.futures--) this.#host.meter.closed(call.deployment.number);
  }

  #isOpen(call: Call): boolean {
    return this.#lost === undefined && this.#calls.has(call.id);
  }

  #listener(): EngineListener {
    return {
      ready: () => {
        this.#ready = true;
        this.#host.ready();
      },
      began: (id) => this.#calls.get(id)?.begin(),
      held: (id) => this.#calls.get(id)?.deployment.artifact.trust.held(),
      returned: (id) => this.#calls.get(id)?.return(),
      settled: (id, results, refs) => this.#settled(id, results, refs),
      failed: (id, error) => this.#calls.get(id)?.fail(fromWire(error)),
      finished: (id) => {
        const call = this.#calls.get(id);
        if (call !== undefined) this.#finish(call);
      },
      invoke: (id, component, instance, func, params, refs, parent) =>
        this.#guestCalls(id, component, { instance, func, params, channels: [] }, refs, parent),
      push: (id, chunk) => this.#pushed(id, chunk),
      end: (id, error) => this.#ended(id, error && fromWire(error)),
      credit: (id, bytes) => this.#granted(id, bytes),
      cancel: (id) => this.#outgoing.get(id)?.channel.cancel(),
      log: (...args) => this.#host.log(...args),
      stdio: (...args) => this.#host.stdio(...args),
      struck: (...args) => this.#host.struck(...args),
      stats: (...args) => this.#host.stats(...args),
      lost: (error) => this.#lost === undefined && this.#host.lost(error),
    };
  }

  #settled(id: number, results: Uint8Array, refs: ChannelRef[]): void {
    const call = this.#calls.get(id);
    try {
      const channels = refs.length === 0 ? [] : this.#receiveAll(refs, call);
      if (call === undefined) channels.forEach(({ body }) => body.cancel());
      else call.settle({ results, channels });
    } catch (error) {
      if (call !== undefined) this.giveUp(call, error as TrellisError);
    }
  }

  #guestCalls(id: number, component: number, invocation: Invocation, refs: ChannelRef[], parentId?: number): void {
    const parent = parentId === undefined ? undefined : this.#calls.get(parentId);
    try {
      const channels = this.#receiveAll(refs, parent);
      if (parent !== undefined) return void this.#serve(id, component, { ...invocation, channels }, parent);
      channels.forEach(({ body }) => body.cancel());
      this.#port.fail(id, toWire(new AbortedError("the call that it was made during is over")));
    } catch (error) {
      this.#port.fail(id, toWire(error));
    }
  }

  #pushed(id: number, chunk: Uint8Array): void {
    const entry = this.#incoming.get(id);
    entry?.call.moved();
    entry?.channel.push(chunk);
  }

  #ended(id: number, error: TrellisError | undefined): void {
    const entry = this.#incoming.get(id);
    this.#closed(this.#incoming, id);
    entry?.channel.end(error);
  }

  #granted(id: number, bytes: number): void {
    const entry = this.#outgoing.get(id);
    entry?.call.moved();
    entry?.channel.grant(bytes);
  }

  #check(): void {
    if (this.#lost !== undefined) throw new NotBegun(this.#lost, this.#blamed);
  }

  #lose(error: TrellisError, blamed: boolean): void {
    if (this.#lost !== undefined) return;
    this.#lost = error;
    this.#blamed = blamed;
    // Some may have begun and not been heard of: they are not made again.
    this.#port.seal();
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    for (const call of calls) {
      if (call.begun) {
        call.fail(error);
        this.#closeFutures(call, Infinity);
        call.close();
      } else {
        // Its sources go along with it.
        this.#release(call);
        call.again(error, blamed);
      }
    }
    for (const [id, { channel }] of this.#incoming) {
      this.#closed(this.#incoming, id);
      channel.end(error);
    }
    for (const [id, { channel }] of this.#outgoing) {
      this.#closed(this.#outgoing, id);
      channel.cancel(error);
    }
  }
}
