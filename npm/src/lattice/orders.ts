/** What this host's own program has the member start or update: through the member go only ids and references. */

import type { PullOptions } from "../artifacts/options.js";
import type { ComponentSource } from "../host/bytes.js";
import type { Placement } from "../host/component.js";

/** A start or update that this host's own program asked for. */
export interface Order {
  /** What the lattice knows its source by. */
  readonly reference: string;
  readonly source: ComponentSource;
  readonly pull: PullOptions;
  /** How a component that is to be started is to run. */
  readonly placement?: Placement;
  /** Why it failed: through the member come only its code and its text. */
  failure?: unknown;
}

/** The orders that have not come back from the member yet. */
export class Orders {
  readonly #orders = new Map<string, Order[]>();

  /** Announces what the program is about to ask the member for. The function that comes back withdraws it. */
  expect(id: string, order: Order): () => void {
    const orders = this.#orders.get(id) ?? [];
    this.#orders.set(id, [...orders, order]);
    return () => void this.#take(id, (each) => each === order);
  }

  /** The order that has come back, unless it is the lattice that wants this. */
  take(id: string, reference: string): Order | undefined {
    return this.#take(id, (each) => each.reference === reference);
  }

  #take(id: string, fits: (order: Order) => boolean): Order | undefined {
    const orders = this.#orders.get(id) ?? [];
    const order = orders.find(fits);
    const left = orders.filter((each) => each !== order);
    if (left.length > 0) this.#orders.set(id, left);
    else this.#orders.delete(id);
    return order;
  }
}

/** Aborts when the member gives a task up, and when the program does. */
export function eitherOf(task: AbortSignal, order: Order | undefined): AbortSignal {
  const { signal } = order?.pull ?? {};
  return signal === undefined ? task : AbortSignal.any([task, signal]);
}
