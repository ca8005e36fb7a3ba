/** What a host and its components can be told. */

import type { ArtifactOptions } from "../artifacts/options.js";
import type { ArtifactStore } from "../artifacts/store.js";
import type { Bus } from "../bus.js";
import type { CoreSource, SuspensionTier } from "../core.js";
import type { Isolation } from "../engine/isolation.js";
import type { MemberOptions } from "../lattice/options.js";
import type { NatsOptions } from "../nats/options.js";
import type { AllowedOrigins } from "../providers/http-client.js";
import type { LatticeEvent } from "./events.js";
import type { ComponentLimits, HostLimits } from "./limits.js";

/** A line that a guest logs through `wasi:logging`. */
export interface LogEntry {
  /** The component's id. */
  component: string;
  /** How bad it is. */
  level: "trace" | "debug" | "info" | "warn" | "error" | "critical";
  /** What the guest names as the context. */
  context: string;
  /** The text. */
  message: string;
}

/** What a guest prints. */
export interface Output {
  /** The component's id. */
  component: string;
  /** Where to. */
  stream: "stdout" | "stderr";
  /** What: not necessarily whole lines. */
  bytes: Uint8Array;
}

/** A call that a guest makes over a link. */
export interface LinkCall {
  /** The component that calls. */
  source: string;
  /** The component or provider that is called. */
  target: string;
  /** The interface, by the name it is called by: `wrpc:keyvalue/store@0.2.0-draft`. */
  instance: string;
  /** The function. */
  func: string;
}

/** Options of a host. */
export interface HostOptions {
  /** The lattice it belongs to. Default `default`. */
  lattice?: string;
  /** What it is called by people. Default `trellis-host-` and four digits; of a member, such as `icy-waterfall-0042`. */
  name?: string;
  /** What it has to offer, for those who place components. */
  labels?: Readonly<Record<string, string>>;
  /** Where guests run unless a component is started otherwise. Default `worker`. */
  isolation?: Isolation;
  /**
   * The bus of the lattice. Default one in memory that only this host is on. A bus given here is not closed by the host.
   * On a bus over a network the host is a member of its wasmCloud lattice: it can be seen and told what to run by all
   * who may speak there.
   */
  bus?: Bus;
  /** Instead of `bus`: connects to a NATS server, and closes the connection with the host. */
  nats?: NatsOptions;
  /**
   * The bus of calls, where it is not that of the lattice: components and providers are called by it and call by it, and
   * providers are told of their links. All else (control, events, buckets, policy, secrets) goes by `bus`. For members
   * only. Each of the two recovers on its own. Not closed by the host. (Lattice protocol 1.x, section 2.1.)
   */
  rpcBus?: Bus;
  /** Instead of `rpcBus`: connects to a NATS server for calls, and closes the connection with the host. */
  rpcNats?: NatsOptions;
  /** How it is a member of its lattice; `false`: not at all. On a bus in memory it is none unless this is given. */
  member?: boolean | MemberOptions;
  /** The core's wasm. Default the file that comes with the package. */
  core?: CoreSource;
  /** The script of the engine worker, where a bundler or server has put it elsewhere. */
  worker?: URL | string;
  /**
   * Milliseconds a call may take until it is answered, and after that until each next movement of its streams.
   * `null` for no end. Default 30 000.
   */
  deadline?: number | null;
  /** What all components together may take. */
  limits?: HostLimits;
  /** Where components come from: how artifacts are pulled, or a store of `createArtifactStore`, to share it. */
  artifacts?: ArtifactOptions | ArtifactStore;
  /** What the provider `http-client` may reach: a list of origins, or `true` for all. Default none. */
  http?: { allow: AllowedOrigins };
  /** Takes what guests log. Default the console. */
  onLog?: (entry: LogEntry) => void;
  /** Takes what guests print. Default the console. */
  onOutput?: (output: Output) => void;
  /** Takes what people should hear of, and no caller waits for. Default the console. */
  onWarning?: (text: string) => void;
  /** Is told of each call over a link as it sets out. Inline components call `keyvalue` within the core, untold. */
  onCall?: (call: LinkCall) => void;
  /** Is told of the events of the lattice, from this host's own `host_started` to its `host_stopped`. */
  onEvent?: (event: LatticeEvent) => void;
  /** Stops the host. */
  signal?: AbortSignal;
  /** How guests wait, instead of what the platform has: for tests. */
  suspension?: SuspensionTier;
}

/** How a component is to run. */
export interface ComponentOptions extends ComponentLimits {
  /** What `wasi:config` answers: pairs, or the names of configs of the lattice, later ones over earlier ones. */
  config?: Readonly<Record<string, string>> | readonly string[];
  /** The environment variables of `wasi:cli/environment`. Default none. */
  env?: Readonly<Record<string, string>>;
  /** The arguments of `wasi:cli/environment`, the program's name first. Default `["main.wasm"]`. */
  args?: readonly string[];
  /** Whether it has an empty file system in memory. Default no. */
  filesystem?: boolean;
  /** As with the host, for calls of this component. */
  deadline?: number | null;
  /**
   * Whether an instance may serve one call after the other, with its state. Default no: each call finds the first state.
   * State is kept as long as there is room for it: a limit of the host, or the end of its worker, has it go. For code that
   * is trusted: it is beside other components from its first call, where others have to answer some calls first.
   */
  reuse?: boolean;
  /** Where it runs. Default as the host says. */
  isolation?: Isolation;
}

/** Options of one call. */
export interface CallOptions {
  /** Gives the call up. */
  signal?: AbortSignal;
  /** Milliseconds it may take; see {@link HostOptions.deadline}. */
  deadline?: number | null;
}
