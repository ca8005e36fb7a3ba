/** Key-value buckets over NATS: JetStream streams with a convention (ADR-8; lattice protocol 1.x, section 5.1). */

import type { Bucket, Entry, Headers, Watch, WatchOptions } from "../bus.js";
import { ConflictError, ConnectionError, DecodeError, UnsupportedError } from "../errors.js";
import { iterate, Queue } from "../queue.js";
import type { Waiting } from "../waits.js";
import { entryOf, operationOf } from "./entry.js";
import { isApiError, type JetStream, parse, STREAM_NOT_FOUND, type StreamInfo } from "./jetstream.js";
import { header } from "./message.js";
import { checkKey, checkKeyPattern } from "./subject.js";
import { BucketWatch } from "./watch.js";

const nothing = new Uint8Array(0);
const DELETE: Headers = [["KV-Operation", "DEL"]];
const PURGE: Headers = [["KV-Operation", "PURGE"], ["Nats-Rollup", "sub"]];
/** A message that is not there, as direct gets answer it. */
const NOT_FOUND = "404";
const MESSAGE_NOT_FOUND = 10037;

/** Opens a bucket. */
export async function openBucket(jetStream: JetStream, name: string, waiting: Waiting): Promise<Bucket> {
  return new NatsBucket(jetStream, name, await jetStream.ensureBucket(name, waiting));
}

class NatsBucket implements Bucket {
  readonly name: string;
  readonly #jetStream: JetStream;
  readonly #stream: string;
  readonly #direct: boolean;

  constructor(jetStream: JetStream, name: string, { config }: StreamInfo) {
    this.name = name;
    this.#jetStream = jetStream;
    this.#stream = `KV_${name}`;
    this.#direct = config.allow_direct ?? false;
  }

  async get(key: string, waiting: Waiting = {}): Promise<Entry | undefined> {
    checkKey(key);
    const entry = await this.#last(key, waiting);
    return entry?.operation === "put" ? entry : undefined;
  }

  async put(key: string, value: Uint8Array, waiting: Waiting = {}): Promise<number> {
    return this.#write(key, value, undefined, waiting);
  }

  async create(key: string, value: Uint8Array, waiting: Waiting = {}): Promise<number> {
    try {
      return await this.update(key, value, 0, waiting);
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      // What was deleted has a revision of its own.
      const last = await this.#last(key, waiting);
      if (last === undefined || last.operation === "put") throw error;
      return this.update(key, value, last.revision, waiting);
    }
  }

  async update(key: string, value: Uint8Array, revision: number, waiting: Waiting = {}): Promise<number> {
    return this.#write(key, value, [["Nats-Expected-Last-Subject-Sequence", String(revision)]], waiting);
  }

  async delete(key: string, waiting: Waiting = {}): Promise<void> {
    await this.#write(key, nothing, DELETE, waiting);
  }

  async purge(key: string, waiting: Waiting = {}): Promise<void> {
    await this.#write(key, nothing, PURGE, waiting);
  }

  async keys(pattern = ">", waiting: Waiting = {}): Promise<string[]> {
    checkKeyPattern(pattern);
    const keys: string[] = [];
    const tell = ({ key, operation }: Entry): void => {
      if (operation === "put") keys.push(key);
    };
    const list = new BucketWatch(this.#jetStream, this.name, { key: pattern, headersOnly: true, tell });
    try {
      await list.listed(waiting);
    } finally {
      list.close();
    }
    return keys;
  }

  async watch({ key = ">", updatesOnly = false, signal }: WatchOptions = {}): Promise<Watch> {
    checkKeyPattern(key);
    const queue = new Queue<Entry>();
    const watch = new BucketWatch(this.#jetStream, this.name, { key, updatesOnly, signal, tell: (entry) => queue.push(entry), ended: () => queue.close() });
    await watch.begin({ signal });
    const close = (): void => watch.close();
    return { close, [Symbol.asyncIterator]: iterate(queue, close), [Symbol.asyncDispose]: async () => close() };
  }

  /** The last thing that happened to a key. */
  async #last(key: string, waiting: Waiting): Promise<Entry | undefined> {
    return this.#again(waiting, () => (this.#direct ? this.#lastDirect(key, waiting) : this.#lastStored(key, waiting)));
  }

  async #lastDirect(key: string, waiting: Waiting): Promise<Entry | undefined> {
    const subject = `${this.#jetStream.api}.DIRECT.GET.${this.#stream}.$KV.${this.name}.${key}`;
    const message = await this.#jetStream.request(subject, nothing, waiting);
    const status = header(message, "Status");
    if (status === NOT_FOUND) return undefined;
    const revision = Number(header(message, "Nats-Sequence"));
    if (status !== undefined || !Number.isSafeInteger(revision)) {
      throw new ConnectionError(`${key} cannot be read: ${header(message, "Description") ?? "no sequence"}`, { fault: "refused" });
    }
    return entryOf(key, message, revision);
  }

  /** Streams that somebody made without `allow_direct` are asked by the API: slower, and in base64. */
  async #lastStored(key: string, waiting: Waiting): Promise<Entry | undefined> {
    try {
      const { message } = await this.#jetStream.call(`STREAM.MSG.GET.${this.#stream}`, { last_by_subj: `$KV.${this.name}.${key}` }, waiting);
      return storedEntry(key, message);
    } catch (error) {
      if (isApiError(error, MESSAGE_NOT_FOUND)) return undefined;
      throw error;
    }
  }

  /** Writes a message to the subject of a key. Resolves with its revision. */
  async #write(key: string, value: Uint8Array, headers: Headers | undefined, waiting: Waiting): Promise<number> {
    checkKey(key);
    const subject = `${this.#jetStream.writePrefix}$KV.${this.name}.${key}`;
    return this.#again(waiting, async () => {
      const { seq } = parse(await this.#jetStream.request(subject, value, waiting, headers), `writing ${key}`);
      if (typeof seq !== "number") throw new DecodeError(`JetStream did not say at which revision it has ${key}`);
      return seq;
    });
  }

  /** Where nobody listens, the bucket may have been deleted: it is made again, once. */
  async #again<T>(waiting: Waiting, act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof UnsupportedError || isApiError(error, STREAM_NOT_FOUND))) throw error;
      await this.#jetStream.ensureBucket(this.name, waiting);
      return act();
    }
  }
}

/** An entry from the answer of `STREAM.MSG.GET`. */
function storedEntry(key: string, message: unknown): Entry {
  const { seq, data = "", hdrs = "" } = (message ?? {}) as { seq?: unknown; data?: string; hdrs?: string };
  if (typeof seq !== "number") throw new DecodeError(`JetStream's answer about ${key} has no sequence`);
  const operation = operationOf(/^KV-Operation: *(\w+)/m.exec(atob(hdrs))?.[1]);
  return { key, operation, value: Uint8Array.from(atob(data), (byte) => byte.charCodeAt(0)), revision: seq };
}
