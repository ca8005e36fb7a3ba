/** The commands that a host gives its own member, and who waits for what comes of them. */

import { fromWire, type TrellisError } from "../errors.js";
import type { WireError } from "../core.js";

interface Waiting {
  resolve(json: string | undefined): void;
  reject(error: unknown): void;
}

/** Commands under way. */
export class Commands {
  readonly #waiting = new Map<number, Waiting>();
  #last = 0;

  /** Gives a command by `send`; resolves with its answer, as JSON where it has one. */
  send(send: (request: number) => void): Promise<string | undefined> {
    const request = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(request, { resolve, reject });
      try {
        send(request);
      } catch (error) {
        this.#waiting.delete(request);
        reject(error);
      }
    });
  }

  /** The answer to a command. */
  answer(request: number, error: WireError | undefined, json: string | undefined): void {
    const waiting = this.#waiting.get(request);
    this.#waiting.delete(request);
    if (error === undefined) waiting?.resolve(json);
    else waiting?.reject(fromWire(error));
  }

  /** There will be no answers. */
  failAll(error: TrellisError): void {
    this.#waiting.forEach((waiting) => waiting.reject(error));
    this.#waiting.clear();
  }
}
