/** What a bus over NATS is made of, and what it tells about its connection. */

import type { TrellisError } from "../errors.js";
import type { Connection } from "./connection.js";

/**
 * Who we are to the server. As a function it is asked at every attempt to connect, so that credentials that expire can
 * be replaced; it must not take time. `nkey` and `seed` are the text of a seed (`SU...`), `creds` is the content of a
 * creds file.
 */
export type NatsAuth =
  | { user: string; password: string }
  | { token: string }
  | { nkey: string }
  | { jwt: string; seed: string }
  | { creds: string };

/** TLS of a TCP connection, as Node's `tls` takes it. WebSockets have the platform's TLS: write `wss:`. */
export interface NatsTls {
  /** Certificates of authorities, as PEM. Default those that Node knows. */
  ca?: string;
  /** A certificate of ours, as PEM. */
  cert?: string;
  /** Its key, as PEM. */
  key?: string;
  /** The server speaks TLS from the first byte on. */
  handshakeFirst?: boolean;
}

/** How often and how fast to try again. */
export interface Reconnecting {
  /** Attempts in a row before the bus closes. Default without end; 0: never reconnect. */
  attempts?: number;
  /** Milliseconds before the second attempt; the first comes at once, and from the second on the wait doubles. Default 250. */
  minDelay?: number;
  /** Milliseconds that a wait grows to. Default 8000. Each wait is shortened by up to a half, at random. */
  maxDelay?: number;
}

/** The parts of a WebSocket that are used. */
export interface WebSocketLike {
  binaryType: string;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onerror: ((event: unknown) => void) | null;
  onclose: ((event: { code?: number; reason?: string }) => void) | null;
  send(data: Uint8Array<ArrayBuffer>): void;
  close(): void;
}

/** What concerns the bus, however it is connected. */
export interface BusSettings {
  /** The domain of the JetStream that has the buckets. Default the server's own. */
  domain?: string;
  /** What inboxes begin with, where the server allows no other. Default `_INBOX`. */
  inboxPrefix?: string;
  /** Milliseconds for what has no time limit of its own: connecting, flushing, each request of a bucket. Default 10 000. */
  timeout?: number;
  /** Messages that may wait in a subscription without callback before it is told as slow. Default 10 000. */
  slowConsumer?: number;
  /** Bytes of messages that may wait for the connection to come back. More are a `LimitError`. Default 8 MiB. */
  maxHeldBytes?: number;
  /**
   * Milliseconds between signs of life: pings of the connection, of which two without answer make it anew, and
   * heartbeats of watches, which come every five seconds at least. Default 20 000.
   */
  pingInterval?: number;
  /** Hears of everything that happens to the connection. */
  onStatus?: (status: NatsStatus) => void;
}

/** A connection of the bus's own. */
export interface NatsOptions extends BusSettings {
  /** The URLs of one server or of several of a cluster: `ws:` or `wss:`, and in Node `nats:` or `tls:`. */
  servers: string | readonly string[];
  /** Credentials. Default none. */
  auth?: NatsAuth | (() => NatsAuth);
  /** TLS of TCP connections. */
  tls?: NatsTls;
  /** The name of the client. Default `wasmbus`, as the hosts of a lattice call themselves. */
  name?: string;
  /** How to reconnect. */
  reconnect?: Reconnecting;
  /** Makes a WebSocket, where the platform has none or another is wanted. */
  webSocket?: (url: string) => WebSocketLike;
  /** Gives connecting up: it rejects with `AbortedError`. */
  signal?: AbortSignal;
}

/** A connection of the caller's, who also closes it: of nats.js (`@nats-io/nats-core`) or of the older `nats.ws`. */
export interface NatsConnectionOptions extends BusSettings {
  /** The connection. */
  connection: Connection;
}

/** What happens to a connection. `server` is its host and port. */
export type NatsStatus =
  | { readonly type: "connected"; readonly server: string }
  | { readonly type: "disconnected"; readonly server: string }
  | { readonly type: "reconnecting"; readonly attempt: number }
  /** The server takes our credentials no more. It is asked once more; if it refuses again, the bus closes. */
  | { readonly type: "unauthorized"; readonly error: TrellisError }
  /** A subscription whose reader is slow: so many messages wait. Told again once it has caught up and fallen back again. */
  | { readonly type: "slow-consumer"; readonly subject: string; readonly pending: number }
  /** Something failed that no caller waits for: a subscription that is not allowed, a message that cannot be read. */
  | { readonly type: "error"; readonly error: TrellisError }
  /** The bus is closed; with `error` unless by `close`. */
  | { readonly type: "closed"; readonly error?: TrellisError };
