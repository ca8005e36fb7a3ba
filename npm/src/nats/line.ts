/** The connection as the bus sees it: whether it is there, when it comes back, and when it ends. */

import type { TrellisError } from "../errors.js";
import { Backoff } from "./backoff.js";
import { type Connection, follow, type RawStatus } from "./connection.js";
import { closeError, deniedSubject, isUnauthorized, statusError } from "./errors.js";
import type { NatsStatus } from "./options.js";

/** What wants to know of a connection. */
export interface LineHooks {
  /** It is back. The subscriptions are in force again. */
  online?(): void;
  /** It is gone. */
  offline?(): void;
  /** The server does not allow to publish to this subject. */
  denied?(subject: string, error: TrellisError): void;
  /** It has ended. */
  ended?(): void;
}

/** What is assumed of a server that has not said it: its default. */
const DEFAULT_MAX_PAYLOAD = 1024 * 1024;

/** A connection. */
export class Line {
  readonly connection: Connection;
  /** Resolves when it has ended, with the reason unless it was closed on purpose. */
  readonly ended: Promise<TrellisError | undefined>;
  readonly #hooks = new Set<LineHooks>();
  readonly #tell: ((status: NatsStatus) => void) | undefined;
  readonly #backoff: Backoff;
  readonly #stopFollowing: () => void;
  #resolve!: (error: TrellisError | undefined) => void;
  #online = true;
  #closed = false;
  #maxPayload = DEFAULT_MAX_PAYLOAD;

  /** A connection that is there. */
  constructor(connection: Connection, tell?: (status: NatsStatus) => void, backoff = new Backoff()) {
    this.connection = connection;
    this.#tell = tell;
    this.#backoff = backoff;
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#stopFollowing = follow(connection, (status) => this.#hear(status));
    void connection.closed().then((error) => this.end(closeError(error, this.server)));
    this.report({ type: "connected", server: this.server });
  }

  /** The host and port of the server. */
  get server(): string {
    return this.connection.getServer() || "the server";
  }

  /** Whether it is there now. */
  get online(): boolean {
    return this.#online;
  }

  /** Whether it has ended. */
  get closed(): boolean {
    return this.#closed;
  }

  /** How many bytes a message may have. */
  get maxPayload(): number {
    this.#maxPayload = this.connection.info?.max_payload ?? this.#maxPayload;
    return this.#maxPayload;
  }

  /** Adds what wants to know. The returned function removes it. */
  watch(hooks: LineHooks): () => void {
    this.#hooks.add(hooks);
    return () => this.#hooks.delete(hooks);
  }

  /** Tells the listener. */
  report(status: NatsStatus): void {
    try {
      this.#tell?.(status);
    } catch (error) {
      throwLater(error);
    }
  }

  /** It has ended, or nobody wants it any more. */
  end(error?: TrellisError): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#online = false;
    this.#stopFollowing();
    this.#each((hooks) => hooks.ended?.());
    this.#hooks.clear();
    this.report(error === undefined ? { type: "closed" } : { type: "closed", error });
    this.#resolve(error);
  }

  #hear({ type, error }: RawStatus): void {
    if (this.#closed) return;
    // nats.js may tell of one loss, or of one return, several times.
    if (type === "disconnect" && this.#online) this.#goOffline();
    else if (type === "reconnect" && !this.#online) this.#goOnline();
    else if (type === "reconnecting") {
      this.#backoff.attempt();
      this.report({ type, attempt: this.#backoff.attempts });
    } else if (error !== undefined) this.#fail(error);
  }

  #goOffline(): void {
    this.#online = false;
    this.report({ type: "disconnected", server: this.server });
    this.#each((hooks) => hooks.offline?.());
  }

  #goOnline(): void {
    this.#online = true;
    this.#backoff.reset();
    this.report({ type: "connected", server: this.server });
    this.#each((hooks) => hooks.online?.());
  }

  #fail(thrown: Error): void {
    const error = statusError(thrown, this.server);
    this.report({ type: isUnauthorized(thrown) ? "unauthorized" : "error", error });
    const denied = deniedSubject(thrown);
    if (denied?.operation === "publish") this.#each((hooks) => hooks.denied?.(denied.subject, error));
  }

  #each(act: (hooks: LineHooks) => void): void {
    [...this.#hooks].forEach(act);
  }
}

/** What a function of the caller throws is nobody else's: it goes where errors go that nobody catches. */
export function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
