/**
 * Asks the policy service of a lattice whether something may be started or called. What it has decided is kept, here until
 * the connection is lost: changes may be missed then. Facts: the lattice protocol 1.x, section 10.6.
 */

import type { Bus } from "../bus.js";
import { guardOf } from "../engine/guard.js";
import { fromWire, messageOf, TimeoutError, toWire } from "../errors.js";
import type { CorePolicy, MemberCore, MemberSettings, PolicyQuestion } from "./core.js";
import { Denials } from "./denials.js";
import type { FullPolicyOptions } from "./options.js";

/** What asking takes. */
export interface PolicyParts {
  module: MemberCore;
  bus: Bus;
  settings: MemberSettings;
  warn: (text: string) => void;
}

/** A lattice's policy, as a host knows it. */
export class Policy {
  readonly #parts: PolicyParts;
  readonly #options: FullPolicyOptions;
  readonly #core: CorePolicy;
  /** Requests under way, by their ids. */
  readonly #asking = new Map<string, Promise<void>>();
  readonly #closing = new AbortController();
  readonly #denials: Denials;

  /** Asks on `topic`, and hears on `changesTopic`. */
  constructor(parts: PolicyParts, options: FullPolicyOptions) {
    const { module, bus, settings: { hostId, lattice, labels } } = parts;
    const { changesTopic } = options;
    this.#parts = parts;
    this.#options = options;
    this.#denials = new Denials(parts.warn);
    this.#core = this.#run(() => new module.Policy(hostId, lattice, JSON.stringify(labels)));
    const { signal } = this.#closing;
    if (changesTopic !== undefined) bus.subscribe(changesTopic, { callback: ({ payload }) => this.#changed(payload), signal });
    const forget = (): void => guardOf(module).panic === undefined ? this.#core.forget() : undefined;
    const deafen = bus.onConnection?.({ online: forget, offline: () => undefined });
    if (deafen !== undefined) signal.addEventListener("abort", deafen);
  }

  /** Resolves where it is permitted; rejects with `DeniedError` where it is not, and where there is no answer. */
  async check(question: PolicyQuestion): Promise<void> {
    const json = JSON.stringify(question);
    for (;;) {
      const asking = this.#run(() => this.#core.check(json));
      if (asking === undefined) return;
      const [id, payload] = asking as [string, Uint8Array?];
      if (payload !== undefined) this.#asking.set(id, this.#ask(id, payload));
      await this.#asking.get(id);
    }
  }

  /** The same for a call that `source` makes. Of one that is not permitted the operator hears: its caller is told nothing over the bus. */
  async checkCall(source: string, target: PolicyQuestion, call: readonly [instance: string, func: string]): Promise<void> {
    try {
      await this.check({ ...target, kind: "performInvocation", maxInstances: 0, call });
    } catch (error) {
      this.#denials.add(source, target.id, call, messageOf(error));
      throw error;
    }
  }

  /** Asks and hears no more. */
  close(): void {
    this.#denials.close();
    this.#closing.abort();
    void Promise.allSettled(this.#asking.values()).then(() => guardOf(this.#parts.module).panic ?? this.#core.free());
  }

  async #ask(id: string, payload: Uint8Array): Promise<void> {
    const { topic, timeout } = this.#options;
    try {
      const answer = await this.#parts.bus.request(topic, payload, { timeout, signal: this.#closing.signal });
      this.#run(() => this.#core.answer(id, answer.payload));
    } catch (error) {
      this.#run(() => this.#core.giveUp(id));
      throw failureOf(error, timeout);
    } finally {
      this.#asking.delete(id);
    }
  }

  #changed(payload: Uint8Array): void {
    try {
      this.#run(() => this.#core.change(payload));
    } catch (error) {
      this.#parts.warn(`what came on ${this.#options.changesTopic} changes no decision: ${messageOf(error)}`);
    }
  }

  #run<T>(act: () => T): T {
    return guardOf(this.#parts.module).run(act);
  }
}

/** Why there is no answer, in the words of other hosts. An answer that cannot be read says so itself. */
function failureOf(error: unknown, timeout: number): Error {
  const wire = toWire(error);
  if (wire.code === "decode") return error as Error;
  if (wire.code === TimeoutError.code) return new TimeoutError(`policy request failed: no answer within ${timeout} ms`);
  return fromWire({ ...wire, message: `policy request failed: ${wire.message}` });
}
