/**
 * A channel from a guest: chunks as they come, credit back as they are read, so that no more than the credit is ever
 * held here.
 */

import { type ByteSource, joined } from "./source.js";

/** What a channel needs of its port. */
export interface IncomingPort {
  /** There is room for so many bytes more. */
  credit(bytes: number): void;
  /** Somebody reads, and nothing is there yet. */
  wanted?(): void;
  /** Nobody will read on. */
  cancel(): void;
}

/** The port of a channel whose content is there. */
const NOBODY: IncomingPort = { credit: () => undefined, cancel: () => undefined };

/** A channel that is being received. */
export class Incoming implements ByteSource {
  readonly #port: IncomingPort;
  #chunks: Uint8Array[] = [];
  #end: { error?: Error } | undefined;
  #wake: (() => void) | undefined;

  /** A channel whose whole content is there. */
  static complete(content: Uint8Array): Incoming {
    const channel = new Incoming(NOBODY);
    if (content.length > 0) channel.push(content);
    channel.end();
    return channel;
  }

  /** A channel of a port. */
  constructor(port: IncomingPort) {
    this.#port = port;
  }

  /** A chunk has come. */
  push(chunk: Uint8Array): void {
    if (this.#end === undefined) this.#chunks.push(chunk);
    this.#wake?.();
  }

  /** The end has come, good or bad. */
  end(error?: Error): void {
    this.#end ??= { error };
    this.#wake?.();
  }

  /** The next chunk; `undefined` at the end. One read at a time. */
  async read(): Promise<Uint8Array | undefined> {
    while (this.#chunks.length === 0 && this.#end === undefined) {
      this.#port.wanted?.();
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) {
      if (this.#end === undefined) this.#port.credit(chunk.length);
      return chunk;
    }
    if (this.#end?.error !== undefined) throw this.#end.error;
    return undefined;
  }

  /** Gives the rest up. */
  cancel(): void {
    this.#chunks = [];
    if (this.#end !== undefined) return;
    this.end();
    this.#port.cancel();
  }

  /** Everything that is left, where the end has come already and was good. Saves a stream for short bodies. */
  takeComplete(): Uint8Array<ArrayBuffer> | undefined {
    if (this.#end === undefined || this.#end.error !== undefined) return undefined;
    const all = joined(this.#chunks);
    this.#chunks = [];
    return all;
  }

  /** The channel as a stream that reads no further ahead than its reader. */
  stream(): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        const chunk = await this.read();
        if (chunk === undefined) controller.close();
        else controller.enqueue(chunk);
      },
      cancel: () => this.cancel(),
    }, { highWaterMark: 0 });
  }
}
