/**
 * The host's side of one engine: numbers calls and channels, matches the engine's events to them, and sees that
 * nothing outlives its call.
 */

import type { ChannelRef, ComponentSettings, CoreKeyValue } from "../core.js";
import { AbortedError, abortedBy, fromWire, toWire, type TrellisError, WorkerLostError } from "../errors.js";
import type { Meter } from "../host/meter.js";
import { Call, type CallOwner } from "./call.js";
import { type CallContext, childContext, runsOn } from "./context.js";
import { Incoming } from "./incoming.js";
import { type Answer, type Channel, held, type Invocation, type Outcome, type ReceivedChannel } from "./invocation.js";
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
  /** The engine is gone, or has to go because a guest does not let go of it. */
  lost(error: TrellisError): void;
}

/** What was asked for was not yet taken up when the engine was lost, by `cause`: it can be done elsewhere. */
export class NotBegun extends Error {
  declare readonly cause: TrellisError;

  /** Nothing was begun. */
  constructor(cause: TrellisError) {
    super("not begun", { cause });
  }
}

/** How long an engine may take to prove that it is not stuck, in milliseconds. */
const GRACE = 500;

/** The host's side of an engine. */
export class EngineClient implements CallOwner {
  readonly #port: EnginePort;
  readonly #host: EngineHost;
  readonly #calls = new Map<number, Call>();
  readonly #outgoing = new Map<number, { channel: Outgoing; call: Call | undefined }>();
  readonly #incoming = new Map<number, { channel: Incoming; call: Call | undefined }>();
  readonly #waiting: Call[] = [];
  #started = 0;
  #lastCall = 0;
  #lastChannel = 0;
  #lost: TrellisError | undefined;

  /** A client of the engine that `open` starts. */
  constructor(open: OpenPort, host: EngineHost) {
    this.#host = host;
    this.#port = open(this.#listener());
  }

