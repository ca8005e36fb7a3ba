/** A host: a member of a lattice that runs components. */

import type { PullProgress } from "../artifacts/options.js";
import { rootContext } from "../engine/context.js";
import type { Channel, Outcome } from "../engine/invocation.js";
import type { Isolation } from "../engine/isolation.js";
import type { EnginePool } from "../engine/pool.js";
import type { Tier } from "../engine/tier.js";
import { PanicError, StoppedError } from "../errors.js";
import { type FetchInit, invocationOf, responseOf } from "../http/fetch.js";
import type { Inspection } from "../inspection.js";
import type { KeyValueProvider } from "../providers/keyvalue.js";
import {
  type Interfaces, type RawFunction, rawProvider, type TypedFunction, typedProvider,
} from "../providers/provider.js";
import { VERSION } from "../version.js";
import { type Abortable, unlessAborted } from "./abort.js";
import type { Buses } from "./buses.js";
import type { ComponentSource } from "./bytes.js";
import { checkBytes, checkComponentOptions, checkDeadline, checkString } from "./checks.js";
import { type Configs, configsOf } from "./configs.js";
import { LatticeEvents } from "./events.js";
import { ComponentHandle } from "./handle.js";
import type { Inventory } from "./inventory.js";
import type { Lattice } from "./lattice.js";
import { linkOf, type LinkSpec, type UnlinkSpec } from "./links.js";
import { limitsOf, nullable, orElse } from "./limits.js";
import type { HostMeter } from "./meter.js";
import type { HostMetrics } from "./metrics.js";
import type { CallOptions, ComponentOptions } from "./options.js";
import type { Router } from "./router.js";
import type { Runner } from "./runner.js";

/** A component to be started. */
export interface ComponentStart extends ComponentOptions {
  /** Its id in the lattice. */
  id: string;
  /** Where it comes from. */
  source: ComponentSource;
  /** Gives the start up. */
  signal?: AbortSignal;
  /** Is told of the transfer, where the component is one to be pulled. */
  onProgress?: (progress: PullProgress) => void;
}

/** How guests run on this platform. */
export interface Capabilities extends Tier {
  /** Where guests run unless started otherwise. */
  isolation: Isolation;
}

/** What a host is made of; see `create.ts`. */
export interface HostParts {
  id: string;
  name: string;
  seed: string | undefined;
  lattice: string;
  isolation: Isolation;
  deadline: number;
  buses: Buses;
  pool: EnginePool;
  meter: HostMeter;
  router: Router;
  runner: Runner;
  keyvalue: KeyValueProvider;
  signal: AbortSignal | undefined;
}

/** A provider in JavaScript. `await using` ends it at the end of the scope. */
export interface ProviderHandle extends AsyncDisposable {
  /** Ends it: components find nobody under its id. */
  close(): void;
}

/** A host of a lattice. Made by `createHost`; ended by `stop`, or `await using`. */
export class Host implements AsyncDisposable {
  readonly #parts: HostParts;
  readonly #lattice: Lattice;
  readonly #listening = new Set<{ close(): void }>();
  readonly #started = performance.now();
  readonly #end = (): void => void this.stop().catch(() => undefined);
  #stopping: Promise<void> | undefined;
  /** Its id, in the form of a public key. */
  readonly id: string;
  /** The secret that its id comes from, to have the same id another time; only members of a lattice over a network have one. */
  readonly seed: string | undefined;
  /** The lattice it belongs to. */
  readonly lattice: string;
  /** The named configs of the lattice. */
  readonly config: Configs;

