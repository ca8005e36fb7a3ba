/** The buses of a host: one for its lattice, one for calls that may be the same, and how it leaves them. */

import { allOrNone } from "../all-or-none.js";
import type { Bus } from "../bus.js";
import { ConnectionError, StoppedError, TimeoutError } from "../errors.js";
import type { NatsOptions } from "../nats/options.js";
import type { HostOptions } from "./options.js";

/** Milliseconds that what a host says last may take to get away. */
const LAST_FLUSH = 2000;

/** How a host comes by a bus that it is not given. */
export interface BusMaker {
  connect(options: NatsOptions): Promise<Bus>;
  memory(): Bus;
}

/** The buses of a host. */
export class Buses {
  /** Control, events and buckets. */
  readonly lattice: Bus;
  /** Calls: the same bus, unless another was asked for. */
  readonly rpc: Bus;
  /** Those that the host has made. */
  readonly #own: readonly Bus[];

  /** The buses that options ask for. */
  static async open({ bus, nats, rpcBus, rpcNats }: HostOptions, maker: BusMaker): Promise<Buses> {
    const [connected, connectedForCalls] = await allOrNone([nats, rpcNats].map(async (options) => options && maker.connect(options)));
    const lattice = bus ?? connected ?? maker.memory();
    return new Buses(lattice, rpcBus ?? connectedForCalls, [lattice === bus ? undefined : lattice, connectedForCalls]);
  }

  private constructor(lattice: Bus, rpc: Bus | undefined, own: readonly (Bus | undefined)[]) {
    this.lattice = lattice;
    this.rpc = rpc ?? lattice;
    this.#own = own.filter((each) => each !== undefined);
  }

  /** There will be no host: closes those that were made for it. */
  async discard(): Promise<void> {
    await Promise.allSettled(this.#own.map((bus) => bus.close()));
  }

  /** The host has said its last: closes its own, and sees that the others have all of it. */
  async leave(): Promise<void> {
    const given = [...new Set([this.lattice, this.rpc])].filter((bus) => !this.#own.includes(bus));
    await Promise.all([...this.#own.map((bus) => bus.close()), ...given.map(flush)]);
  }
}

async function flush(bus: Bus): Promise<void> {
  try {
    await bus.flush({ timeout: LAST_FLUSH });
  } catch (error) {
    // Where the connection is away, or the bus is closed, nobody hears the last words.
    if (![TimeoutError, ConnectionError, StoppedError].some((kind) => error instanceof kind)) throw error;
  }
}