  /** Makes a component known to the engine. Rejects with {@link NotBegun} where the engine is lost meanwhile. */
  async load(component: number, plan: Uint8Array, modules: WebAssembly.Module[], settings: ComponentSettings): Promise<void> {
    this.#check();
    try {
      await this.#port.load(component, plan, modules, settings);
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

  /** Calls a component. Rejects with {@link NotBegun} where the engine is lost before it has taken up the call. */
  invoke(component: number, invocation: Invocation, context: CallContext): Promise<Outcome> {
    this.#check();
    if (context.signal?.aborted) throw abortedBy(context.signal);
    context.engine = this;
    const call = new Call(this, ++this.#lastCall, component, invocation, context);
    this.#calls.set(call.id, call);
    this.#port.busy(true);
    if (this.#hasTurn(call)) this.#start(call);
    else this.#waiting.push(call);
    return call.outcome;
  }

  /** Ends the engine; its calls fail with `error`. */
  async close(error: TrellisError): Promise<void> {
    this.#lose(error);
    await this.#port.close();
  }

  /** A caller gives a call up. An engine that has no other reason not to answer afterwards is stuck, and lost. */
  giveUp(call: Call, error: TrellisError): void {
    call.fail(error);
    if (call.started) {
      this.#port.abort(call.id);
      // One that waits behind a guest's turn says nothing about that guest, which may take its time.
      if (call.begun || !this.#hasBegun()) void this.#checkResponsive(error);
    }
    this.#finish(call);
  }

  /** All calls of a component are given up. */
  giveUpAll(component: number, error: TrellisError): void {
    for (const call of [...this.#calls.values()]) {
      if (call.component === component) this.giveUp(call, error);
    }
  }

  #hasBegun(): boolean {
    return [...this.#calls.values()].some((call) => call.begun);
  }

  async #checkResponsive(cause: TrellisError): Promise<void> {
    if (await this.#port.responsive(GRACE)) return;
    const error = new WorkerLostError("the worker was ended because another guest in it did not let go of it", { cause });
    if (this.#lost === undefined) this.#host.lost(error);
  }

  /** An engine that blocks its thread takes one call from outside at a time; calls made during it go on top. */
  #hasTurn(call: Call): boolean {
    if (this.#port.suspension !== "atomics") return true;
    return this.#started === 0 || runsOn(call.context, this);
  }

  #start(call: Call): void {
    call.started = true;
    this.#started++;
    const { instance, func, params, channels } = call.invocation;
    try {
      const refs = channels.map((channel) => this.#send(channel, call));
      this.#port.invoke(call.id, call.component, instance, func, params, refs);
    } catch (error) {
      // What cannot be sent (a detached buffer, say) is the caller's to hear of, not of whose end gave it its turn.
      call.fail(error as Error);
      this.#finish(call);
    }
  }

  #send({ path, body }: Channel, call?: Call): ChannelRef {
    const id = (this.#lastChannel += 2);
    if (body instanceof Uint8Array && body.length <= WINDOW) return { path: [...path], id, ready: new Uint8Array(body) };
    const port = {
      push: (chunk: Uint8Array) => (call?.moved(), this.#port.push(id, chunk)),
      end: (error?: Parameters<EnginePort["end"]>[1]) => (this.#outgoing.delete(id), this.#port.end(id, error)),
    };
    const channel = new Outgoing(port, sourceOf(body));
    this.#outgoing.set(id, { channel, call });
    call?.outgoing.set(id, channel);
    if (call === undefined || call.begun) void channel.start();
    return { path: [...path], id };
  }

  #receive({ path, id, ready }: ChannelRef, call?: Call): ReceivedChannel {
    if (ready !== undefined) return { path, body: Incoming.complete(ready) };
    const channel = new Incoming({
      credit: (bytes) => this.#incoming.has(id) && (call?.moved(), this.#port.credit(id, bytes)),
      cancel: () => this.#incoming.delete(id) && this.#port.cancel(id),
    });
    this.#incoming.set(id, { channel, call });
    call?.incoming.set(id, channel);
    return { path, body: channel };
  }

  #finish(call: Call): void {
    if (!this.#calls.delete(call.id)) return;
    if (call.started) this.#started--;
    else remove(this.#waiting, call);
    call.close();
    this.#release(call);
    call.incoming.forEach((_, id) => this.#incoming.delete(id));
    if (this.#calls.size === 0) this.#port.busy(false);
    const next = this.#waiting[0];
    if (next === undefined || this.#lost !== undefined || !this.#hasTurn(next)) return;
    remove(this.#waiting, next);
    this.#start(next);
  }

  /** The channels to a call's guest are the engine's no more. */
  #release(call: Call): void {
    call.outgoing.forEach((_, id) => this.#outgoing.delete(id));
    call.outgoing.clear();
  }

  async #serve(id: number, component: number, invocation: Invocation, parent: Call): Promise<void> {
    // Not from within the engine's own callback.
    await Promise.resolve();
    try {
      const context = childContext(parent.context, this.#host.deadline, parent.childSignal);
      const { results, channels = [] } = await this.#host.guestCalls(component, invocation, context);
      if (!this.#isOpen(parent)) return channels.forEach(({ body }) => sourceOf(body).cancel());
      // All of them or none: half an answer would be sent to channels that the guest never hears of.
      const answers = channels.map(held);
      this.#port.reply(id, results, answers.map((channel) => this.#send(channel, parent)));
    } catch (error) {
      invocation.channels.forEach(({ body }) => sourceOf(body).cancel());
      if (this.#isOpen(parent)) this.#port.fail(id, toWire(error));
    }
  }

  #isOpen(call: Call): boolean {
    return this.#lost === undefined && this.#calls.has(call.id);
  }

  #listener(): EngineListener {
    return {
      began: (id) => this.#began(id),
      settled: (id, results, refs) => this.#settled(id, results, refs),
      failed: (id, error) => this.#calls.get(id)?.fail(fromWire(error)),
      finished: (id) => this.#withCall(id, (call) => this.#finish(call)),
      invoke: (id, component, instance, func, params, refs, parent) =>
        this.#guestCalls(id, component, { instance, func, params, channels: [] }, refs, parent),
      push: (id, chunk) => this.#pushed(id, chunk),
      end: (id, error) => this.#ended(id, error && fromWire(error)),
      credit: (id, bytes) => this.#granted(id, bytes),
      cancel: (id) => this.#outgoing.get(id)?.channel.cancel(),
      log: (...args) => this.#host.log(...args),
      stdio: (...args) => this.#host.stdio(...args),
      returned: () => undefined,
      struck: () => undefined,
      stats: () => undefined,
      lost: (error) => this.#lost === undefined && this.#host.lost(error),
    };
  }

  #withCall(id: number, act: (call: Call) => void): void {
    const call = this.#calls.get(id);
    if (call !== undefined) act(call);
  }

  #began(id: number): void {
    this.#withCall(id, (call) => {
      call.begun = true;
      call.outgoing.forEach((channel) => void channel.start());
    });
  }

  #settled(id: number, results: Uint8Array, refs: ChannelRef[]): void {
    const call = this.#calls.get(id);
    const channels = refs.map((ref) => this.#receive(ref, call));
    if (call === undefined) return channels.forEach(({ body }) => body.cancel());
    call.settle({ results, channels });
  }

  #guestCalls(id: number, component: number, invocation: Invocation, refs: ChannelRef[], parentId?: number): void {
    const parent = parentId === undefined ? undefined : this.#calls.get(parentId);
    const channels = refs.map((ref) => this.#receive(ref, parent));
    if (parent === undefined) {
      channels.forEach(({ body }) => body.cancel());
      return this.#port.fail(id, toWire(new AbortedError("the call that it was made during is over")));
    }
    void this.#serve(id, component, { ...invocation, channels }, parent);
  }

  #pushed(id: number, chunk: Uint8Array): void {
    const entry = this.#incoming.get(id);
    entry?.call?.moved();
    entry?.channel.push(chunk);
  }

  #ended(id: number, error: TrellisError | undefined): void {
    const entry = this.#incoming.get(id);
    this.#incoming.delete(id);
    entry?.channel.end(error);
  }

  #granted(id: number, bytes: number): void {
    const entry = this.#outgoing.get(id);
    entry?.call?.moved();
    entry?.channel.grant(bytes);
  }

  #check(): void {
    if (this.#lost !== undefined) throw new NotBegun(this.#lost);
  }

  #lose(error: TrellisError): void {
    if (this.#lost !== undefined) return;
    this.#lost = error;
    for (const call of [...this.#calls.values()]) {
      // The sources of a call that is made elsewhere go along with it.
      if (!call.begun) this.#release(call);
      call.fail(call.begun ? error : new NotBegun(error));
      this.#finish(call);
    }
    this.#incoming.forEach(({ channel }) => channel.end(error));
    this.#outgoing.forEach(({ channel }) => channel.cancel(error));
  }
}

function remove<T>(items: T[], item: T): void {
  const index = items.indexOf(item);
  if (index >= 0) items.splice(index, 1);
}
