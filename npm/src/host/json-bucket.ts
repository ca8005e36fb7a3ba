/** A bucket of JSON documents with a copy in memory that follows its changes, whoever makes them. */

import type { Bucket, Entry, Watch } from "../bus.js";
import { ConflictError, DecodeError } from "../errors.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** So often a change is tried again when somebody else was faster. */
const ATTEMPTS = 16;

/** A bucket of documents. */
export class JsonBucket<T> {
  readonly #bucket: Bucket;
  readonly #read: (text: string) => T;
  readonly #changed: (key: string) => void;
  readonly #watch: Watch;
  readonly #values = new Map<string, { value: T | undefined; revision: number }>();

  /** Opens a bucket. `changed` is called for every change that somebody makes from then on. */
  static async open<T>(bucket: Bucket, read: (text: string) => T, changed: (key: string) => void): Promise<JsonBucket<T>> {
    const opened = new JsonBucket(bucket, await bucket.watch({ updatesOnly: true }), read, changed);
    for (const key of await bucket.keys()) {
      const entry = await bucket.get(key);
      if (entry !== undefined) opened.#note(entry);
    }
    void opened.#follow();
    return opened;
  }

  private constructor(bucket: Bucket, watch: Watch, read: (text: string) => T, changed: (key: string) => void) {
    this.#bucket = bucket;
    this.#watch = watch;
    this.#read = read;
    this.#changed = changed;
  }

  /** The value of a key, as far as it has come here. */
  get(key: string): T | undefined {
    return this.#values.get(key)?.value;
  }

  /** Sets a key. */
  async put(key: string, value: T): Promise<void> {
    const bytes = encoder.encode(JSON.stringify(value));
    this.#note({ key, operation: "put", value: bytes, revision: await this.#bucket.put(key, bytes) });
  }

  /** Changes a key whatever others do to it meanwhile. */
  async update(key: string, change: (value: T | undefined) => T): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const entry = await this.#bucket.get(key);
      const value = change(entry && this.#readEntry(entry));
      const bytes = encoder.encode(JSON.stringify(value));
      try {
        const revision = entry === undefined
          ? await this.#bucket.create(key, bytes)
          : await this.#bucket.update(key, bytes, entry.revision);
        this.#note({ key, operation: "put", value: bytes, revision });
        return value;
      } catch (error) {
        if (!(error instanceof ConflictError) || attempt >= ATTEMPTS) throw error;
      }
    }
  }

  /** Deletes a key. */
  async delete(key: string): Promise<void> {
    await this.#bucket.delete(key);
    this.#values.delete(key);
  }

  /** Follows no more. */
  close(): void {
    this.#watch.close();
  }

  #readEntry({ key, value }: Entry): T {
    try {
      return this.#read(decoder.decode(value));
    } catch (error) {
      throw new DecodeError(`what another program wrote to ${key} cannot be read`, { cause: error });
    }
  }

  async #follow(): Promise<void> {
    for await (const entry of this.#watch) {
      if (this.#note(entry)) this.#changed(entry.key);
    }
  }

  /** Takes an entry unless a newer one is known. A document that cannot be read leaves the old one in force. */
  #note({ key, operation, value, revision }: Entry): boolean {
    const known = this.#values.get(key);
    if (known !== undefined && known.revision >= revision) return false;
    try {
      const read = operation === "put" ? this.#read(decoder.decode(value)) : undefined;
      this.#values.set(key, { value: read, revision });
      return true;
    } catch {
      return false;
    }
  }
}
