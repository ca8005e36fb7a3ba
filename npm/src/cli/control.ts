/** A client of the control interface. Facts: the lattice protocol 1.x, sections 2.3 and 3. */

import type { Message } from "../bus.js";
import { ConnectionError, DecodeError, NotFoundError, TimeoutError } from "../errors.js";
import type { NatsBus } from "../nats/bus.js";
import { isNoResponders } from "../no-responders.js";
import { Waits } from "../waits.js";
import type { LatticeName } from "./connection.js";
import { RefusedError } from "./errors.js";

/** An answer. */
export interface Answer {
  readonly message: string;
  /** What was asked for; `undefined` where the answer has none. */
  readonly response: unknown;
}

/** Milliseconds without another answer after which all hosts are taken to have answered. */
const QUIET = 400;

const encoder = new TextEncoder();

/** Asks the hosts of a lattice. */
export class Control {
  readonly bus: NatsBus;
  readonly lattice: string;
  readonly #prefix: string;
  readonly #timeout: number;

  /** A client on a bus; an answer may take `timeout` milliseconds. */
  constructor(bus: NatsBus, { lattice, prefix }: LatticeName, timeout: number) {
    this.bus = bus;
    this.lattice = lattice;
    this.#prefix = `${prefix}.v1.${lattice}`;
    this.#timeout = timeout;
  }

  /** Asks one host: that of the subject, or any of a queue group. Rejects with a `RefusedError` where it says no. */
  async ask(subject: string, body?: unknown): Promise<Answer> {
    let message: Message;
    try {
      message = await this.bus.request(`${this.#prefix}.${subject}`, encode(body), { timeout: this.#timeout });
    } catch (error) {
      if (error instanceof NotFoundError) throw new NotFoundError(`no host of the lattice ${this.lattice} answers ${subject}: get hosts lists those that are there`, { cause: error });
      throw error;
    }
    const answer = decode(message.payload);
    if (!answer.success) throw new RefusedError(answer.message || `a host refuses ${subject}`);
    return answer;
  }

  /**
   * Asks all hosts, and gives what those answer that do not refuse. Ends when there is nobody to ask, when all seem to
   * have answered, or at the first answer where `first` is set. What cannot be read is passed over.
   */
  async askAll(subject: string, body?: unknown, first = false): Promise<unknown[]> {
    const found: unknown[] = [];
    const inbox = this.bus.inbox();
    let again: ReturnType<typeof setTimeout> | undefined;
    const wait = new Waits().start<undefined>("", this.#timeout, undefined, ({ resolve, reject }) => {
      const subscription = this.bus.subscribe(inbox, {
        callback: (message) => {
          if (isNoResponders(message)) return resolve(undefined);
          found.push(...answersIn(message));
          clearTimeout(again);
          if (first && found.length > 0) return resolve(undefined);
          again = setTimeout(() => resolve(undefined), QUIET);
        },
      });
      const stop = this.bus.onConnection({ online: () => undefined, offline: () => reject(new ConnectionError("the connection was lost: try again")) });
      this.bus.publish(`${this.#prefix}.${subject}`, encode(body), { reply: inbox });
      return () => {
        stop();
        subscription.close();
        clearTimeout(again);
      };
    });
    await wait.catch((error: unknown) => {
      if (!(error instanceof TimeoutError)) throw error;
    });
    return found;
  }
}

function encode(body: unknown): Uint8Array {
  return body === undefined ? new Uint8Array() : encoder.encode(JSON.stringify(body));
}

/** The envelope. */
function decode(payload: Uint8Array): Answer & { success: boolean } {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(payload));
  } catch (error) {
    throw new DecodeError("a host has answered what is no JSON", { cause: error });
  }
  if (typeof json !== "object" || json === null || !("success" in json)) throw new DecodeError("a host has answered what is no answer of the control interface");
  const { success, message, response } = json as Record<string, unknown>;
  return { success: success === true, message: typeof message === "string" ? message : "", response };
}

function answersIn({ payload }: Message): unknown[] {
  try {
    const { success, response } = decode(payload);
    return success && response !== undefined && response !== null ? [response] : [];
  } catch {
    return [];
  }
}
