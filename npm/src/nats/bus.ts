/**
 * The bus over NATS (lattice protocol 1.x, section 2), on a connection of nats.js. Of nats.js it uses publishing,
 * subscribing and reconnecting; requests are our own, so that they can be given up and reject when the connection breaks.
 *
 * A payload that is received is a view of what came over the socket. One that is published is copied: nats.js sends it
 * only after `publish` has returned.
 */

import type {
  Bucket, Bus, ConnectionListener, Message, PublishOptions, RequestOptions, Subscription, SubscribeOptions,
} from "../bus.js";
import { Closers } from "../closers.js";
import { DecodeError, LimitError, messageOf, type TrellisError } from "../errors.js";
import { iterate, Queue } from "../queue.js";
import { randomId } from "../random-id.js";
import { type Waiting, Waits } from "../waits.js";
import { openBucket } from "./bucket.js";
import type { Received } from "./connection.js";
import { sendError, stopped } from "./errors.js";
import { JetStream } from "./jetstream.js";
import { type Line, throwLater } from "./line.js";
import { asHeaders, encodeHeaders, toMessage } from "./message.js";
import type { BusSettings } from "./options.js";
import { Outbox } from "./outbox.js";
import { Requests } from "./requests.js";
import { checkBucket, checkGroup, checkPattern, checkSubject } from "./subject.js";

/** Milliseconds that a bus that is being closed waits for what it has published. */
const LAST_FLUSH = 2000;

/** Milliseconds that a subscription that is drained waits for its last messages. */
const LAST_MESSAGES = 1000;

/** A bus over NATS. */
export class NatsBus implements Bus {
  /** Resolves when the bus is closed: with the reason where its connection ended, with nothing after `close`. */
  readonly closed: Promise<TrellisError | undefined>;
  readonly domain?: string;
  readonly #line: Line;
  readonly #ownsConnection: boolean;
  readonly #timeout: number;
  readonly #slow: number;
  readonly #inboxPrefix: string;
  readonly #waits = new Waits();
  readonly #closers = new Closers();
  readonly #outbox: Outbox;
  readonly #requests: Requests;
  readonly #jetStream: JetStream;
  #closing: Promise<void> | undefined;

