/**
 * Stands around every call into the core. The core is compiled to abort on a panic, which JavaScript sees as a
 * `WebAssembly.RuntimeError`; after that its state cannot be trusted, so the guard lets nothing in any more and tells
 * everybody who waits. (A trap of a guest is caught inside the core and does not come this way.)
 */

import type { WireError } from "../core.js";
import { messageOf, PanicError, typedError } from "../errors.js";

const guards = new WeakMap<object, Guard>();

/** The guard of a core, or of the member's module: one for each, since a realm has one instance of it. */
export function guardOf(core: object): Guard {
  let guard = guards.get(core);
  if (guard === undefined) guards.set(core, (guard = new Guard()));
  return guard;
}

/** Guards one instance of the core. */
export class Guard {
  #panic: PanicError | undefined;
  readonly #mourners = new Set<(error: PanicError) => void>();

  /** What it died of, where it is dead. */
  get panic(): PanicError | undefined {
    return this.#panic;
  }

  /** Calls into the core. Throws errors of ours; after a panic, always the `PanicError`. */
  run<T>(call: () => T): T {
    if (this.#panic !== undefined) throw this.#panic;
    try {
      return call();
    } catch (thrown) {
      throw typedError(thrown) ?? this.#judge(thrown);
    }
  }

  /** Calls `mourner` when the core dies. Returns what takes that back. */
  onPanic(mourner: (error: PanicError) => void): () => void {
    this.#mourners.add(mourner);
    return () => this.#mourners.delete(mourner);
  }

  #judge(thrown: unknown): unknown {
    return isPanic(thrown) ? this.#die(new PanicError(`the core failed: ${messageOf(thrown)}`, { cause: thrown })) : thrown;
  }

  /** Hears how a call failed: below a guest's frames a panic does not tear through {@link run}, the core tells of it. */
  hear(error: WireError): void {
    if (error.code === PanicError.code && this.#panic === undefined) this.#die(new PanicError(error.message));
  }

  #die(panic: PanicError): PanicError {
    this.#panic = panic;
    this.#mourners.forEach((mourner) => mourner(panic));
    this.#mourners.clear();
    return panic;
  }
}

/** Whether a thrown value means that the core itself failed: it trapped, or its stack ended. */
export function isPanic(thrown: unknown): boolean {
  if (thrown instanceof WebAssembly.RuntimeError || thrown instanceof RangeError) return true;
  // Firefox's word for the end of the stack.
  return thrown instanceof Error && thrown.name === "InternalError";
}
