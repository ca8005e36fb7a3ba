/**
 * Calls by wRPC over a bus, in both directions (lattice protocol 1.x, section 6). What is said in which order is the
 * business of the module (`host-wasm/wrpc`); here messages go in and out, and content flows between channels and the
 * streams of callers and guests.
 *
 * A bus knows no credit: a channel whose reader falls more than 16 MiB behind breaks off.
 */

import type { Bus, Message, PublishOptions, Subscription } from "../bus.js";
import type { WireError } from "../core.js";
import type { CallContext } from "../engine/context.js";
import { type Guard, guardOf } from "../engine/guard.js";
import type { Answer, Invocation, Outcome } from "../engine/invocation.js";
import { sourceOf } from "../engine/source.js";
import { AbortedError, abortedBy, ConnectionError, fromWire, PanicError, StoppedError, toWire, type TrellisError } from "../errors.js";
import type { Route } from "../host/router.js";
import { randomId } from "../random-id.js";
import { Arrivals } from "./arrivals.js";
import { Caller } from "./caller.js";
import { Carried, type Carrier } from "./carried.js";
import { Clock } from "./clock.js";
import type { CallsOutside, CoreCalls, MemberCore } from "./core.js";
import { type Close, type Service, subscribe } from "./service.js";

/** So many bytes parameters or results may have, and so many channels, whatever the limits of components say. */
const MAX_MESSAGE = 64 * 1024 * 1024;
const MAX_CHANNELS = 256;

/** The calls of a host that go over its bus. */
export class BusCalls {
  readonly #bus: Bus;
  readonly #guard: Guard;
  readonly #core: CoreCalls;
  readonly #inbox: Subscription;
  /** Where in the subjects of the inbox the number of a call begins. */
  readonly #numberAt: number;
  readonly #calls = new Map<number, Carried>();
  readonly #arrivals = new Arrivals();
  readonly #carrier: Carrier;
  /** The call that is being made or taken, until its number is known. */
  #beginning: Carried | undefined;
  /** The call that is being taken. */
  #taking: Carried | undefined;
  #failure: unknown;
  readonly #endMourning: () => void;
  readonly #endHearing: (() => void) | undefined;
  readonly #clock = new Clock(() => this.#tick());

