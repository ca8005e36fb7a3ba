/**
 * The API of JetStream, as far as buckets need it (ADR-31 and ADR-8 of NATS; lattice protocol 1.x, section 5). Plain
 * requests rather than `@nats-io/jetstream` and `@nats-io/kv`: what goes over the wire is then what the other hosts of a
 * lattice send, byte for byte, and the package is 15 kB smaller as it travels.
 */

import type { Bus, Headers, Message } from "../bus.js";
import { ConflictError, ConnectionError, DecodeError, LimitError, NotFoundError, type TrellisError, UnsupportedError } from "../errors.js";
import type { Waiting } from "../waits.js";
import type { Line } from "./line.js";

/** An error as JetStream tells it. */
interface ApiError {
  code: number;
  err_code?: number;
  description?: string;
}

/** Milliseconds between heartbeats: as the hosts of a lattice ask for, and no less than the server allows. */
const HEARTBEAT = 5000;
const LEAST_HEARTBEAT = 100;

/** Codes of JetStream's errors. */
export const STREAM_NOT_FOUND = 10059;
const STREAM_NAME_IN_USE = 10058;
const WRONG_LAST_SEQUENCE = 10071;
const NOT_ENABLED = new Set([10039, 10076]);
/** Resources, memory, storage, streams, consumers, bytes, message size. */
const LIMITS = new Set([10002, 10023, 10026, 10027, 10028, 10047, 10054, 10077, 10122]);

/** What is known of a stream. */
export interface StreamInfo {
  /** When it was made: another time is another stream of the same name. */
  readonly created: string;
  readonly config: { readonly allow_direct?: boolean };
  readonly state: { readonly last_seq: number };
}

/** What JetStream needs of the bus. */
export interface JetStreamBus extends Bus {
  readonly timeout: number;
  inbox(): string;
  onClose(signal: AbortSignal | undefined, close: () => void): () => void;
}

/** JetStream behind a bus. */
export class JetStream {
  readonly bus: JetStreamBus;
  readonly line: Line;
  /** What API subjects begin with. */
  readonly api: string;
  /** What precedes the subjects of buckets when one writes to them. */
  readonly writePrefix: string;

  /** Milliseconds between the heartbeats of watches. */
  readonly heartbeat: number;
  readonly #created = new Set<(bucket: string) => void>();

  /** JetStream of a domain, or the server's own. */
  constructor(bus: JetStreamBus, line: Line, { domain, pingInterval = Infinity }: { domain?: string | undefined; pingInterval?: number | undefined }) {
    this.bus = bus;
    this.line = line;
    this.api = domain === undefined ? "$JS.API" : `$JS.${domain}.API`;
    this.heartbeat = Math.max(LEAST_HEARTBEAT, Math.min(pingInterval, HEARTBEAT));
    this.writePrefix = domain === undefined ? "" : `${this.api}.`;
  }

  /** Calls a function of the API. */
  async call(name: string, body: unknown, waiting: Waiting): Promise<Record<string, unknown>> {
    const payload = new TextEncoder().encode(JSON.stringify(body));
    return parse(await this.request(`${this.api}.${name}`, payload, waiting), name);
  }

  /** Sends a request to JetStream; that nobody answers it means that there is none. */
  async request(subject: string, payload: Uint8Array, { timeout, signal }: Waiting, headers: Headers = []): Promise<Message> {
    const options = { headers, ...timeout !== undefined && { timeout }, ...signal !== undefined && { signal } };
    try {
      return await this.bus.request(subject, payload, options);
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
      throw new UnsupportedError("the server has no JetStream for us: enable it, for this account, or name its `domain`", { cause: error });
    }
  }

  /** Calls `hear` when a bucket had to be made. The returned function ends that. */
  onCreated(hear: (bucket: string) => void): () => void {
    this.#created.add(hear);
    return () => this.#created.delete(hear);
  }

  /** Makes sure of the stream of a bucket. One that is there is left as it is, whatever its settings. */
  async ensureBucket(bucket: string, waiting: Waiting): Promise<StreamInfo> {
    const stream = `KV_${bucket}`;
    try {
      return streamInfo(await this.call(`STREAM.INFO.${stream}`, null, waiting));
    } catch (error) {
      if (!isApiError(error, STREAM_NOT_FOUND)) throw error;
    }
    try {
      const created = streamInfo(await this.call(`STREAM.CREATE.${stream}`, bucketConfig(bucket), waiting));
      this.#created.forEach((hear) => hear(bucket));
      return created;
    } catch (error) {
      // Somebody else was faster, with other settings.
      if (!isApiError(error, STREAM_NAME_IN_USE)) throw error;
      return streamInfo(await this.call(`STREAM.INFO.${stream}`, null, waiting));
    }
  }
}

/** The settings that hosts of a lattice create buckets with (lattice protocol 1.x, section 5.1). */
function bucketConfig(bucket: string): unknown {
  return {
    name: `KV_${bucket}`, max_bytes: 0, max_msgs: 0, max_msgs_per_subject: 1, discard: "new", subjects: [`$KV.${bucket}.>`],
    retention: "limits", max_consumers: 0, max_age: 0, storage: "file", num_replicas: 1, description: "",
    allow_rollup_hdrs: true, deny_delete: true, allow_direct: true, consumer_limits: null,
  };
}

/** The answer of JetStream as an object; rejects with what it says went wrong. */
export function parse({ payload }: Message, what: string): Record<string, unknown> {
  const answer = parseJson(payload);
  if (answer === undefined) throw new DecodeError(`JetStream's answer to ${what} is no object`);
  const error = answer["error"] as ApiError | undefined;
  if (error !== undefined) throw apiError(error, what);
  return answer;
}

function parseJson(payload: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(payload));
    return typeof value === "object" && value !== null ? value as Record<string, unknown> : undefined;
  } catch {
    return undefined;
  }
}

function streamInfo(answer: Record<string, unknown>): StreamInfo {
  const { created, config, state } = answer as Partial<StreamInfo>;
  if (typeof created !== "string" || typeof config !== "object" || typeof state?.last_seq !== "number") {
    throw new DecodeError("JetStream's answer about a stream lacks what it must have");
  }
  return { created, config, state };
}

/** Whether an error came from JetStream with this code. */
export function isApiError(error: unknown, code: number): boolean {
  return error instanceof Error && (error.cause as ApiError | undefined)?.err_code === code;
}

function apiError(cause: ApiError, what: string): TrellisError {
  const code = cause.err_code ?? cause.code;
  const text = `${what}: ${cause.description ?? "it failed"} (JetStream error ${code})`;
  if (code === WRONG_LAST_SEQUENCE) return new ConflictError("the key was changed by somebody else: read it again", { cause });
  if (code === STREAM_NOT_FOUND) return new NotFoundError(text, { cause });
  if (NOT_ENABLED.has(code)) return new UnsupportedError(`${text}: enable JetStream, for this account, or name its \`domain\``, { cause });
  if (LIMITS.has(code)) return new LimitError(`${text}: give JetStream more room`, { cause });
  return new ConnectionError(text, { fault: "refused", cause });
}