  /** @internal */
  constructor(parts: HostParts, lattice: Lattice, listening: { close(): void } | undefined) {
    const { signal } = parts;
    this.#parts = parts;
    this.#lattice = lattice;
    this.id = parts.id;
    this.seed = parts.seed;
    this.lattice = parts.lattice;
    if (listening !== undefined) this.#listening.add(listening);
    this.config = configsOf(lattice, () => this.#check());
    signal?.addEventListener("abort", this.#end);
    void lattice.ended?.then(this.#end);
  }

  /** How guests run here, and why so. */
  capabilities(): Capabilities {
    const { isolation, pool } = this.#parts;
    return { isolation, ...pool.tier(isolation) };
  }

  /**
   * Starts a component. Imports that WASI has no answer for may be linked before or after; a call by an import without
   * a link fails with a `MissingLinkError`. A component whose imports can never be answered is refused with a
   * `MissingImportError`.
   */
  async startComponent({ id, source, signal, onProgress, ...options }: ComponentStart): Promise<ComponentHandle> {
    this.#check();
    checkComponentOptions(options);
    const { isolation = this.#parts.isolation } = options;
    const deadline = orElse(options.deadline, this.#parts.deadline);
    await this.#lattice.start({ id, options, isolation, deadline, limits: limitsOf(options) }, source, { signal, onProgress });
    return new ComponentHandle(this, id);
  }

  /**
   * Stops a component: it takes no more calls. Resolves when those in flight are answered; where `signal` aborts before
   * that, they are given up.
   */
  async stopComponent(id: string, { signal }: Abortable = {}): Promise<void> {
    return unlessAborted(signal, async () => {
      this.#check();
      await this.#lattice.stop(id, signal);
    });
  }

  /** Gives a component new code: new calls go there, calls in flight end on the old. The old stays where this fails. */
  async updateComponent(id: string, source: ComponentSource, { signal }: Abortable = {}): Promise<void> {
    return unlessAborted(signal, async () => {
      this.#check();
      await this.#lattice.update(id, source, signal);
    });
  }

  /** Whether a component runs here. */
  hasComponent(id: string): boolean {
    return this.#parts.router.components.has(id);
  }

  /** The imports and exports of a component with their types, where they are known. */
  inspection(id: string): Inspection | undefined {
    return this.#parts.router.component(id).artifact.inspection;
  }

  /** Links an import of a component to a component or provider. Replaces a link to the same target. */
  async link(spec: LinkSpec, { signal }: Abortable = {}): Promise<void> {
    return unlessAborted(signal, async () => {
      this.#check();
      await this.#lattice.link(linkOf(spec));
    });
  }

  /** Removes links of a component. No error where there are none. */
  async unlink(spec: UnlinkSpec, { signal }: Abortable = {}): Promise<void> {
    return unlessAborted(signal, async () => {
      this.#check();
      await this.#lattice.unlink(spec);
    });
  }

  /**
   * Calls a function that a component exports, with JavaScript values. The version of the interface may be left out
   * where it is unambiguous. A result `result<T, E>` resolves with `T` or rejects with a `GuestError` with the payload
   * `E`. Resources are `ResourceHandle`s, which live as long as their instance: start the component with `reuse: true`
   * to use them in later calls.
   */
  async invoke(id: string, instance: string, func: string, args: readonly unknown[] = [], options: CallOptions = {}): Promise<unknown> {
    checkString("instance", instance);
    const found = this.#component(id).function(instance, func);
    const params = found.codec.encodeParams(args);
    const { results } = await this.#call(id, { instance: found.instance, func, params, channels: [] }, options);
    return found.codec.decodeResult(results);
  }

  /**
   * The same with bytes in wRPC value encoding; pending streams and futures go along as channels. The interface goes by
   * its full name, with the version.
   */
  async invokeRaw(
    id: string, instance: string, func: string, params: Uint8Array, options: CallOptions & { channels?: readonly Channel[] } = {},
  ): Promise<Outcome> {
    checkString("instance", instance);
    checkString("func", func);
    checkBytes("params", params);
    // A copy: the carrier may detach what it is given.
    return this.#call(id, { instance, func, params: new Uint8Array(params), channels: options.channels ?? [] }, options);
  }

  /**
   * Sends an HTTP request to a component that exports `wasi:http/incoming-handler`. The bodies stream in both
   * directions. A path alone is taken for one on `http://localhost`.
   */
  async fetch(id: string, input: Request | URL | string, init: FetchInit = {}): Promise<Response> {
    const { method, invocation, signal } = invocationOf(input, init);
    return responseOf(method, await this.#call(id, invocation, { signal, deadline: init.deadline }));
  }

  /** Serves interfaces to components that are linked to `id`, with functions that exchange bytes. */
  provide(id: string, interfaces: Interfaces<RawFunction>): Promise<ProviderHandle>;
  /** The same with functions that exchange values; `types` is the inspection of a component that knows the interfaces. */
  provide(id: string, interfaces: Interfaces<TypedFunction>, types: Inspection): Promise<ProviderHandle>;
  async provide(
    id: string, interfaces: Interfaces<RawFunction> | Interfaces<TypedFunction>, types?: Inspection,
  ): Promise<ProviderHandle> {
    this.#check();
    const { router } = this.#parts;
    router.reserve(id);
    const provider = types === undefined
      ? rawProvider(interfaces as Interfaces<RawFunction>)
      : typedProvider(interfaces, types);
    router.expected.add(id);
    try {
      await this.#lattice.permitProvider(id);
    } finally {
      router.expected.delete(id);
    }
    this.#check();
    router.providers.set(id, provider);
    await this.#lattice.provided(id, provider);
    const close = (): void => {
      if (router.providers.get(id) !== provider) return;
      router.providers.delete(id);
      this.#lattice.withdrawn(id);
    };
    return { close, [Symbol.asyncDispose]: async () => close() };
  }

  /** The events of the lattice from now on. */
  events(): LatticeEvents {
    this.#check();
    const events = new LatticeEvents(this.#parts.buses.lattice, this.lattice, (closed) => this.#listening.delete(closed));
    this.#listening.add(events);
    return events;
  }

  /** What runs here. */
  inventory(): Inventory {
    const { name: friendlyName, meter, router } = this.#parts;
    const { labels } = this.#lattice;
    const components = [...router.components.values()].map(({ placement: { id, isolation, deadline, limits }, reference }) =>
      ({ id, reference, isolation, limits: nullable({ ...limits, deadline }) }));
    const providers = [...router.providers].map(([id, { interfaces }]) => ({ id, interfaces: [...interfaces] }));
    const uptimeSeconds = this.#uptimeSeconds();
    const limits = nullable(meter.totals);
    return { hostId: this.id, friendlyName, lattice: this.lattice, version: VERSION, labels, uptimeSeconds, limits, components, providers };
  }

  /** What it has counted up to now. */
  metrics(): HostMetrics {
    const { meter, pool, router } = this.#parts;
    const components = Object.fromEntries([...router.components].map(([id, component]) => [id, component.meter.metrics()]));
    return { uptimeSeconds: this.#uptimeSeconds(), ...meter.metrics(), ...pool.metrics(), components };
  }

  /**
   * Stops the host: no new calls; those in flight get `deadline` milliseconds (default 0) to be answered. Then all
   * that is left is ended, and its callers get a `StoppedError`.
   */
  async stop({ deadline = 0 }: { deadline?: number } = {}): Promise<void> {
    checkDeadline(deadline);
    return (this.#stopping ??= this.#stop(deadline));
  }

  /** The same as `stop`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #uptimeSeconds(): number {
    return Math.floor((performance.now() - this.#started) / 1000);
  }

  async #stop(deadline: number): Promise<void> {
    const { runner, pool, meter, signal } = this.#parts;
    signal?.removeEventListener("abort", this.#end);
    await this.#lattice.drain(deadline);
    await pool.close(new StoppedError("the host is stopped"));
    await runner.close();
    meter.close();
    try {
      await this.#leave();
    } catch (error) {
      // A bus in memory died with the core: there is nobody to take leave of.
      if (!(error instanceof PanicError)) throw error;
    } finally {
      this.#listening.forEach((listening) => listening.close());
    }
  }

  async #leave(): Promise<void> {
    const { buses, keyvalue } = this.#parts;
    keyvalue.close();
    await this.#lattice.leave();
    await buses.leave();
  }

  #component(id: string): ReturnType<Router["component"]> {
    this.#check();
    return this.#parts.router.component(id);
  }

  #call(id: string, invocation: Parameters<ReturnType<Router["component"]>["invoke"]>[0], options: CallOptions): Promise<Outcome> {
    checkDeadline(options.deadline);
    const component = this.#component(id);
    return component.invoke(invocation, rootContext(orElse(options.deadline, component.placement.deadline), options.signal));
  }

  #check(): void {
    if (this.#stopping !== undefined) throw new StoppedError("the host is stopped");
  }
}
