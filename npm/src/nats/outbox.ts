/** What is published while the connection is away. nats.js would lose it at the next attempt to connect. */

import { LimitError } from "../errors.js";
import type { Line } from "./line.js";

/** A message that waits. */
interface Held {
  subject: string;
  payload: Uint8Array;
  options: { reply?: string; headers?: never };
}

/** Messages that wait for the connection, oldest first. */
export class Outbox {
  readonly #line: Line;
  readonly #limit: number;
  #held: Held[] = [];
  #bytes = 0;

  /** Holds so many bytes at most. */
  constructor(line: Line, limit: number) {
    this.#line = line;
    this.#limit = limit;
    line.watch({ online: () => this.#sendAll(), ended: () => this.#clear() });
  }

  /** Sends a message, or keeps it until there is a connection. The payload must stay as it is. */
  send(subject: string, payload: Uint8Array, options: Held["options"]): void {
    if (this.#line.online) return this.#line.connection.publish(subject, payload, options);
    if (this.#bytes + payload.length > this.#limit) {
      throw new LimitError(`${this.#bytes} bytes of messages wait for the connection already: raise \`maxHeldBytes\`, or publish less`, {
        limit: "maxHeldBytes",
      });
    }
    this.#bytes += payload.length;
    this.#held.push({ subject, payload, options });
  }

  #sendAll(): void {
    const held = this.#held;
    this.#clear();
    for (const { subject, payload, options } of held) this.#line.connection.publish(subject, payload, options);
  }

  #clear(): void {
    this.#held = [];
    this.#bytes = 0;
  }
}
