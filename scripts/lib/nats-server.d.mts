/** A nats-server that runs for tests. */
export interface NatsServer {
  readonly url: string;
  readonly webSocketUrl: string;
  readonly port: number;
  readonly log: string;
  start(): Promise<void>;
  logged(pattern: RegExp, from?: number): Promise<void>;
  kill(): Promise<void>;
  pause(): void;
  resume(): void;
  reload(config: string): Promise<void>;
  wipe(): void;
  stop(): Promise<void>;
}

/** What it is configured with. */
export interface NatsServerOptions {
  config?: string;
  jetStream?: boolean;
  domain?: string;
  /** A `tls` block, for TCP and WebSocket. */
  tls?: string;
}

/** Starts a server. */
export function startNatsServer(options?: NatsServerOptions): Promise<NatsServer>;
