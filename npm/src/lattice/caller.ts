/** Who makes a call that comes over the bus, and whether an answer is still wanted. Facts: the lattice protocol 1.x, section 6.1. */

import type { Headers } from "../bus.js";
import type { TrellisError } from "../errors.js";

/** The maker of a call. */
export class Caller {
  readonly #headers: Headers;
  #failure: TrellisError | undefined;
  #controller: AbortController | undefined;
  #listener: ((error: TrellisError) => void) | undefined;

  /** Who has sent a first message with these headers. */
  constructor(headers: Headers) {
    this.#headers = headers;
  }

  /** The component that calls; empty where it does not say. */
  get source(): string {
    return this.#header("source-id") ?? "";
  }

  /** The link by which it calls. */
  get link(): string {
    return this.#header("link-name") ?? "default";
  }

  /** Aborted when the call fails. One that is answered may still have work to do. */
  get signal(): AbortSignal {
    const controller = (this.#controller ??= new AbortController());
    if (this.#failure !== undefined) controller.abort(this.#failure);
    return controller.signal;
  }

  /** Tells one listener when the call fails, also where it has. That costs less than a signal. */
  onFailure(listener: (error: TrellisError) => void): void {
    this.#listener = listener;
    if (this.#failure !== undefined) listener(this.#failure);
  }

  /** The call has failed. */
  fail(error: TrellisError): void {
    this.#failure = error;
    this.#controller?.abort(error);
    this.#listener?.(error);
  }

  #header(name: string): string | undefined {
    return this.#headers.find(([each]) => each === name)?.[1];
  }
}
