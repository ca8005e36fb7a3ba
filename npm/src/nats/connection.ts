/**
 * The part of a nats.js connection that the bus uses. Connections of `@nats-io/nats-core` 3 have it, and so do those of
 * its predecessor `nats.ws` 1: where the two differ, the difference is taken out here.
 */

/** A connection. */
export interface Connection {
  /** What the server has said of itself; absent while disconnected. */
  readonly info?: { readonly max_payload: number } | undefined;
  publish(subject: string, payload: Uint8Array, options: { reply?: string; headers?: never }): void;
  subscribe(subject: string, options: { queue?: string; max?: number; callback: Receive }): { unsubscribe(): void; drain(): Promise<void> };
  flush(): Promise<void>;
  close(): Promise<void>;
  closed(): Promise<unknown>;
  isClosed(): boolean;
  getServer(): string;
  status(): AsyncIterable<unknown>;
  /** `nats.ws` has it since 1.17. */
  reconnect?(): Promise<void>;
}

/** Gets a message, or the error that ends a subscription. */
export type Receive = (error: Error | null, message: Received) => void;

/** A message as nats.js has it. Its `data` is a view of what came over the socket. */
export interface Received {
  readonly subject: string;
  readonly reply?: string;
  readonly data: Uint8Array;
  readonly headers?: ReceivedHeaders | undefined;
}

/** The headers of a message as nats.js has them. */
export interface ReceivedHeaders {
  /** The code of the status line; 0 without. */
  readonly code: number;
  readonly description: string;
  keys(): string[];
  values(name: string): string[];
}

/** What nats.js tells of a connection. */
export interface RawStatus {
  readonly type: string;
  readonly error?: Error;
}

/** The events of a connection, until it is closed or `stop` is called. */
export function follow(connection: Connection, hear: (status: RawStatus) => void): () => void {
  const events = connection.status() as AsyncIterable<Record<string, unknown>> & { stop?: () => void };
  void (async () => {
    for await (const event of events) hear(normalize(event));
  })();
  return () => events.stop?.();
}

/** `nats.ws` puts what it has to say into `data`: of an error, its code. */
function normalize({ type, error, data, permissionContext }: Record<string, unknown>): RawStatus {
  if (type !== "error") return { type: String(type) };
  if (error instanceof Error) return { type, error };
  return { type, error: Object.assign(new Error(String(data)), { code: data }, permissionContext) };
}