  /** @internal */
  constructor(line: Line, ownsConnection: boolean, settings: BusSettings) {
    const { timeout = 10_000, slowConsumer = 10_000, maxHeldBytes = 8 * 1024 * 1024, inboxPrefix = "_INBOX", domain, pingInterval } = settings;
    this.#line = line;
    this.#ownsConnection = ownsConnection;
    this.#timeout = timeout;
    this.#slow = slowConsumer;
    this.#inboxPrefix = inboxPrefix;
    this.closed = line.ended;
    if (domain !== undefined) this.domain = domain;
    line.watch({ ended: () => this.#release() });
    this.#outbox = new Outbox(line, maxHeldBytes);
    this.#requests = new Requests(this, line, this.#waits, this.inbox());
    this.#jetStream = new JetStream(this, line, { domain, pingInterval });
  }

  /** How many bytes a message may have, as the server says. */
  get maxPayload(): number {
    return this.#line.maxPayload;
  }

  /** Milliseconds to wait where nothing else is said. @internal */
  get timeout(): number {
    return this.#timeout;
  }

  /** The server, as others of its lattice know it. */
  get server(): string {
    return `nats://${this.#line.server}`;
  }

  /** Tells of the connection: that it is lost, that it is back, that it has ended. */
  onConnection(listener: ConnectionListener): () => void {
    return this.#line.watch({ online: () => listener.online(), offline: () => listener.offline(), ended: () => listener.ended?.() });
  }

  /** A subject that nobody else has. */
  inbox(): string {
    return `${this.#inboxPrefix}.${randomId().replaceAll("-", "")}`;
  }

  /** Sends a message. While the connection is away it is kept until it is back. */
  publish(subject: string, payload: Uint8Array, { reply, headers }: PublishOptions = {}): void {
    this.#checkOpen();
    checkSubject(subject);
    if (reply !== undefined) checkSubject(reply);
    const block = headers === undefined || headers.length === 0 ? undefined : encodeHeaders(headers);
    const size = payload.length + (block?.length ?? 0);
    if (size > this.maxPayload) {
      throw new LimitError(`a message of ${size} bytes: the server takes ${this.maxPayload}; send less at a time, or raise its max_payload`);
    }
    try {
      this.#outbox.send(subject, payload.slice(), { reply, headers: block && asHeaders(block) });
    } catch (error) {
      throw sendError(error);
    }
  }

  /** Subscribes to a subject or pattern. After the connection was lost it is made again. */
  subscribe(subject: string, { queue: group, callback, max, signal }: SubscribeOptions = {}): Subscription {
    this.#checkOpen();
    checkPattern(subject);
    if (group !== undefined) checkGroup(group);
    const queue = new Queue<Message>();
    const deliver = callback ?? this.#enqueue(subject, queue);
    let left = max ?? Infinity;
    const inner = this.#line.connection.subscribe(subject, {
      ...group !== undefined && { queue: group },
      ...max !== undefined && { max },
      callback: (error, received) => {
        if (!this.#closers.has(close)) return;
        left -= 1;
        if (error === null) this.#deliver(received, deliver);
        if (error !== null || left <= 0) close();
      },
    });
    const close = this.#closers.add(signal, () => {
      queue.close();
      if (left > 0 && !this.#line.closed) inner.unsubscribe();
    });
    const drain = async (): Promise<void> => {
      if (this.#closers.has(close) && this.#line.online) await atMost(LAST_MESSAGES, inner.drain());
      close();
    };
    return { subject, close, drain, [Symbol.asyncIterator]: iterate(queue, close), [Symbol.asyncDispose]: async () => close() };
  }

  /** Sends a message and waits for the first answer. Without a connection it is sent when there is one again. */
  async request(subject: string, payload: Uint8Array, { headers, timeout = this.#timeout, signal }: RequestOptions = {}): Promise<Message> {
    this.#checkOpen();
    checkSubject(subject);
    return this.#requests.send(subject, payload, timeout, { signal, ...headers !== undefined && { headers } });
  }

  /** Resolves when the server has everything that was published so far. */
  async flush({ timeout = this.#timeout, signal }: Waiting = {}): Promise<void> {
    this.#checkOpen();
    return this.#waits.start("the server did not confirm what was sent", timeout, signal, ({ resolve, reject }) => {
      const send = (): void => void this.#line.connection.flush().then(resolve, (error: unknown) => reject(sendError(error)));
      if (this.#line.online) send();
      return this.#line.watch({ online: send });
    });
  }

  /** Opens a bucket, with the settings of the hosts of a lattice where it has to be created. */
  async bucket(name: string, waiting: Waiting = {}): Promise<Bucket> {
    this.#checkOpen();
    checkBucket(name);
    return openBucket(this.#jetStream, name, waiting);
  }

  /** Makes the connection anew unless the server answers within so many milliseconds. @internal */
  async probe(limit: number): Promise<void> {
    if (this.#closing !== undefined || !this.#line.online) return;
    await this.flush({ timeout: limit }).catch(() => this.#line.connection.reconnect?.().catch(() => undefined));
  }

  /** Closes something with the bus, or when `signal` aborts. The returned function closes it now. @internal */
  onClose(signal: AbortSignal | undefined, close: () => void): () => void {
    return this.#closers.add(signal, close);
  }

  /** Closes the bus once what was published has arrived, or after two seconds. A connection of the caller's stays open. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** The same as `close`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    if (this.#line.closed) return;
    const { connection, online } = this.#line;
    this.#release();
    if (online) await atMost(LAST_FLUSH, connection.flush());
    this.#line.end();
    if (this.#ownsConnection) await atMost(LAST_FLUSH, connection.close());
  }

  /** Ends everything that is open and everything that waits. */
  #release(): void {
    this.#closers.closeAll();
    this.#waits.failAll(stopped());
  }

  #checkOpen(): void {
    if (this.#closing !== undefined || this.#line.closed) throw stopped();
  }

  #deliver(received: Received, deliver: (message: Message) => void): void {
    let message: Message;
    try {
      message = toMessage(received);
    } catch (error) {
      const text = `a message on ${received.subject} has headers that cannot be read (${messageOf(error)}); it is dropped`;
      return this.#line.report({ type: "error", error: new DecodeError(text, { cause: error }) });
    }
    // An exception would end the reader of nats.js.
    try {
      deliver(message);
    } catch (error) {
      throwLater(error);
    }
  }

  /** Fills a queue; tells when its reader falls behind. */
  #enqueue(subject: string, queue: Queue<Message>): (message: Message) => void {
    let told = false;
    return (message) => {
      queue.push(message);
      const pending = queue.length;
      if (pending > this.#slow && !told) this.#line.report({ type: "slow-consumer", subject, pending });
      told = pending > this.#slow || (told && pending > this.#slow / 2);
    };
  }
}

/** Waits for work, well or badly ended, but no longer than so many milliseconds. */
function atMost(milliseconds: number, work: Promise<unknown>): Promise<unknown> {
  return new Waits().start("it took too long", milliseconds, undefined, ({ resolve }) => {
    work.then(resolve, resolve);
    return () => undefined;
  }).catch(() => undefined);
}