  /** No calls yet. */
  constructor(module: MemberCore, bus: Bus, lattice: string) {
    this.#bus = bus;
    this.#guard = guardOf(module);
    const inbox = bus.inbox?.() ?? `_INBOX.${randomId().replaceAll("-", "")}`;
    this.#core = this.#guard.run(() => new module.Calls(this.#outside(), lattice, inbox, bus.maxPayload, MAX_MESSAGE, MAX_CHANNELS));
    this.#endMourning = this.#guard.onPanic((error) => this.#calls.forEach((call) => call.fail(error)));
    this.#endHearing = bus.onConnection?.({
      // The server may be another one then, and take messages of another size.
      online: () => this.#enter(() => this.#core.setMaxPayload(bus.maxPayload)),
      offline: () => this.#lose(({ flowing }) => flowing),
      ended: () => this.#lose(() => true),
    });
    this.#numberAt = inbox.length + 1;
    this.#inbox = bus.subscribe(this.#core.pattern(), { callback: (message) => this.#received(message) });
    this.#carrier = {
      send: (call, path, chunk) => this.#drive(call, () => this.#core.send(call, path, chunk)),
      end: (call, path, well) => this.#drive(call, () => this.#core.end(call, path, well)),
      consumed: (call, path, bytes) => this.#drive(call, () => this.#core.consumed(call, path, bytes)),
      cancel: (call, path) => this.#drive(call, () => this.#core.cancel(call, path)),
      flush: () => bus.flush(),
    };
  }

  /** How many calls are under way. */
  get size(): number {
    return this.#calls.size;
  }

  /**
   * Calls a function of a target. Rejects with `NotFoundError` where nobody serves it, with `TimeoutError` at the deadline,
   * with `ConnectionError` where the connection is lost meanwhile, and with `AbortedError`; a callee that fails closes its
   * answer, which is a `DecodeError`.
   */
  async call({ target, source, link }: Route, { instance, func, params, channels }: Invocation, context: CallContext): Promise<Outcome> {
    const { signal } = context;
    if (signal?.aborted) throw abortedBy(signal);
    const deadline = Math.min(context.deadline, Math.max(context.deadlineAt - performance.now(), 0));
    return new Promise((resolve, reject) => {
      const abort = (): void => signal && this.#giveUp(call, abortedBy(signal));
      const call: Carried = new Carried(this.#carrier, {
        values: (results, received) => resolve({ results, channels: received }),
        failed: reject,
        over: () => signal?.removeEventListener("abort", abort),
      });
      signal?.addEventListener("abort", abort);
      try {
        const announced = call.announce(channels);
        this.#begin(call, () => this.#core.call(target, instance, func, source, link, params, announced, deadline));
      } catch (error) {
        call.fail(error as TrellisError);
      }
    });
  }

  /** Answers the calls of a target, together with others who serve it. The function that comes back takes no more, and resolves when none is lost any more. */
  serve(target: string, service: Service): Close {
    return this.#guard.run(() => subscribe(this.#bus, this.#core, target, service, (...call) => this.#take(target, service, ...call)));
  }

  /** Resolves when the parameters of all calls are there that were taken for a target. Those of which they are not when `late` aborts are refused. */
  async arrived(target: string, late: AbortSignal): Promise<void> {
    for (const call of await this.#arrivals.ended(target, late)) this.#giveUp(call, new StoppedError(`${target} has been stopped`));
  }

  /** Ends all calls. */
  close(): void {
    this.#inbox.close();
    this.#endMourning();
    this.#endHearing?.();
    this.#clock.rest();
    for (const call of [...this.#calls.values()]) this.#giveUp(call, new StoppedError("the host is stopped"));
    this.#enter(() => this.#core.free());
  }

  #take(target: string, service: Service, instance: string, func: string, message: Message): void {
    const caller = new Caller(message.headers);
    const call: Carried = new Carried(this.#carrier, {
      values: (params, channels) => {
        void this.#answer(call, () => service.invoke({ instance, func, params, channels }, caller));
        this.#arrivals.delete(call);
      },
      failed: (error) => caller.fail(new AbortedError("the call over the bus has failed", { cause: error })),
      over: () => this.#arrivals.delete(call),
    });
    this.#taking = call;
    try {
      this.#begin(call, () => this.#core.take(instance, func, message.reply, message.payload, service.deadline));
    } catch (error) {
      // A caller that sends what is no call hears nothing.
      call.fail(error as TrellisError);
    } finally {
      this.#taking = undefined;
    }
    if (call.complete) return;
    if (!call.over) this.#arrivals.add(call, target);
    call.greet();
  }

  /**
   * The connection is lost. What was on its way is so without anybody's being told: an answer will not come, and of a channel
   * something may be missing in the middle. Such calls fail now, since who waits could only wait for the deadline.
   */
  #lose(isLost: (call: Carried) => boolean): void {
    const error = new ConnectionError("the connection was lost during the call: it may have been carried out or not; call again where twice does no harm", { fault: "lost" });
    for (const call of [...this.#calls.values()].filter(isLost)) this.#giveUp(call, error);
  }

  /** Gives the caller what the guest answers. There is no way to say what went wrong: its answer is closed. */
  async #answer(call: Carried, invoke: () => Promise<Answer>): Promise<void> {
    try {
      const { results, channels = [] } = await invoke();
      if (call.over) return channels.forEach(({ body }) => sourceOf(body).cancel());
      const announced = call.announce(channels);
      call.greet();
      const done = call.isDone();
      this.#drive(call.number, () => this.#core.results(call.number, results, announced, done));
    } catch (error) {
      this.#giveUp(call, error as TrellisError);
    }
  }

  #giveUp(call: Carried, error: TrellisError): void {
    if (call.over) return;
    call.greet();
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- it may have failed over that
    if (call.over) return;
    this.#calls.delete(call.number);
    this.#enter(() => this.#core.abort(call.number));
    // Nobody has to be told once the bus is gone.
    this.#failure = undefined;
    call.fail(error);
    this.#rest();
  }

  #begin(call: Carried, begin: () => number): void {
    this.#beginning = call;
    try {
      const number = this.#guard.run(begin);
      if (!call.over) this.#adopt(number);
      this.#check(number);
    } finally {
      this.#beginning = undefined;
    }
  }

  /** The call of a number, also the one that is only beginning. */
  #of(number: number): Carried | undefined {
    return this.#calls.get(number) ?? this.#adopt(number);
  }

  #adopt(number: number): Carried | undefined {
    const call = this.#beginning;
    this.#beginning = undefined;
    if (call === undefined) return undefined;
    call.number = number;
    this.#calls.set(number, call);
    this.#clock.go();
    return call;
  }

  #drive(number: number, act: () => void): void {
    if (!this.#calls.has(number)) return;
    this.#enter(act);
    this.#check(number);
  }

  /** Calls into the module, unless it is dead: all who wait have heard of that. */
  #enter(act: () => void): void {
    if (this.#guard.panic !== undefined) return;
    try {
      this.#guard.run(act);
    } catch (error) {
      if (!(error instanceof PanicError)) throw error;
    }
  }

  /** Fails a call whose messages the bus did not take. */
  #check(number: number): void {
    const failure = this.#failure;
    this.#failure = undefined;
    const call = this.#calls.get(number);
    if (failure !== undefined && call !== undefined) this.#giveUp(call, fromWire(toWire(failure)));
  }

  #received({ subject, reply, payload, headers }: Message): void {
    // Callers still send what a guest did not wait for: much of what comes is for calls that are over.
    if (!this.#calls.has(numberAt(subject, this.#numberAt))) return;
    const status = payload.length > 0 ? undefined : headers.find(([name]) => name === "Status")?.[1];
    this.#enter(() => this.#core.message(subject, reply, status === undefined ? undefined : Number(status), payload));
  }

  #over(number: number, end: (call: Carried) => void): void {
    const call = this.#of(number);
    this.#calls.delete(number);
    if (call !== undefined) end(call);
    this.#rest();
  }

  #tick(): void {
    // Nobody waits longer than this to hear that a call is taken.
    this.#calls.forEach((call) => call.letGo());
    this.#enter(() => this.#core.tick());
  }

  /** Without calls there is no clock to look at. */
  #rest(): void {
    if (this.#calls.size === 0) this.#clock.rest();
  }

  #publish(subject: string, payload: Uint8Array, options: PublishOptions): void {
    try {
      this.#bus.publish(subject, payload, options);
    } catch (error) {
      this.#failure = error;
    }
  }

  #outside(): CallsOutside {
    return {
      publish: (subject, reply, headers, payload) => {
        const taking = this.#taking;
        this.#taking = undefined;
        const send = (): void => this.#publish(subject, payload, { headers, reply });
        if (taking === undefined) return send();
        // The first that is said for a call that is taken. Said later, a failure is this call's, not that of the next one.
        taking.hold(() => {
          send();
          this.#check(taking.number);
        });
      },
      values: (call, bytes, channels) => this.#of(call)?.values(bytes, channels),
      open: (call) => this.#of(call)?.open(),
      data: (call, path, bytes) => this.#calls.get(call)?.data(path, bytes),
      end: (call, path, error) => this.#calls.get(call)?.end(path, error),
      failed: (call, error: WireError) => this.#over(call, (carried) => carried.fail(fromWire(error))),
      finished: (call) => this.#over(call, (carried) => carried.finish()),
    };
  }
}

/** The number whose decimal digits begin at a place of a text; 0 where there are none. */
function numberAt(text: string, at: number): number {
  let number = 0;
  for (let index = at; index < text.length; index++) {
    const digit = text.charCodeAt(index) - 48;
    if (digit < 0 || digit > 9) break;
    number = number * 10 + digit;
  }
  return number;
}
