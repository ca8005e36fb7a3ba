/** The bus in memory: what hosts in one process share. Routing and buckets are the core's (`host-wasm/lattice`). */

import type {
  Bucket, Bus, Entry, Message, PublishOptions, RequestOptions, Subscription, SubscribeOptions, Watch, WatchOptions,
} from "./bus.js";
import { Closers } from "./closers.js";
import type { Core, CoreMemoryBus } from "./core.js";
import { type Guard, guardOf } from "./engine/guard.js";
import { StoppedError } from "./errors.js";
import { isNoResponders, nobody } from "./no-responders.js";
import { iterate, Queue } from "./queue.js";
import { randomId } from "./random-id.js";
import { Waits } from "./waits.js";

/** How long a request waits for its answer unless told otherwise, in milliseconds. */
const REQUEST_TIMEOUT = 10_000;

/** How many bytes a message may have: `MAX_PAYLOAD` of `host-wasm/lattice`, the default of nats-server. */
const MAX_PAYLOAD = 1024 * 1024;

/** A bus in memory. */
export class MemoryBus implements Bus {
  readonly #guard: Guard;
  readonly #core: CoreMemoryBus;
  readonly #closers = new Closers();
  readonly #waits = new Waits();
  #requests = 0;
  #closed = false;

  /** An empty bus of a core. */
  constructor(core: Core) {
    this.#guard = guardOf(core);
    this.#core = this.#guard.run(() => new core.MemoryBus());
  }

  /** What the core takes. */
  get maxPayload(): number {
    return MAX_PAYLOAD;
  }

  /** Sends a message to everybody who listens now. */
  publish(subject: string, payload: Uint8Array, { reply, headers = [] }: PublishOptions = {}): void {
    const pairs = headers.map(([name, value]): [string, string] => [name, value]);
    this.#call((core) => core.publish(subject, reply, pairs, payload));
  }

  /** Subscribes to a subject or pattern. */
  subscribe(subject: string, options: SubscribeOptions = {}): Subscription {
    const { queue: group, callback, signal } = options;
    let left = options.max ?? Infinity;
    const queue = new Queue<Message>();
    const id = this.#call((core) => core.subscribe(subject, group, (to, reply, headers, payload) => {
      const message: Message = { subject: to, headers, payload, ...reply !== undefined && { reply } };
      const last = --left === 0;
      if (last) this.#core.unsubscribe(id);
      const deliver = (): void => {
        if (callback === undefined) queue.push(message);
        else if (this.#closers.has(close)) callback(message);
        if (last) close();
      };
      // A callback never runs while the sender is still at it, nor after close.
      if (callback === undefined) deliver();
      else queueMicrotask(deliver);
    }));
    const close = this.#closer(signal, () => {
      queue.close();
      this.#core.unsubscribe(id);
    });
    const drain = async (): Promise<void> => {
      // What was published before is on its way to the callback.
      await Promise.resolve();
      close();
    };
    return { subject, close, drain, [Symbol.asyncIterator]: iterate(queue, close), [Symbol.asyncDispose]: async () => close() };
  }

  /** Sends a message and waits for the first answer. */
  request(subject: string, payload: Uint8Array, options: RequestOptions = {}): Promise<Message> {
    const { headers = [], timeout = REQUEST_TIMEOUT, signal } = options;
    return this.#waits.start(`${subject}: no answer`, timeout, signal, (wait) => {
      const reply = `_INBOX.${randomId()}.${++this.#requests}`;
      const inbox = this.subscribe(reply, {
        max: 1,
        callback: (message) => (isNoResponders(message) ? wait.reject(nobody(subject)) : wait.resolve(message)),
      });
      try {
        this.publish(subject, payload, { reply, headers });
      } catch (error) {
        wait.reject(error);
      }
      return () => inbox.close();
    });
  }

  /** Everything is delivered when `publish` returns. */
  async flush(): Promise<void> {
    this.#call(() => undefined);
  }

  /** Opens a bucket. */
  async bucket(name: string): Promise<Bucket> {
    this.#call((core) => core.kvOpen(name));
    return new MemoryBucket(name, (act) => this.#call(act), (signal, close) => this.#closer(signal, close));
  }

  /** Closes the bus. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#waits.failAll(new StoppedError("the bus is closed"));
    this.#closers.closeAll();
    this.#closed = true;
    if (this.#guard.panic === undefined) this.#guard.run(() => this.#core.free());
  }

  /** The same as `close`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #call<T>(act: (core: CoreMemoryBus) => T): T {
    if (this.#closed) throw new StoppedError("the bus is closed");
    return this.#guard.run(() => act(this.#core));
  }

  #closer(signal: AbortSignal | undefined, close: () => void): () => void {
    return this.#closers.add(signal, () => {
      if (this.#guard.panic === undefined) this.#guard.run(close);
    });
  }
}

type Call = <T>(act: (core: CoreMemoryBus) => T) => T;
type Closer = (signal: AbortSignal | undefined, close: () => void) => () => void;

class MemoryBucket implements Bucket {
  readonly name: string;
  readonly #call: Call;
  readonly #closer: Closer;

  constructor(name: string, call: Call, closer: Closer) {
    this.name = name;
    this.#call = call;
    this.#closer = closer;
  }

  async get(key: string): Promise<Entry | undefined> {
    const found = this.#call((core) => core.kvGet(this.name, key));
    return found && { key, operation: "put", ...found };
  }

  async put(key: string, value: Uint8Array): Promise<number> {
    return this.#call((core) => core.kvPut(this.name, key, value));
  }

  async create(key: string, value: Uint8Array): Promise<number> {
    return this.#call((core) => core.kvCreate(this.name, key, value));
  }

  async update(key: string, value: Uint8Array, revision: number): Promise<number> {
    return this.#call((core) => core.kvUpdate(this.name, key, value, revision));
  }

  async delete(key: string): Promise<void> {
    this.#call((core) => core.kvDelete(this.name, key));
  }

  async purge(key: string): Promise<void> {
    this.#call((core) => core.kvPurge(this.name, key));
  }

  async keys(pattern = ">"): Promise<string[]> {
    return this.#call((core) => core.kvKeys(this.name, pattern));
  }

  async watch({ key: pattern = ">", updatesOnly = false, signal }: WatchOptions = {}): Promise<Watch> {
    const queue = new Queue<Entry>();
    const id = this.#call((core) => core.kvWatch(this.name, pattern, updatesOnly, (key, operation, value, revision) =>
      queue.push({ key, operation, value, revision })));
    const close = this.#closer(signal, () => {
      queue.close();
      this.#call((core) => core.kvUnwatch(id));
    });
    return { close, [Symbol.asyncIterator]: iterate(queue, close), [Symbol.asyncDispose]: async () => close() };
  }
}
