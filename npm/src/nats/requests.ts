/** Requests and their answers: one inbox for all, a token for each. */

import type { Message, PublishOptions } from "../bus.js";
import { ConnectionError, type TrellisError } from "../errors.js";
import { isNoResponders, nobody } from "../no-responders.js";
import type { Wait, Waits } from "../waits.js";
import type { Line } from "./line.js";

/** A request that waits for its answer. */
interface Pending {
  readonly subject: string;
  readonly wait: Wait<Message>;
  /** Publishes it; nothing once that has been done. */
  send: (() => void) | undefined;
}

/** What requests need of the bus. */
export interface RequestBus {
  publish(subject: string, payload: Uint8Array, options: PublishOptions): void;
  subscribe(subject: string, options: { callback: (message: Message) => void }): unknown;
}

/** The requests of a bus. */
export class Requests {
  readonly #bus: RequestBus;
  readonly #line: Line;
  readonly #waits: Waits;
  readonly #inbox: string;
  readonly #pending = new Map<string, Pending>();
  #subscribed = false;
  #last = 0;

  /** Requests with answers to `inbox` and below. */
  constructor(bus: RequestBus, line: Line, waits: Waits, inbox: string) {
    this.#bus = bus;
    this.#line = line;
    this.#waits = waits;
    this.#inbox = inbox;
    line.watch({
      online: () => this.#each((pending) => pending.send?.()),
      offline: () => this.#lose(),
      denied: (subject, error) => this.#deny(subject, error),
    });
  }

  /** Sends a request; the first message that comes for it is its answer, whatever its status. */
  send(subject: string, payload: Uint8Array, timeout: number, { signal, ...options }: PublishOptions & { signal?: AbortSignal | undefined }): Promise<Message> {
    return this.#waits.start(`${subject}: no answer`, timeout, signal, (wait) => {
      this.#subscribe();
      const token = (this.#last += 1).toString(36);
      const pending: Pending = { subject, wait, send: undefined };
      const publish = (bytes: Uint8Array): void => {
        pending.send = undefined;
        this.#bus.publish(subject, bytes, { ...options, reply: `${this.#inbox}.${token}` });
      };
      this.#pending.set(token, pending);
      if (this.#line.online) publish(payload);
      else {
        const kept = payload.slice();
        pending.send = () => publish(kept);
      }
      return () => this.#pending.delete(token);
    });
  }

  #subscribe(): void {
    if (this.#subscribed) return;
    this.#subscribed = true;
    const start = this.#inbox.length + 1;
    this.#bus.subscribe(`${this.#inbox}.*`, {
      callback: (message) => {
        const pending = this.#pending.get(message.subject.slice(start));
        if (pending === undefined) return;
        if (isNoResponders(message)) pending.wait.reject(nobody(pending.subject));
        else pending.wait.resolve(message);
      },
    });
  }

  /** Answers that were under way are lost; what has not been sent is sent when the connection is back. */
  #lose(): void {
    this.#each(({ subject, wait, send }) => {
      if (send !== undefined) return;
      const error = `the connection was lost before ${subject} was answered: it may have been done or not`;
      wait.reject(new ConnectionError(error, { fault: "lost" }));
    });
  }

  #deny(denied: string, error: TrellisError): void {
    this.#each(({ subject, wait }) => {
      if (subject === denied) wait.reject(error);
    });
  }

  #each(act: (pending: Pending) => void): void {
    [...this.#pending.values()].forEach(act);
  }
}
