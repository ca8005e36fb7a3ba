/** One side of a call that goes over a bus: its channels, and who waits for what it brings. */

import { Incoming } from "../engine/incoming.js";
import type { Channel, ReceivedChannel } from "../engine/invocation.js";
import { Outgoing, WINDOW } from "../engine/outgoing.js";
import { sourceOf } from "../engine/source.js";
import { fromWire, type TrellisError } from "../errors.js";
import type { WireError } from "../core.js";
import type { CoreChannel } from "./core.js";

/** So many bytes of a channel may be on their way to the server: at 50 ms there and back, that is 10 MB a second. */
const IN_FLIGHT = 8 * WINDOW;

/** What the channels of a call need of their carrier. */
export interface Carrier {
  send(call: number, path: string, chunk: Uint8Array): void;
  end(call: number, path: string, well: boolean): void;
  consumed(call: number, path: string, bytes: number): void;
  cancel(call: number, path: string): void;
  /** Resolves when the bus has passed on what was sent. */
  flush(): Promise<void>;
}

/** Who waits for a call. */
export interface CallSide {
  /** What the other side has sent: parameters or results. */
  values(bytes: Uint8Array, channels: readonly ReceivedChannel[]): void;
  /** It has failed. Its channels know already. */
  failed(error: TrellisError): void;
  /** It is over, well or badly: nothing of it is left. */
  over(): void;
}

/** A call that goes over a bus. */
export class Carried {
  /** Its number; known once it has begun. */
  number = 0;
  readonly #carrier: Carrier;
  readonly #side: CallSide;
  readonly #incoming = new Map<string, Incoming>();
  readonly #outgoing = new Map<string, Outgoing>();
  #greeting: (() => void) | undefined;
  /** Channels that nobody reads any more, which is told with the answer. */
  #unread: string[] | undefined;
  #complete = false;
  #over = false;

  /** A call that is about to begin. */
  constructor(carrier: Carrier, side: CallSide) {
    this.#carrier = carrier;
    this.#side = side;
  }

  /** Whether parameters or results are there. */
  get complete(): boolean {
    return this.#complete;
  }

  /** Whether something of it may be on its way, in either direction. */
  get flowing(): boolean {
    return !this.#complete || this.#outgoing.size > 0 || this.#incoming.size > 0;
  }

  /** Whether nothing of it is left. */
  get over(): boolean {
    return this.#over;
  }

  /**
   * Keeps what tells the caller that the call is taken, until it has to know: the guest wants more from it, or there is an
   * answer. What a caller sends for a guest that does not want it would only cost both sides. That a channel is not read is
   * kept, too.
   */
  hold(greeting: () => void): void {
    this.#greeting = greeting;
    this.#unread = [];
  }

  /** Tells the caller that the call is taken, where that has not been done. */
  greet(): void {
    const greeting = this.#greeting;
    this.#greeting = undefined;
    greeting?.();
  }

  /** Nothing is kept back any longer. */
  letGo(): void {
    this.greet();
    const unread = this.#unread ?? [];
    this.#unread = undefined;
    for (const name of unread) this.#carrier.cancel(this.number, name);
  }

  /** Whether no channel that came along is read any more: then its answer says so of all of them. Nothing is kept any longer. */
  isDone(): boolean {
    if (this.#incoming.size > 0 || this.#unread === undefined) this.letGo();
    this.#unread = undefined;
    return this.#incoming.size === 0;
  }

  /** Makes channels ready to be sent. What is complete goes along with the values. */
  announce(channels: readonly Channel[]): CoreChannel[] {
    return channels.map(({ path, body }) => {
      const name = path.join(".");
      const whole = body instanceof Uint8Array ? body : body instanceof Incoming ? body.takeComplete() : undefined;
      if (whole !== undefined) return [name, whole];
      const channel: Outgoing = new Outgoing({
        push: (chunk) => {
          this.#carrier.send(this.number, name, chunk);
          // A reader on the other side gives no credit. This is for what would wait here for a slow connection.
          this.#carrier.flush().then(() => channel.grant(chunk.length), (error: unknown) => channel.cancel(error));
        },
        end: (error) => {
          this.#outgoing.delete(name);
          this.#carrier.end(this.number, name, error === undefined);
        },
      }, sourceOf(body));
      channel.grant(IN_FLIGHT - WINDOW);
      this.#outgoing.set(name, channel);
      return [name];
    });
  }

  /** The other side listens. */
  open(): void {
    this.#outgoing.forEach((channel) => void channel.start());
  }

  /** What the other side has sent. */
  values(bytes: Uint8Array, channels: readonly CoreChannel[]): void {
    this.#complete = true;
    this.#side.values(bytes, channels.map(([name, ready]) => ({ path: pathOf(name), body: this.#receive(name, ready) })));
  }

  /** Bytes of a channel. */
  data(name: string, bytes: Uint8Array): void {
    this.#incoming.get(name)?.push(bytes);
  }

  /** A channel has ended. */
  end(name: string, error: WireError | undefined): void {
    const channel = this.#incoming.get(name);
    this.#incoming.delete(name);
    channel?.end(error && fromWire(error));
  }

  /** It has failed. */
  fail(error: TrellisError): void {
    if (this.#over) return;
    this.#incoming.forEach((channel) => channel.end(error));
    this.#side.failed(error);
    this.finish(error);
  }

  /** It is over. */
  finish(reason?: TrellisError): void {
    if (this.#over) return;
    this.#over = true;
    this.#outgoing.forEach((channel) => channel.cancel(reason));
    this.#incoming.clear();
    this.#outgoing.clear();
    this.#side.over();
  }

  #receive(name: string, ready: Uint8Array | undefined): Incoming {
    if (ready !== undefined) return Incoming.complete(ready);
    const channel = new Incoming({
      credit: (bytes) => this.#incoming.has(name) && this.#carrier.consumed(this.number, name, bytes),
      wanted: () => this.greet(),
      cancel: () => this.#incoming.delete(name) && this.#cancel(name),
    });
    this.#incoming.set(name, channel);
    return channel;
  }

  #cancel(name: string): void {
    if (this.#unread === undefined) this.#carrier.cancel(this.number, name);
    else this.#unread.push(name);
  }
}

/** Index paths by their names. Most calls have the same few, of which so many are kept. */
const paths = new Map<string, readonly number[]>();
const KEPT = 64;

function pathOf(name: string): readonly number[] {
  let path = paths.get(name);
  if (path !== undefined) return path;
  path = name.split(".").map(Number);
  if (paths.size < KEPT) paths.set(name, path);
  return path;
}
