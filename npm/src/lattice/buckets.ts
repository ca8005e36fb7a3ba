/** The buckets of a lattice, as a member asks and watches them. */

import type { Bucket, Bus, Watch } from "../bus.js";
import { within } from "../engine/timer.js";
import { messageOf, toWire } from "../errors.js";
import type { Ask, Tell } from "./core.js";

const NOTHING = new Uint8Array(0);

/** Milliseconds that a deletion may take to come by the watch. */
const PATIENCE = 500;

/** The buckets of a bus. */
export class Buckets {
  readonly #bus: Bus;
  readonly #tell: Tell;
  readonly #open = new Map<string, Promise<Bucket>>();
  readonly #watches = new Map<string, { number: number; watch?: Watch }>();
  /** Who waits until a watch has told that a key of a bucket is gone. */
  readonly #waiting = new Map<string, () => void>();

  /** No bucket is open yet. */
  constructor(bus: Bus, tell: Tell) {
    this.#bus = bus;
    this.#tell = tell;
  }

  /** Opens a bucket anew and tells what is in it, that this was all, and what changes. Replaces an earlier watch. */
  watch(number: number, name: string): void {
    this.unwatch(name);
    this.#open.delete(name);
    this.#watches.set(name, { number });
    void this.#follow(number, name).then(
      () => this.#lose(number, name, "the watch ended"),
      (error: unknown) => this.#lose(number, name, messageOf(error)),
    );
  }

  /** Ends the watch of a bucket. */
  unwatch(name: string): void {
    const watched = this.#watches.get(name);
    this.#watches.delete(name);
    watched?.watch?.close();
  }

  /** Asks a bucket. */
  async ask(
    request: number, name: string, operation: Ask, key: string, value: Uint8Array = NOTHING, revision = 0,
  ): Promise<void> {
    try {
      const bucket = await this.#bucket(name);
      if (operation === "get") {
        const entry = await bucket.get(key);
        return this.#tell((member) => member.found(request, entry?.key, entry?.value ?? NOTHING, entry?.revision ?? 0));
      }
      const written = await this.#write(bucket, operation, key, value, revision);
      this.#tell((member) => member.written(request, written));
    } catch (error) {
      this.#tell((member) => member.askFailed(request, toWire(error)));
    }
  }

  /** Ends all watches. */
  close(): void {
    [...this.#watches.keys()].forEach((name) => this.unwatch(name));
  }

  async #write(bucket: Bucket, operation: Exclude<Ask, "get">, key: string, value: Uint8Array, revision: number): Promise<number> {
    switch (operation) {
      case "put": return bucket.put(key, value);
      case "create": return bucket.create(key, value);
      case "update": return bucket.update(key, value, revision);
      case "purge":
        await Promise.all([this.#gone(bucket.name, key), bucket.purge(key)]);
        return 0;
    }
  }

  /** Resolves when the member knows that a key is gone: who has asked for that may rely on it. */
  async #gone(name: string, key: string): Promise<void> {
    if (this.#watches.get(name)?.watch === undefined) return;
    const waiting = `${name} ${key}`;
    await within(PATIENCE, new Promise<void>((resolve) => this.#waiting.set(waiting, resolve)));
    this.#waiting.delete(waiting);
  }

  #bucket(name: string): Promise<Bucket> {
    let bucket = this.#open.get(name);
    if (bucket === undefined) {
      this.#open.set(name, (bucket = this.#bus.bucket(name)));
      bucket.catch(() => this.#open.delete(name));
    }
    return bucket;
  }

  async #follow(number: number, name: string): Promise<void> {
    const bucket = await this.#bucket(name);
    const watch = await bucket.watch();
    const watched = this.#watches.get(name);
    if (watched?.number !== number) return watch.close();
    watched.watch = watch;
    // What had a value when the watch began is told first; then the member knows all there is.
    const missing = new Set(await bucket.keys());
    if (missing.size === 0) this.#tell((member) => member.current(number));
    for await (const { key, operation, value, revision } of watch) {
      if (!this.#follows(number, name)) return;
      this.#tell((member) => member.entry(number, key, operation, value, revision));
      if (operation !== "put") this.#waiting.get(`${name} ${key}`)?.();
      if (missing.delete(key) && missing.size === 0) this.#tell((member) => member.current(number));
    }
  }

  #lose(number: number, name: string, reason: string): void {
    if (!this.#follows(number, name)) return;
    this.unwatch(name);
    this.#tell((member) => member.watchFailed(number, reason));
  }

  #follows(number: number, name: string): boolean {
    return this.#watches.get(name)?.number === number;
  }
}
