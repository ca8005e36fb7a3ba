/** A lattice over a real server, and a client of it that knows only messages. */

import { type Bus, type Message, NotFoundError, type Subscription } from "trellis-host";

import { within } from "../../src/engine/timer.js";
import { encodeRequest } from "../../src/http/message.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Milliseconds that an event or an answer may take. */
const PATIENCE = 20_000;

/** What a host answers. */
export interface Answer {
  success: boolean;
  message: string;
  response?: unknown;
}

/** A client of the control interface. */
export class Client {
  readonly #bus: Bus;
  readonly #lattice: string;
  readonly #events: { name: string; source: string; data: Record<string, unknown> }[] = [];
  readonly #listening: Subscription;
  #wake: () => void = () => undefined;

  /** A client of a lattice, which hears its events from now on. */
  constructor(bus: Bus, lattice: string) {
    this.#bus = bus;
    this.#lattice = lattice;
    this.#listening = bus.subscribe(`wasmbus.evt.${lattice}.>`, {
      callback: ({ payload }) => {
        const { type, source, data } = JSON.parse(decoder.decode(payload)) as { type: string; source: string; data: Record<string, unknown> };
        this.#events.push({ name: type.slice("com.wasmcloud.lattice.".length), source, data });
        this.#wake();
      },
    });
  }

  /** Sends a request of the control interface. */
  async ask(subject: string, body?: unknown, timeout?: number): Promise<Answer> {
    return JSON.parse(decoder.decode((await this.#request(subject, body, timeout)).payload)) as Answer;
  }

  /** Asks all hosts; resolves when `count` have answered. */
  async askAll(subject: string, body: unknown, count: number): Promise<Answer[]> {
    const reply = `_INBOX.test.${Math.random().toString(36).slice(2)}`;
    const answers: Answer[] = [];
    const inbox = this.#bus.subscribe(reply, { max: count });
    this.#bus.publish(this.#control(subject), encode(body), { reply });
    for await (const { payload } of inbox) answers.push(JSON.parse(decoder.decode(payload)) as Answer);
    return answers;
  }

  /** The next event of a name that fits, also one that has come already. It is taken. Rejects where none comes in time. */
  async event(name: string, fits: (data: Record<string, unknown>, source: string) => boolean = () => true): Promise<Record<string, unknown>> {
    const deadline = performance.now() + PATIENCE;
    for (;;) {
      const index = this.#events.findIndex((event) => event.name === name && fits(event.data, event.source));
      if (index >= 0) return this.#events.splice(index, 1)[0]?.data ?? {};
      if (performance.now() >= deadline) throw new Error(`no event ${name} that fits within ${PATIENCE} ms; others: ${JSON.stringify(this.#events)}`);
      await within(deadline - performance.now(), new Promise<void>((resolve) => (this.#wake = resolve)));
    }
  }

  /** Forgets the events that have come. */
  forget(): void {
    this.#events.length = 0;
  }

  close(): void {
    this.#listening.close();
  }

  #request(subject: string, body: unknown, timeout?: number): Promise<Message> {
    return this.#bus.request(this.#control(subject), encode(body), timeout === undefined ? {} : { timeout });
  }

  #control(subject: string): string {
    return `wasmbus.ctl.v1.${this.#lattice}.${subject}`;
  }
}

function encode(body: unknown): Uint8Array {
  return body === undefined ? new Uint8Array(0) : encoder.encode(JSON.stringify(body));
}

/** A lattice that nobody else is in. */
export function freshLattice(): string {
  return `test-${Math.random().toString(36).slice(2)}`;
}

/** Sends a GET by wRPC, by hand, and gives all that comes back as text, nothing where it fails. Rejects where nobody answers in time. */
export async function httpOver(bus: Bus, lattice: string, target: string, path: string): Promise<string> {
  const inbox = `_INBOX.http.${Math.random().toString(36).slice(2)}`;
  let text = "";
  const params = encodeRequest({ method: "GET", url: new URL(path, "http://localhost"), headers: new Headers(), body: undefined }).params;
  return new Promise((resolve, reject) => {
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      subscription.close();
      handshake.close();
      settle();
    };
    const subscription = bus.subscribe(`${inbox}.>`, {
      callback: ({ subject, payload }) => {
        text += decoder.decode(payload);
        // The body comes on a channel of its own, or within the results; an empty message is the end.
        const open = text.length === 0 && !subject.endsWith(".results");
        if (payload.length === 0 && !open) end(() => resolve(text));
      },
    });
    const handshake = bus.subscribe(inbox, {
      callback: ({ headers }) => {
        if (headers.some(([name]) => name === "Status")) end(() => reject(new NotFoundError("nobody serves it")));
      },
    });
    const timer = setTimeout(() => end(() => reject(new Error(`no answer of ${target} within ${PATIENCE} ms; up to now: ${text}`))), PATIENCE);
    bus.publish(`${lattice}.${target}.wrpc.0.0.1.wrpc:http/incoming-handler@0.1.0.handle`, params, { reply: inbox });
  });
}
