/**
 * The Rust core as TypeScript sees it: the types of the generated `pkg/trellis_host.js` (crate `host-wasm/host`).
 *
 * Everything here is synchronous and message-like, so that the worker port carries exactly these calls. Methods throw
 * an `Error` with a `code`; a `WebAssembly.RuntimeError` means that the core itself failed (see `engine/guard.ts`).
 */

/** An error as callbacks and worker messages carry it. */
export interface WireError {
  /** The code of its kind (`host-wasm/error`). */
  code: string;
  /** What happened. */
  message: string;
  /** With `guest-exit`: the exit code. */
  exitCode?: number;
  /** With `missing-import`: the imports nothing can serve. */
  missing?: string[];
  /** With `limit`: the name of the limit, where it is one of a component's options. */
  limit?: string;
}

/** A channel of an invocation. */
export interface ChannelRef {
  /** Its index path. */
  path: number[];
  /** Its number on the port: even ones are ours, odd ones the engine's. */
  id: number;
  /** The whole content of a channel that is complete already; nothing follows then. */
  ready?: Uint8Array;
}

/** What a component is loaded with. */
export interface ComponentSettings {
  /** The component's id, for messages. */
  name: string;
  /** The arguments of `wasi:cli/environment`. */
  args?: string[];
  /** The environment of `wasi:cli/environment`. */
  env?: [name: string, value: string][];
  /** What `wasi:config` answers. */
  config?: [key: string, value: string][];
  /** Whether it has an empty in-memory file system. */
  filesystem?: boolean;
  /** Whether instances keep their state from call to call. Else each call finds them as new. */
  reuse?: boolean;
  /** Bytes of memory that an instance may have. As with all limits here: `null` or left out for no limit. */
  maxMemory?: number | null;
  /** Elements that its tables may have. */
  maxTables?: number | null;
  /** Instructions that a call may run, about. The component must have been compiled to count them. */
  fuel?: number | null;
  /** Bytes of a message: the parameters, or the results, of a call that a guest makes or answers. */
  maxMessageBytes?: number | null;
  /** Lines that the component may log and print in a second, and at once. More are dropped. */
  maxLogRate?: number | null;
}

/** A component, decoded and linked, with its core modules not yet compiled. */
export interface CompiledBytes {
  plan: Uint8Array;
  modules: Uint8Array[];
}

/** How the engine suspends a guest that waits. */
export type SuspensionTier = "jspi" | "atomics" | "none";

/** What JavaScript asks of an engine. Numbers name calls, components and channels and are chosen by the caller. */
export interface EngineCommands {
  /** Makes a component known. Returns how many of the engine's memories each instance takes. */
  load(component: number, plan: Uint8Array, modules: WebAssembly.Module[], settings: ComponentSettings): number;
  unload(component: number): void;
  /** Drops the idle instances: those that keep state only with `all`. */
  trim(all: boolean): void;
  invoke(
    call: number, component: number, instance: string, func: string, params: Uint8Array, channels: ChannelRef[],
  ): void;
  /** Drops the instance of a suspended call. Nothing is called back for the call. */
  abort(call: number): void;
  push(channel: number, chunk: Uint8Array): void;
  end(channel: number, error?: WireError): void;
  credit(channel: number, bytes: number): void;
  /** Nobody reads this channel from a guest any more. */
  cancel(channel: number): void;
  reply(call: number, results: Uint8Array, channels: ChannelRef[]): void;
  fail(call: number, error: WireError): void;
}

/** What an engine tells JavaScript, apart from what concerns its own thread. */
export interface EngineEvents {
  /** A guest is about to be entered: before this, nothing of the call has had an effect. */
  began(call: number): void;
  settled(call: number, results: Uint8Array, channels: ChannelRef[]): void;
  failed(call: number, error: WireError): void;
  /** The call is over: the guest has returned and its channels are closed. Follows `settled` or `failed`. */
  finished(call: number): void;
  /** The guest has returned and its instance serves others, but channels are still open: `finished` follows later. */
  returned(call: number): void;
  push(channel: number, chunk: Uint8Array): void;
  end(channel: number, error?: WireError): void;
  credit(channel: number, bytes: number): void;
  /** The guest does not read this channel any more. */
  cancel(channel: number): void;
  log(component: number, level: number, context: string, message: string): void;
  stdio(component: number, stream: number, bytes: Uint8Array): void;
  /** A limit struck, named as in the options of a component; `detail` says what that meant. */
  struck(component: number, limit: string, detail: string): void;
  /** Instances: alive (idle ones among them), idle; and since the engine was made: created, set back for another call, dropped. */
  stats(live: number, idle: number, created: number, restored: number, dropped: number): void;
}

