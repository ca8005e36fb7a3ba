/**
 * A bus: what carries the messages of a lattice. The semantics are those of NATS: subjects with the wildcards `*` and
 * `>`, queue groups, request and reply, headers, and key-value buckets with revisions and watches.
 *
 * Carriers are the in-memory bus of the core (`memory-bus.ts`), NATS (`nats/bus.ts`) and, later, BroadcastChannel. All
 * of them pass the suite `test/bus.compliance.ts`. Every call may throw or reject with `InvalidArgumentError` (a
 * malformed subject, bucket or key), `StoppedError` (the bus is closed) or, where there is a network, `ConnectionError`;
 * what waits for an answer, with `TimeoutError` or `AbortedError`.
 */

import type { Waiting } from "./waits.js";

/** Headers of a message, in order. A name may occur more than once; names are compared as they are written. */
export type Headers = readonly (readonly [name: string, value: string])[];

/** A message. */
export interface Message {
  /** Where it was published to. */
  readonly subject: string;
  /** Where an answer is expected. */
  readonly reply?: string;
  /** Its headers; empty where it has none. */
  readonly headers: Headers;
  /** Its content. The receiver may keep it. */
  readonly payload: Uint8Array;
}

/** What goes with a message. */
export interface PublishOptions {
  /** The subject to which answers should go. */
  reply?: string;
  /** Headers. */
  headers?: Headers;
}

/** How to subscribe. */
export interface SubscribeOptions {
  /** The queue group: each message goes to one member of it. */
  queue?: string;
  /** Called with each message, in order, never before `subscribe` has returned. Without it, iterate the subscription. */
  callback?: (message: Message) => void;
  /** Ends the subscription by itself after so many messages. */
  max?: number;
  /** Ends the subscription. */
  signal?: AbortSignal;
}

/** A subscription: an async iterable of messages (unless it was made with a callback) that ends when it is closed. */
export interface Subscription extends AsyncIterable<Message>, AsyncDisposable {
  /** The subject or pattern. */
  readonly subject: string;
  /** Ends it. Messages already received can still be iterated. */
  close(): void;
  /** Ends it, but for what the carrier has already given it: resolves when all of that has come, or after a second. */
  drain(): Promise<void>;
}

/** How to request. */
export interface RequestOptions {
  /** Headers. */
  headers?: Headers;
  /** Milliseconds to wait for the answer. Default 10 000. */
  timeout?: number;
  /** Gives the request up: it rejects with `AbortedError`. */
  signal?: AbortSignal;
}

/** What wants to know whether a carrier's connection is there. */
export interface ConnectionListener {
  /** It is back. The subscriptions are in force again. */
  online(): void;
  /** It is gone. */
  offline(): void;
  /** It has ended, and does not come back. */
  ended?(): void;
}

/** A bus. */
export interface Bus extends AsyncDisposable {
  /** The URL of the server, where the carrier is a network. */
  readonly server?: string;
  /** The domain of the JetStream that has its buckets, where it is told one. */
  readonly domain?: string;
  /**
   * How many bytes a message may have, headers and payload together. A larger one is a `LimitError`. Over NATS it is
   * what the server says (`max_payload`) and may change when the connection is made anew.
   */
  readonly maxPayload: number;
  /** Sends a message. It has been handed to the carrier when this returns. */
  publish(subject: string, payload: Uint8Array, options?: PublishOptions): void;
  /** Subscribes to a subject or pattern. It is in force when this returns. */
  subscribe(subject: string, options?: SubscribeOptions): Subscription;
  /**
   * Sends a message and waits for the first answer. Rejects with `TimeoutError`, with `AbortedError`, or with
   * `NotFoundError` where nobody listens (the answer of the carrier then is a message with the header `Status: 503`).
   */
  request(subject: string, payload: Uint8Array, options?: RequestOptions): Promise<Message>;
  /** Resolves when everything published so far has reached the carrier's other side. */
  flush(waiting?: Waiting): Promise<void>;
  /** Opens a key-value bucket, creating it where it does not exist. */
  bucket(name: string, waiting?: Waiting): Promise<Bucket>;
  /** Tells of the connection, where the carrier is a network: one that is lost and comes back. The function that comes back ends that. */
  onConnection?(listener: ConnectionListener): () => void;
  /** A subject that nobody else has, where the carrier does not allow any. Else `_INBOX.` and a random token is one. */
  inbox?(): string;
  /** Closes the bus: its subscriptions and watches end, its requests reject with `StoppedError`. */
  close(): Promise<void>;
}

/** An entry of a bucket. */
export interface Entry {
  /** The key. */
  readonly key: string;
  /** What happened to it last. */
  readonly operation: "put" | "delete" | "purge";
  /** The value; empty unless the operation is `put`. */
  readonly value: Uint8Array;
  /** The revision: it grows with every change within the bucket. */
  readonly revision: number;
}

/** Which changes to watch. */
export interface WatchOptions {
  /** A key or a pattern of keys with `*` and `>`. Default `>`. */
  key?: string;
  /** `true`: only changes from now on. Otherwise the entries there are come first. */
  updatesOnly?: boolean;
  /** Ends the watch. */
  signal?: AbortSignal;
}

/** A watch: an async iterable of changes, ended by `close`. */
export interface Watch extends AsyncIterable<Entry>, AsyncDisposable {
  /** Ends it. */
  close(): void;
}

/** A key-value bucket with history 1. Keys consist of `[-/_=.a-zA-Z0-9]+`. */
export interface Bucket {
  /** The name. */
  readonly name: string;
  /** The value of a key; `undefined` where there is none, or it was deleted. */
  get(key: string, waiting?: Waiting): Promise<Entry | undefined>;
  /** Sets a key. Resolves with the revision. */
  put(key: string, value: Uint8Array, waiting?: Waiting): Promise<number>;
  /** Sets a key that has no value; otherwise rejects with `ConflictError`. */
  create(key: string, value: Uint8Array, waiting?: Waiting): Promise<number>;
  /** Sets a key whose last revision (0: it never existed) is `revision`; otherwise rejects with `ConflictError`. */
  update(key: string, value: Uint8Array, revision: number, waiting?: Waiting): Promise<number>;
  /** Deletes a key. No error where it does not exist. */
  delete(key: string, waiting?: Waiting): Promise<void>;
  /** Deletes a key with its history. */
  purge(key: string, waiting?: Waiting): Promise<void>;
  /** The keys that have a value, in no particular order. */
  keys(pattern?: string, waiting?: Waiting): Promise<string[]>;
  /**
   * Watches changes. In force when the promise resolves. A watch outlives the loss of its connection, and of the bucket:
   * it then tells what has changed meanwhile, and of keys that are gone a `delete` with revision 0.
   */
  watch(options?: WatchOptions): Promise<Watch>;
}
