/**
 * The built-in provider `keyvalue`: `wasi:keyvalue/{store,atomics,batch}` in the memory of the host. It is gone with
 * the host. For components that run inline it answers within the core, without JavaScript.
 */

import type { Core, CoreKeyValue } from "../core.js";
import { type Guard, guardOf } from "../engine/guard.js";
import type { Provider } from "./provider.js";

/** The id of the provider, to link to. */
export const KEYVALUE = "keyvalue";

/** `wrpc:keyvalue@0.2.0-draft`. */
const functions = {
  store: ["get", "set", "delete", "exists", "list-keys"],
  atomics: ["increment"],
  batch: ["get-many", "set-many", "delete-many"],
};

/** The provider, for the host and for inline engines. */
export class KeyValueProvider implements Provider {
  readonly interfaces = Object.keys(functions).map(servedAs);
  readonly functions = Object.entries(functions).flatMap(([name, each]) => each.map((func): [string, string] => [servedAs(name), func]));
  /** The store in the core. */
  readonly store: CoreKeyValue;
  readonly #guard: Guard;

  /** An empty store. */
  constructor(core: Core) {
    this.#guard = guardOf(core);
    this.store = this.#guard.run(() => new core.MemoryKeyValue());
  }

  /** Answers a call. */
  async call(...[{ instance, func, params }]: Parameters<Provider["call"]>): ReturnType<Provider["call"]> {
    return { results: this.#guard.run(() => this.store.call(instance, func, params)) };
  }

  /** Frees the store. */
  close(): void {
    if (this.#guard.panic === undefined) this.#guard.run(() => this.store.free());
  }
}

/** The instance by which a linked interface of `wasi:keyvalue` is called. */
export function servedAs(name: string): string {
  return `wrpc:keyvalue/${name}@0.2.0-draft`;
}
