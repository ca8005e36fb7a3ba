/**
 * The transport of nats.js over WebSockets. Ours rather than the one of nats.js, which never settles where there is no
 * `WebSocket`, where its constructor throws, or where a dead connection still has bytes to send.
 */

import type { ConnectionOptions, Server } from "@nats-io/nats-core";
import type { Transport } from "@nats-io/nats-core/internal";

import { ConnectionError, messageOf, UnsupportedError } from "../errors.js";
import { VERSION } from "../version.js";
import type { WebSocketLike } from "./options.js";

/** What `connection options` carry besides: see `connect.ts`. */
export interface SocketOptions {
  webSocket?: ((url: string) => WebSocketLike) | undefined;
}

/** A transport for one connection. */
export class WebSocketTransport implements Transport {
  readonly lang = "trellis";
  readonly version = VERSION;
  closeError?: Error;
  #socket: WebSocketLike | undefined;
  #encrypted = false;
  #open = false;
  #done = false;
  #chunks: Uint8Array[] = [];
  #wake: (() => void) | undefined;
  #end!: (error: Error | undefined) => void;
  readonly #closed = new Promise<Error | undefined>((resolve) => {
    this.#end = resolve;
  });

  get isClosed(): boolean {
    return this.#done;
  }

  /** Connects; the server speaks first, so there is nothing to wait for but the socket. */
  async connect(server: Server, options: ConnectionOptions): Promise<void> {
    const { webSocket = platformSocket } = options as SocketOptions;
    this.#encrypted = server.src.startsWith("wss:");
    const socket = webSocket(server.src);
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    await new Promise<void>((resolve, reject) => {
      const failed = (why: string): void => {
        const error = new Error(why);
        reject(error);
        this.#finish(error);
      };
      socket.onopen = () => {
        this.#open = true;
        resolve();
      };
      socket.onmessage = ({ data }) => this.#receive(data);
      socket.onerror = (event) => failed(textOf(event) ?? "the WebSocket failed");
      socket.onclose = ({ code, reason }) => failed(reason || `the WebSocket was closed with code ${code ?? "unknown"}`);
    });
  }

  async *[Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array> {
    for (;;) {
      const chunks = this.#chunks;
      this.#chunks = [];
      yield* chunks;
      if (this.#chunks.length > 0) continue;
      if (this.#done) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  isEncrypted(): boolean {
    return this.#encrypted;
  }

  send(frame: Uint8Array): void {
    if (this.#done) return;
    try {
      this.#socket?.send(frame as Uint8Array<ArrayBuffer>);
    } catch (error) {
      this.#finish(new Error(messageOf(error)));
    }
  }

  async close(error?: Error): Promise<void> {
    this.#finish(error);
  }

  disconnect(): void {
    this.#finish(undefined);
  }

  closed(): Promise<Error | undefined> {
    return this.#closed;
  }

  discard(): void {
    this.#finish(undefined);
  }

  #receive(data: unknown): void {
    if (this.#done) return;
    if (!(data instanceof ArrayBuffer)) return this.#finish(new Error("the server has sent text, which NATS does not"));
    this.#chunks.push(new Uint8Array(data));
    this.#wake?.();
  }

  /** The socket may take its time to close, or never do: nobody waits for that. */
  #finish(error: Error | undefined): void {
    if (this.#done) return;
    this.#done = true;
    if (error !== undefined) this.closeError = error;
    const socket = this.#socket;
    if (socket !== undefined) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      // A WebSocket that is closed before it is open tells an error.
      socket.onerror = () => undefined;
      socket.close();
    }
    this.#wake?.();
    // nats.js takes the end of a connection for one to replace; an attempt that failed is none.
    if (this.#open) this.#end(error);
  }
}

function platformSocket(url: string): WebSocketLike {
  checkPlatform();
  try {
    return new WebSocket(url) as unknown as WebSocketLike;
  } catch (error) {
    throw new ConnectionError(`a WebSocket to ${url} is not allowed here (${messageOf(error)}): pages from https: need wss:`, {
      fault: "unreachable", cause: error,
    });
  }
}

/** Fails where the platform has no WebSocket. */
export function checkPlatform(): void {
  if (typeof WebSocket === "function") return;
  throw new UnsupportedError(
    "this platform has no WebSocket (Node has one since version 22): use a nats: or tls: URL, or give `webSocket`",
  );
}

function textOf(event: unknown): string | undefined {
  if (typeof event !== "object" || event === null || !("message" in event)) return undefined;
  return typeof event.message === "string" && event.message !== "" ? event.message : undefined;
}
