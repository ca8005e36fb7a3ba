/**
 * A channel to a guest: reads its source only while there is credit, and hands over chunks of bounded size.
 */

import type { WireError } from "../core.js";
import { toWire } from "../errors.js";
import type { ByteSource } from "./source.js";

/** The initial credit of a channel, in bytes; also the largest chunk that is sent. */
export const WINDOW = 64 * 1024;

/** What a channel needs of its port. */
export interface OutgoingPort {
  /** Sends a chunk, which belongs to the receiver from now on. */
  push(chunk: Uint8Array): void;
  /** Ends the channel, well or badly. */
  end(error?: WireError): void;
}

/** A channel that is being sent. */
export class Outgoing {
  readonly #port: OutgoingPort;
  readonly #source: ByteSource;
  #credit = WINDOW;
  #closed = false;
  #wake: (() => void) | undefined;

  /** A channel that sends what `source` gives; `start` starts it. */
  constructor(port: OutgoingPort, source: ByteSource) {
    this.#port = port;
    this.#source = source;
  }

  /** Sends until the source or the channel ends. Never rejects: a failing source fails the channel. */
  async start(): Promise<void> {
    try {
      for (let chunk = await this.#next(); chunk !== undefined; chunk = await this.#next()) await this.#send(chunk);
      if (!this.#closed) this.#port.end();
    } catch (error) {
      if (!this.#closed) this.#port.end(toWire(error));
    } finally {
      this.#closed = true;
    }
  }

  /** The receiver has room for so many bytes more. */
  grant(bytes: number): void {
    this.#credit += bytes;
    this.#wake?.();
  }

  /** The receiver does not read on. */
  cancel(reason?: unknown): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#wake?.();
    this.#source.cancel(reason);
  }

  async #next(): Promise<Uint8Array | undefined> {
    if (this.#credit <= 0) await this.#room();
    return this.#closed ? undefined : this.#source.read();
  }

  async #send(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.length; at += WINDOW) {
      await this.#room();
      if (this.#closed) return;
      // A copy: the carrier may detach what it is given, and the source's chunks are not ours.
      const part = new Uint8Array(chunk.subarray(at, at + WINDOW));
      this.#credit -= part.length;
      this.#port.push(part);
    }
  }

  async #room(): Promise<void> {
    while (this.#credit <= 0 && !this.#closed) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