/** The callbacks of an engine. */
export interface EngineOutside extends EngineEvents {
  /**
   * A guest calls an import that a link leads from. `parent` is the call (of {@link EngineCommands.invoke}) during
   * which it does. Returns the results, or `undefined` when they come by `reply` or `fail`. May throw.
   */
  invoke(
    call: number, component: number, instance: string, func: string, params: Uint8Array, channels: ChannelRef[],
    parent?: number,
  ): Uint8Array | undefined;
  mayWait(component: number, instance: string, func: string): boolean;
  /** Call `run` in a microtask. */
  soon(): void;
  /** Call `wake` in so many milliseconds; replaces an earlier request. */
  wakeAt(milliseconds: number): void;
  /** "atomics" only: block until a message for this engine was delivered or the time is over. */
  block(milliseconds: number): void;
}

/** The class `Engine`. */
export interface CoreEngine extends EngineCommands {
  /** What `soon` asked for. */
  run(): void;
  /** There is time until the next call: what it would have to wait for is done now. */
  rest(): void;
  /** The time asked for by `wakeAt` has come. */
  wake(): void;
  /** Answers `instance` for `component` from a provider of this core. In force for instances made from now on. */
  serve(component: number, instance: string, provider: CoreKeyValue): void;
  free(): void;
}

/** The class `MemoryKeyValue`: `wrpc:keyvalue/{store,atomics,batch}@0.2.0-draft` in memory. */
export interface CoreKeyValue {
  /** Answers a call; parameters and results in wRPC value encoding. */
  call(instance: string, func: string, params: Uint8Array): Uint8Array;
  free(): void;
}

/** Receives a message of the in-memory bus. */
export type CoreDeliver = (
  subject: string, reply: string | undefined, headers: [name: string, value: string][], payload: Uint8Array,
) => void;

/** Receives a change of a bucket. */
export type CoreWatch = (key: string, operation: "put" | "delete" | "purge", value: Uint8Array, revision: number) => void;

/**
 * The class `MemoryBus`: NATS semantics in memory. Callbacks run within `publish` and the `kv` methods, with no borrow
 * held, so they may call back. A message with a reply that nobody listens to is answered with an empty message with
 * the header `Status: 503`. Errors: `invalid-argument`, `conflict`.
 */
export interface CoreMemoryBus {
  subscribe(pattern: string, queue: string | undefined, deliver: CoreDeliver): number;
  unsubscribe(subscription: number): void;
  publish(subject: string, reply: string | undefined, headers: [name: string, value: string][], payload: Uint8Array): void;
  /** Creates a bucket unless it exists. */
  kvOpen(bucket: string): void;
  kvGet(bucket: string, key: string): { value: Uint8Array; revision: number } | undefined;
  kvPut(bucket: string, key: string, value: Uint8Array): number;
  kvCreate(bucket: string, key: string, value: Uint8Array): number;
  kvUpdate(bucket: string, key: string, value: Uint8Array, revision: number): number;
  kvDelete(bucket: string, key: string): void;
  kvPurge(bucket: string, key: string): void;
  kvKeys(bucket: string, pattern: string): string[];
  /** Calls `deliver` with the entries there are (unless `updatesOnly`), then with every change. */
  kvWatch(bucket: string, pattern: string, updatesOnly: boolean, deliver: CoreWatch): number;
  kvUnwatch(watch: number): void;
  free(): void;
}

/** The exports of the core. */
export interface Core {
  /** An `Inspection` (see `inspection.ts`), which wasm-bindgen cannot name. */
  inspect(bytes: Uint8Array): unknown;
  /** With `fuel`, the core modules count the steps they take. */
  compile(bytes: Uint8Array, fuel: boolean): CompiledBytes;
  /** All instances together may have so many memories, and in them so many pages of 64 KiB. */
  Engine: new (outside: EngineOutside, suspension: SuspensionTier, memories: number, pages: number) => CoreEngine;
  MemoryKeyValue: new () => CoreKeyValue;
  MemoryBus: new () => CoreMemoryBus;
}

/** The core's wasm, where it is not the one that comes with the package. */
export type CoreSource = WebAssembly.Module | ArrayBuffer | ArrayBufferView<ArrayBuffer> | URL | string | Response;

/** A core that is ready, with the compiled module to give to workers. */
export interface LoadedCore {
  core: Core;
  module: WebAssembly.Module;
}
