/**
 * Events of the lattice: CloudEvents on `wasmbus.evt.{lattice}.{name}`. Facts: the lattice protocol 1.x, section 4.
 */

import type { Bus, Message, Subscription } from "../bus.js";
import { Queue } from "../queue.js";
import { randomId } from "../random-id.js";

/** An event of the lattice. */
export interface LatticeEvent {
  /** What happened: `component_scaled`, `linkdef_set`, … */
  readonly name: string;
  /** Names the event. */
  readonly id: string;
  /** The host that tells it. */
  readonly source: string;
  /** When, in RFC 3339. */
  readonly time: string;
  /** The details, with the field names of the lattice. */
  readonly data: Readonly<Record<string, unknown>>;
}

const PREFIX = "com.wasmcloud.lattice.";
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Publishes the events of one host. */
export class EventPublisher {
  readonly #bus: Bus;
  readonly #lattice: string;
  readonly #source: string;

  /** Publishes to a lattice as `source`. */
  constructor(bus: Bus, lattice: string, source: string) {
    this.#bus = bus;
    this.#lattice = lattice;
    this.#source = source;
  }

  /** Publishes an event. */
  publish(name: string, data: Record<string, unknown>): void {
    const event = {
      specversion: "1.0",
      id: randomId(),
      type: PREFIX + name,
      source: this.#source,
      datacontenttype: "application/json",
      time: new Date().toISOString(),
      data,
    };
    this.#bus.publish(`wasmbus.evt.${this.#lattice}.${name}`, encoder.encode(JSON.stringify(event)));
  }
}

/**
 * The events of a lattice from now on. Iterate it, or listen: as an `EventTarget` it dispatches each event as a
 * `CustomEvent` whose type is the event's name and whose `detail` is the {@link LatticeEvent}. What an iterator does
 * not fetch in time is dropped, oldest first, beyond 1024 events; `dropped` counts them. It ends with `close`, with the
 * host, and when a loop over it is left.
 */
export class LatticeEvents extends EventTarget implements AsyncIterable<LatticeEvent>, AsyncDisposable {
  readonly #subscription: Subscription;
  readonly #queue = new Queue<LatticeEvent>(1024);
  readonly #onClose: (events: LatticeEvents) => void;
  #closed = false;

  /** @internal */
  constructor(bus: Bus, lattice: string, onClose: (events: LatticeEvents) => void) {
    super();
    this.#onClose = onClose;
    this.#subscription = listen(bus, lattice, (event) => this.#take(event));
  }

  /** How many events the iterator has lost. */
  get dropped(): number {
    return this.#queue.dropped;
  }

  /** The events, one after the other. */
  async *[Symbol.asyncIterator](): AsyncGenerator<LatticeEvent, void, undefined> {
    try {
      yield* this.#queue;
    } finally {
      this.close();
    }
  }

  /** No more events. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#queue.close();
    this.#onClose(this);
    this.#subscription.close();
  }

  /** The same as `close`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  #take(event: LatticeEvent): void {
    if (this.#closed) return;
    this.#queue.push(event);
    this.dispatchEvent(new CustomEvent(event.name, { detail: event }));
  }
}

/** Calls `take` with the events of a lattice from now on. */
export function listen(bus: Bus, lattice: string, take: (event: LatticeEvent) => void): Subscription {
  const callback = ({ payload }: Message): void => {
    const event = readEvent(payload);
    if (event !== undefined) take(event);
  };
  return bus.subscribe(`wasmbus.evt.${lattice}.>`, { callback });
}

/** The event in a message; nothing where it is none. */
export function readEvent(payload: Uint8Array): LatticeEvent | undefined {
  try {
    const { type, id, source, time, data } = JSON.parse(decoder.decode(payload)) as Record<string, unknown>;
    if (typeof type !== "string" || !type.startsWith(PREFIX) || typeof data !== "object" || data === null) return undefined;
    const name = type.slice(PREFIX.length);
    return { name, id: String(id), source: String(source), time: String(time), data: data as Record<string, unknown> };
  } catch {
    return undefined;
  }
}
