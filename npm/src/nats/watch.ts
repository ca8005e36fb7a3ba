/**
 * Watches of buckets: a push consumer whose messages must come in order and without gap. Where they do not, where the
 * server falls silent, where the connection was lost or the bucket deleted, a new consumer reads all that is there, and
 * what the watch has not told yet is told.
 */

import type { Entry, Message, Subscription } from "../bus.js";
import { DecodeError } from "../errors.js";
import { type Waiting, Waits } from "../waits.js";
import { Backoff } from "./backoff.js";
import { entryOf, positionOf } from "./entry.js";
import { sendError, stopped } from "./errors.js";
import type { JetStream, StreamInfo } from "./jetstream.js";
import { header } from "./message.js";

/** What to watch. */
export interface BucketWatchOptions {
  key: string;
  /** Only what happens from now on. */
  updatesOnly?: boolean;
  /** Without the values. */
  headersOnly?: boolean;
  signal?: AbortSignal | undefined;
  tell: (entry: Entry) => void;
  /** It is closed. */
  ended?: () => void;
}

/** Silence of so many heartbeats means that the consumer is gone. */
const SILENCE = 2.5;
/** A consumer that nobody listens to is deleted after so many milliseconds. */
const INACTIVE = 30_000;

const nanoseconds = (milliseconds: number): number => milliseconds * 1_000_000;

/** A watch of a bucket. */
export class BucketWatch {
  readonly #jetStream: JetStream;
  readonly #bucket: string;
  readonly #options: BucketWatchOptions;
  readonly #waits = new Waits();
  readonly #backoff = new Backoff({ maxDelay: 5000 });
  readonly #ends: (() => void)[];
  #subscription: Subscription | undefined;
  #consumer: string | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #heard = 0;
  #closed = false;
  #inForce = false;
  /** Which consumer is the current one: those before it are not listened to any more. */
  #turn = 0;
  #sequence = 0;
  /** The stream that was read, by the time it was made; the revision it was read to; and the keys that have a value. */
  #created: string | undefined;
  #revision = 0;
  #known = new Set<string>();
  /** While all is read anew: the keys that have been seen. */
  #reading: Set<string> | undefined;
  #onListed: (() => void) | undefined;

  constructor(jetStream: JetStream, bucket: string, options: BucketWatchOptions) {
    this.#jetStream = jetStream;
    this.#bucket = bucket;
    this.#options = options;
    const restart = (): void => {
      if (this.#inForce) this.#restart();
    };
    const signal = options.signal?.aborted ? undefined : options.signal;
    this.#ends = [
      jetStream.line.watch({ online: restart, ended: () => this.close() }),
      jetStream.onCreated((name) => name === bucket && restart()),
      jetStream.bus.onClose(signal, () => this.close()),
    ];
  }

