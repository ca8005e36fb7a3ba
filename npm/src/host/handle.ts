/** A component as who started it holds it. */

import type { Inspection } from "../inspection.js";
import type { FetchInit } from "../http/fetch.js";
import type { Abortable } from "./abort.js";
import type { ComponentSource } from "./bytes.js";
import type { Host } from "./host.js";
import type { CallOptions } from "./options.js";

/** A running component. `await using` stops it at the end of the scope. */
export class ComponentHandle implements AsyncDisposable {
  /** Its id. */
  readonly id: string;
  readonly #host: Host;

  /** @internal */
  constructor(host: Host, id: string) {
    this.#host = host;
    this.id = id;
  }

  /** Its imports and exports with their types; `undefined` where it was started precompiled without them. */
  get inspection(): Inspection | undefined {
    return this.#host.inspection(this.id);
  }

  /** See {@link Host.invoke}. */
  invoke(instance: string, func: string, args: readonly unknown[] = [], options: CallOptions = {}): Promise<unknown> {
    return this.#host.invoke(this.id, instance, func, args, options);
  }

  /** See {@link Host.fetch}. */
  fetch(input: Request | URL | string, init: FetchInit = {}): Promise<Response> {
    return this.#host.fetch(this.id, input, init);
  }

  /** See {@link Host.updateComponent}. */
  update(source: ComponentSource, options: Abortable = {}): Promise<void> {
    return this.#host.updateComponent(this.id, source, options);
  }

  /** See {@link Host.stopComponent}. */
  stop(options: Abortable = {}): Promise<void> {
    return this.#host.stopComponent(this.id, options);
  }

  /** The same as `stop`; no error where it has stopped already. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#host.hasComponent(this.id)) await this.stop();
  }
}
