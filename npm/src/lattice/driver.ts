/**
 * Drives a member's state machine (`host-wasm/lattice`, in the module of `host-wasm/member`) over a bus: what it wants
 * subscribed, published, stored and woken is done here, and what comes of it is told.
 */

import type { Bus, Subscription } from "../bus.js";
import type { SpawnWorker } from "../engine/messages.js";
import { type Guard, guardOf } from "../engine/guard.js";
import { within } from "../engine/timer.js";
import { messageOf, PanicError, StoppedError } from "../errors.js";
import { Alarm } from "./alarm.js";
import { Buckets } from "./buckets.js";
import { Commands } from "./commands.js";
import type { CoreMember, MemberCore, MemberOutside, MemberSettings } from "./core.js";
import { onLeave } from "./page.js";

/** What a member is driven with. */
export interface DriverParts {
  module: MemberCore;
  settings: MemberSettings;
  bus: Bus;
  /** The bus of calls, by which providers are told of their links. */
  rpcBus: Bus;
  /** Starts a worker that keeps time, where the platform's own timers do not. */
  spawnAlarm: SpawnWorker | undefined;
  /** Says what is left to be said before the host leaves. */
  lastWords: () => void;
  /** Is told what people should hear of. */
  warn: (text: string) => void;
}

/** What a member decides about what runs here. */
export type Decisions = Pick<MemberOutside, "component" | "provider" | "abort" | "changed" | "registries">;

/** What the subjects begin with on which providers are told things: lattice protocol 1.x, section 9.3. */
const PROVIDERS = "wasmbus.rpc.";

/** Milliseconds that a host waits for its lattice before it begins without. */
const PATIENCE = 10_500;

/** A member, driven. */
export class Driver {
  /** Resolves when the member has left its lattice. */
  readonly ended: Promise<void>;
  readonly #parts: DriverParts;
  readonly #guard: Guard;
  readonly #member: CoreMember;
  readonly #alarm: Alarm;
  readonly #buckets: Buckets;
  readonly #commands = new Commands();
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #closers: (() => void)[] = [];
  readonly #joined: Promise<void>;
  #onJoined!: () => void;
  #onEnded!: () => void;
  #left = false;

  /** A member that is not connected yet; `decisions` carries out what it decides. */
  constructor(parts: DriverParts, decisions: Decisions) {
    const { module, settings, bus } = parts;
    this.#parts = parts;
    this.#guard = guardOf(module);
    this.#joined = new Promise((resolve) => (this.#onJoined = resolve));
    this.ended = new Promise((resolve) => (this.#onEnded = resolve));
    this.#member = this.#guard.run(() => new module.Member(this.#outside(decisions), JSON.stringify(settings)));
    this.#alarm = new Alarm(() => this.tell((member) => member.tick()), parts.spawnAlarm);
    this.#buckets = new Buckets(bus, (act) => this.tell(act));
    this.#closers.push(this.#guard.onPanic((error) => this.#die(error)));
  }

  /** What the host has to offer, as of now. */
  get labels(): Readonly<Record<string, string>> {
    if (this.#left || this.#guard.panic !== undefined) return this.#parts.settings.labels;
    return JSON.parse(this.#guard.run(() => this.#member.labels())) as Record<string, string>;
  }

  /** Connects. Resolves when the lattice has been told that the host is there, and can ask it, or after a while without it. */
  async join(): Promise<void> {
    const { bus } = this.#parts;
    const endHearing = bus.onConnection?.({
      online: () => this.tell((member) => member.connected(bus.maxPayload)),
      offline: () => this.tell((member) => member.disconnected()),
    });
    if (endHearing !== undefined) this.#closers.push(endHearing);
    this.#closers.push(onLeave(() => this.#leaveAtOnce()));
    this.tell((member) => member.connected(bus.maxPayload));
    await within(PATIENCE, this.#joined.then(() => bus.flush()).catch(() => undefined));
  }

  /** Calls into the member, and sees when it wants to be woken. Nothing happens where it is dead or has left. */
  tell(act: (member: CoreMember) => void): void {
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

  /** Gives the member a command; resolves with its answer, as JSON where it has one. */
  async command(command: object): Promise<string | undefined> {
    if (this.#guard.panic !== undefined) throw this.#guard.panic;
    return this.#commands.send((request) => this.tell((member) => member.command(request, JSON.stringify(command))));
  }

  /** Has the member leave its lattice: what it started gets so many milliseconds to end. */
  async stop(milliseconds: number): Promise<void> {
    if (this.#guard.panic !== undefined) return;
    this.tell((member) => member.stop(milliseconds));
    await this.ended;
  }

  /** Ends everything that is open. */
  close(): void {
    if (this.#left) return;
    this.#left = true;
    this.#closers.forEach((close) => close());
    this.#alarm.close();
    this.#subscriptions.forEach((subscription) => subscription.close());
    this.#buckets.close();
    this.#commands.failAll(new StoppedError("the host is stopped"));
    if (this.#guard.panic === undefined) this.#guard.run(() => this.#member.free());
  }

  /** The page goes: what is to be said is said now or never. */
  #leaveAtOnce(): void {
    this.tell((member) => member.stop(0));
    this.#parts.bus.flush().catch(() => undefined);
  }

  #publish(subject: string, reply: string | undefined, payload: Uint8Array): void {
    const { bus, rpcBus, lastWords } = this.#parts;
    if (subject.endsWith(".host_stopped")) lastWords();
    try {
      (subject.startsWith(PROVIDERS) ? rpcBus : bus).publish(subject, payload, reply === undefined ? {} : { reply });
    } catch (error) {
      this.#parts.warn(`a message on ${subject} could not be sent: ${messageOf(error)}`);
    }
    if (subject.endsWith(".host_started")) this.#onJoined();
  }

  #subscribe(channel: string, subject: string, queue: string | undefined): void {
    const subscription = this.#parts.bus.subscribe(subject, {
      callback: ({ subject: to, reply, payload }) => this.tell((member) => member.message(to, reply, payload)),
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
    this.#onEnded();
  }

  #outside(decisions: Decisions): MemberOutside {
    return {
      ...decisions,
      subscribe: (channel, subject, queue) => this.#subscribe(channel, subject, queue),
      unsubscribe: (channel) => this.#unsubscribe(channel),
      publish: (subject, reply, payload) => this.#publish(subject, reply, payload),
      watch: (watch, bucket) => this.#buckets.watch(watch, bucket),
      unwatch: (bucket) => this.#buckets.unwatch(bucket),
      ask: (...args) => void this.#buckets.ask(...args),
      answer: (request, error, json) => this.#commands.answer(request, error, json),
      warn: (text) => this.#parts.warn(text),
      stopped: () => this.#onEnded(),
    };
  }
}
