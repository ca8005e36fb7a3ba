/** The providers of a member: those in JavaScript, announced to the lattice and served to all of it. */

import type { Router } from "../host/router.js";
import type { Provider } from "../providers/provider.js";
import type { BusCalls } from "./calls.js";
import type { Tell } from "./core.js";
import type { Close } from "./service.js";
import type { MemberView } from "./view.js";

/** What providers need. */
export interface ProviderParts {
  tell: Tell;
  calls: BusCalls;
  /** Resolves when all that is served can be called. */
  callable: () => Promise<void>;
  router: Router;
  view: MemberView;
  /** Milliseconds that a call from another host may take. */
  deadline: number;
}

/** What the lattice knows a provider in JavaScript by. */
export function providerReference(id: string): string {
  return `trellis:${id}`;
}

/** The providers of a member. */
export class Providers {
  readonly #parts: ProviderParts;
  readonly #served = new Map<string, Close>();

  /** None yet. */
  constructor(parts: ProviderParts) {
    this.#parts = parts;
  }

  /** Serves a provider and announces it. */
  async add(id: string, provider: Provider): Promise<void> {
    const { tell, calls, callable, view, deadline } = this.#parts;
    const close = calls.serve(id, {
      functions: provider.functions,
      deadline,
      invoke: (invocation, { source, link, signal }) =>
        provider.call(invocation, { source, link, config: view.configFor(id, source, link), signal }),
    });
    this.#served.set(id, close);
    await callable();
    // It may have ended meanwhile.
    if (this.#served.get(id) === close) tell((member) => member.providerStarted(JSON.stringify({ id, imageRef: providerReference(id) })));
  }

  /** Ends a provider. */
  remove(id: string): void {
    const close = this.#served.get(id);
    if (close === undefined) return;
    this.#served.delete(id);
    void close();
    this.#parts.view.forgetProvider(id);
    this.#parts.tell((member) => member.providerStopped(id, "stop"));
  }

  /** The lattice stops a provider: nobody finds it any more, here neither. */
  async stop(id: string): Promise<void> {
    const close = this.#served.get(id);
    this.#served.delete(id);
    await close?.();
    this.#parts.router.providers.delete(id);
    this.#parts.view.forgetProvider(id);
  }

  /** Serves nothing any more. */
  async close(): Promise<void> {
    const closes = [...this.#served.values()];
    this.#served.clear();
    await Promise.all(closes.map((close) => close()));
  }
}
