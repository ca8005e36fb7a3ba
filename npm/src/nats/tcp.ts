/**
 * The transports of nats.js in Node. nats.js has one factory for the whole process and asks it anew for every attempt to
 * connect, so a process with connections of both kinds needs a transport that finds out by the server which kind it is.
 */

import type { ConnectionOptions, Server } from "@nats-io/nats-core";
import { setTransportFactory, type Transport } from "@nats-io/nats-core/internal";
import { NodeTransport, nodeResolveHost } from "@nats-io/transport-node/lib/node_transport.js";

import { WebSocketTransport } from "./web-socket.js";

/** Makes nats.js use the transports of this file. */
export function installBoth(): void {
  setTransportFactory({ factory: () => new EitherTransport(), dnsResolveFn: nodeResolveHost });
}

/**
 * TCP, with a socket that is gone when it is closed: nats.js leaves one open that has not shown itself a server. What is sent
 * in one round of the event loop goes out at its end, in one piece: each write costs more than what is written.
 */
class TcpTransport extends NodeTransport {
  #corked = false;

  override send(frame: Uint8Array): void {
    if (!this.#corked) this.#cork();
    super.send(frame);
  }

  override async close(error?: Error): Promise<void> {
    await super.close(error);
    this.discard();
  }

  /** Not after what is still to be sent: that may never be. */
  override disconnect(): void {
    this.socket.destroy();
  }

  #cork(): void {
    const { socket } = this;
    this.#corked = true;
    socket.cork();
    setImmediate(() => {
      this.#corked = false;
      socket.uncork();
    });
  }
}

/** How a transport ends: with an error, or without. */
type End = Awaited<ReturnType<Transport["closed"]>>;

/** One of the two, from `connect` on. */
class EitherTransport implements Transport {
  #is: Transport | undefined;
  #end!: (error: End) => void;
  readonly #closed = new Promise<End>((resolve) => {
    this.#end = resolve;
  });

  get isClosed(): boolean {
    return this.#is?.isClosed ?? false;
  }

  get lang(): string {
    return this.#is?.lang ?? "";
  }

  get version(): string {
    return this.#is?.version ?? "";
  }

  get closeError(): Error | undefined {
    return this.#is?.closeError;
  }

  connect(server: Server, options: ConnectionOptions): Promise<void> {
    this.#is = /^wss?:/.test(server.src) ? new WebSocketTransport() : new TcpTransport();
    void this.#is.closed().then(this.#end);
    return this.#is.connect(server, options);
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array> {
    if (this.#is === undefined) throw new Error("nothing is read before `connect`");
    return this.#is[Symbol.asyncIterator]();
  }

  isEncrypted(): boolean {
    return this.#is?.isEncrypted() ?? false;
  }

  send(frame: Uint8Array): void {
    this.#is?.send(frame);
  }

  async close(error?: Error): Promise<void> {
    await this.#is?.close(error);
  }

  disconnect(): void {
    this.#is?.disconnect();
  }

  closed(): Promise<End> {
    return this.#closed;
  }

  discard(): void {
    this.#is?.discard();
  }
}
