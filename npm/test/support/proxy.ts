/** A TCP proxy on the loopback address that can cut, freeze and refuse. */

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

  /** How many connections are open. */
  get open(): number {
    return this.#sockets.size;
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
    socket.pipe(server);
    server.pipe(socket);
    socket.on("close", () => server.destroy());
    server.on("close", () => socket.destroy());
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => this.#sockets.delete(socket));
  }
}
