/** A TCP proxy on the loopback address that can cut, freeze, refuse and delay. */

import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

/** A proxy to a port. */
export class Proxy {
  readonly #target: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #arrivals: (() => void)[] = [];
  /** How to treat connections from now on: not at all (they stay silent), or by closing them. */
  mode: "pass" | "silent" | "refuse" = "pass";
  /** Milliseconds that what is sent is on its way from now on, in both directions. Without it, senders wait for their readers. */
  delay = 0;
  /** What was sent to the target, a character for each byte. */
  sent = "";

  constructor(target: number) {
    this.#target = target;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** Begins. */
  static async start(target: number): Promise<Proxy> {
    const proxy = new Proxy(target);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Resolves when nobody is connected. */
  async idle(): Promise<void> {
    for (const socket of this.#sockets) if (!socket.closed) await once(socket, "close");
  }

  /** Resolves with the next connection that somebody makes. */
  arrival(): Promise<void> {
    return new Promise((resolve) => this.#arrivals.push(resolve));
  }

  /** Breaks all connections. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Reads nothing more, so that whoever sends has to wait. */
  freeze(): void {
    for (const socket of this.#sockets) socket.pause();
  }

  /** Reads on. */
  thaw(): void {
    for (const socket of this.#sockets) socket.resume();
  }

  /** Ends. */
  async stop(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, "close");
  }

  #accept(socket: Socket): void {
    this.#keep(socket);
    for (const arrived of this.#arrivals.splice(0)) arrived();
    if (this.mode === "refuse") socket.destroy();
    if (this.mode !== "pass") return void socket.resume();
    const server = connect(this.#target, "127.0.0.1");
    this.#keep(server);
    socket.on("data", (chunk) => (this.sent += chunk.toString("latin1")));
    this.#join(socket, server);
    this.#join(server, socket);
    socket.on("close", () => server.destroy());
    server.on("close", () => socket.destroy());
  }

  #join(from: Socket, to: Socket): void {
    if (this.delay === 0) return void from.pipe(to);
    from.on("data", (chunk) => setTimeout(() => to.write(chunk), this.delay));
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => this.#sockets.delete(socket));
  }
}
