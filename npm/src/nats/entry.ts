/** Entries of buckets, out of the messages of their streams. */

import type { Entry, Message } from "../bus.js";
import { header } from "./message.js";

/** The entry of a message. */
export function entryOf(key: string, message: Message, revision: number): Entry {
  return { key, operation: operationOf(header(message, "KV-Operation")), value: message.payload, revision };
}

/** What the header `KV-Operation` says. */
export function operationOf(name: string | undefined): Entry["operation"] {
  return name === "DEL" ? "delete" : name === "PURGE" ? "purge" : "put";
}

/** Where in its stream, and for its consumer, a message is. */
export interface Position {
  /** Its number in the stream: the revision. */
  readonly revision: number;
  /** Its number for the consumer, from 1 on. */
  readonly sequence: number;
  /** How many messages are still to come that the consumer has not sent. */
  readonly pending: number;
}

/**
 * Reads the reply subject of a message: `$JS.ACK.<stream>.<consumer>.<deliveries>.<stream seq>.<consumer seq>.<time>.<pending>`,
 * in newer servers with domain and account behind `ACK` and a token behind (ADR-15).
 */
export function positionOf(reply: string | undefined): Position | undefined {
  const tokens = reply?.split(".") ?? [];
  if (tokens[0] !== "$JS" || tokens[1] !== "ACK" || tokens.length < 9) return undefined;
  const at = tokens.length === 9 ? 5 : 7;
  const [revision, sequence, , pending] = tokens.slice(at, at + 4).map(Number);
  if (revision === undefined || sequence === undefined || pending === undefined) return undefined;
  return [revision, sequence, pending].every(Number.isSafeInteger) ? { revision, sequence, pending } : undefined;
}
