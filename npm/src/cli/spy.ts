/**
 * Follows the calls of a component by the messages of others: the first message of each, and then what goes to the inboxes
 * of both sides. Facts: the lattice protocol 1.x, sections 6.1 and 6.2.
 */

import type { Bus, Message, Subscription } from "../bus.js";
import { isNoResponders } from "../no-responders.js";
import { SpiedCall } from "./spied-call.js";

/** What came of a call: results, nobody who serves it, or no answer that could be seen. */
export type Ending = "answered" | "not served" | "not seen";

/** Calls that are followed at a time; the oldest is given up for a newer one. */
const MOST = 1000;
/** Milliseconds after which an answer is not waited for any more. */
const PATIENCE = 60_000;

/** The end of a subject behind an inbox. */
const PARAMS = ".params";
const RESULTS = ".results";

/** Follows calls until it is closed. */
export class Spy {
  readonly #prefix: string;
  readonly #told: (call: SpiedCall, ending: Ending) => void;
  readonly #calls = new Map<string, SpiedCall>();
  readonly #callees = new Map<string, SpiedCall>();
  readonly #subscriptions: Subscription[];
  readonly #timer = setInterval(() => this.#expire(performance.now() - PATIENCE), 1000);

  /** Tells `told` of each call of a component when it has ended. */
  constructor(bus: Bus, lattice: string, id: string, told: (call: SpiedCall, ending: Ending) => void) {
    this.#prefix = `${lattice}.${id}.wrpc.0.0.1.`;
    this.#told = told;
    // All inboxes, and before the calls: whoever subscribed to one when its call is seen would be too late.
    this.#subscriptions = [
      bus.subscribe("_INBOX.>", { callback: (message) => this.#heard(message) }),
      bus.subscribe(`${this.#prefix}>`, { callback: (message) => this.#begun(message) }),
    ];
  }

  /** Follows no more. */
  close(): void {
    clearInterval(this.#timer);
    this.#subscriptions.forEach((subscription) => subscription.close());
  }

  #begun({ subject, reply, headers, payload }: Message): void {
    if (reply === undefined) return;
    const source = headers.find(([name]) => name === "source-id")?.[1] ?? "";
    this.#calls.set(reply, new SpiedCall(source, subject.slice(this.#prefix.length), reply, payload));
    const [oldest] = this.#calls.values();
    if (this.#calls.size > MOST && oldest !== undefined) this.#end(oldest, "not seen");
  }

  #heard(message: Message): void {
    const { subject, reply, payload } = message;
    const call = this.#calls.get(subject);
    if (call !== undefined) {
      if (isNoResponders(message)) return this.#end(call, "not served");
      if (reply === undefined || call.calleeInbox !== undefined) return;
      call.calleeInbox = reply;
      return void this.#callees.set(reply, call);
    }
    if (subject.endsWith(PARAMS)) return this.#callees.get(subject.slice(0, -PARAMS.length))?.addParams(payload);
    if (!subject.endsWith(RESULTS)) return;
    const answered = this.#calls.get(subject.slice(0, -RESULTS.length));
    if (answered?.addResults(payload) === true) this.#end(answered, "answered");
  }

  #end(call: SpiedCall, ending: Ending): void {
    this.#calls.delete(call.inbox);
    if (call.calleeInbox !== undefined) this.#callees.delete(call.calleeInbox);
    this.#told(call, ending);
  }

  #expire(before: number): void {
    for (const call of [...this.#calls.values()]) if (call.begun < before) this.#end(call, "not seen");
  }
}