  /** Resolves when the watch is in force. */
  async begin(waiting: Waiting): Promise<void> {
    try {
      await this.#establish(waiting);
      this.#inForce = true;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Begins, and resolves when all that was there has been told. */
  listed({ timeout = this.#jetStream.bus.timeout, signal }: Waiting): Promise<void> {
    return this.#waits.start(`the keys of ${this.#bucket} did not come`, timeout, signal, ({ resolve, reject }) => {
      this.#onListed = () => resolve();
      this.begin({ timeout, signal }).catch(reject);
      return () => undefined;
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const end of this.#ends) end();
    this.#abandon();
    this.#waits.failAll(stopped());
    this.#options.ended?.();
  }

  /** Makes a consumer. */
  async #establish(waiting: Waiting): Promise<void> {
    const turn = this.#abandon();
    const info = await this.#jetStream.ensureBucket(this.#bucket, waiting);
    if (turn !== this.#turn) return;
    const onlyNew = this.#created === undefined && (this.#options.updatesOnly ?? false);
    this.#begin(info, onlyNew);
    const inbox = this.#jetStream.bus.inbox();
    this.#subscription = this.#jetStream.bus.subscribe(inbox, { callback: (message) => this.#receive(message) });
    const consumer = this.#config(inbox, onlyNew);
    const answer = await this.#jetStream.call(`CONSUMER.CREATE.KV_${this.#bucket}`, consumer, waiting);
    const { name, num_pending: pending = 0, delivered } = answer as { name?: string; num_pending?: number; delivered?: { consumer_seq?: number } };
    if (typeof name !== "string") throw new DecodeError("JetStream's answer about a consumer has no name");
    if (turn !== this.#turn) return this.#drop(name);
    this.#consumer = name;
    this.#backoff.reset();
    this.#listen();
    if (pending + (delivered?.consumer_seq ?? 0) === 0) this.#finishReading();
  }

  /** What is known of the stream before its consumer begins. */
  #begin({ created, state }: StreamInfo, onlyNew: boolean): void {
    this.#sequence = 0;
    if (onlyNew) this.#revision = state.last_seq;
    // Another stream has revisions of its own.
    else if (created !== this.#created) this.#revision = 0;
    this.#created = created;
    this.#reading = onlyNew ? undefined : new Set();
  }

  /** Gives up the current consumer, if there is one. Returns the number of the next. */
  #abandon(): number {
    this.#subscription?.close();
    clearTimeout(this.#retry);
    clearTimeout(this.#silence);
    if (this.#consumer !== undefined) this.#drop(this.#consumer);
    this.#subscription = this.#consumer = this.#retry = this.#silence = undefined;
    this.#turn += 1;
    return this.#turn;
  }

  /** The server would delete it by itself, later. */
  #drop(consumer: string): void {
    if (!this.#jetStream.line.online) return;
    this.#jetStream.call(`CONSUMER.DELETE.KV_${this.#bucket}.${consumer}`, null, {}).catch(() => undefined);
  }

  /** Makes a new consumer, now or as soon as that works. */
  #restart(): void {
    if (this.#closed) return;
    this.#establish({}).catch((error: unknown) => this.#failed(error));
  }

  #failed(error: unknown): void {
    if (this.#closed) return;
    const turn = this.#abandon();
    // When the connection is back, it begins anew.
    if (!this.#jetStream.line.online) return;
    this.#jetStream.line.report({ type: "error", error: sendError(error) });
    this.#backoff.attempt();
    this.#retry = setTimeout(() => turn === this.#turn && this.#restart(), this.#backoff.delay);
  }

  /** Watches for silence, with one timer rather than one for each message. */
  #listen(): void {
    this.#heard = Date.now();
    const silence = SILENCE * this.#jetStream.heartbeat;
    const check = (): void => {
      const left = this.#heard + silence - Date.now();
      if (left <= 0) this.#restart();
      else this.#silence = setTimeout(check, left);
    };
    this.#silence = setTimeout(check, silence);
  }

  #receive(message: Message): void {
    this.#heard = Date.now();
    const status = header(message, "Status");
    if (status !== undefined) return this.#receiveStatus(message, status);
    const at = positionOf(message.reply);
    if (at?.sequence !== this.#sequence + 1) return this.#restart();
    this.#sequence = at.sequence;
    this.#receiveEntry(entryOf(this.#keyOf(message.subject), message, at.revision));
    if (at.pending === 0) this.#finishReading();
  }

  /** Flow control is answered; a heartbeat says how far the consumer is. */
  #receiveStatus(message: Message, status: string): void {
    if (status !== "100") return this.#restart();
    const answerTo = message.reply ?? header(message, "Nats-Consumer-Stalled");
    if (answerTo !== undefined) this.#jetStream.bus.publish(answerTo, new Uint8Array(0));
    const last = header(message, "Nats-Last-Consumer");
    if (last !== undefined && Number(last) > this.#sequence) this.#restart();
  }

  #receiveEntry(entry: Entry): void {
    const { key, operation, revision } = entry;
    if (operation === "put") (this.#reading ?? this.#known).add(key);
    else [this.#reading, this.#known].forEach((keys) => keys?.delete(key));
    if (revision <= this.#revision) return;
    this.#revision = revision;
    this.#options.tell(entry);
  }

  /** All that is there has been read: keys that are not among it are gone. */
  #finishReading(): void {
    const present = this.#reading;
    if (present === undefined) return;
    this.#reading = undefined;
    const gone = [...this.#known].filter((key) => !present.has(key));
    this.#known = present;
    for (const key of gone) this.#options.tell({ key, operation: "delete", value: new Uint8Array(0), revision: 0 });
    this.#onListed?.();
  }

  #keyOf(subject: string): string {
    return subject.slice(`$KV.${this.#bucket}.`.length);
  }

  #config(inbox: string, onlyNew: boolean): unknown {
    return {
      action: "",
      stream_name: `KV_${this.#bucket}`,
      config: {
        ack_policy: "none",
        deliver_policy: onlyNew ? "new" : "last_per_subject",
        deliver_subject: inbox,
        description: "kv watch consumer",
        filter_subject: `$KV.${this.#bucket}.${this.#options.key}`,
        flow_control: true,
        ...this.#options.headersOnly && { headers_only: true },
        idle_heartbeat: nanoseconds(this.#jetStream.heartbeat),
        inactive_threshold: nanoseconds(INACTIVE),
        max_deliver: 1,
        mem_storage: true,
        num_replicas: 1,
        replay_policy: "instant",
      },
    };
  }
}
