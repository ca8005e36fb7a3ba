/**
 * The port between the host and an engine: the engine's commands in one direction, its events in the other. Two
 * carriers: direct calls (`inline.ts`) and the messages of a worker (`worker.ts`).
 */

import type { ChannelRef, ComponentSettings, CoreKeyValue, EngineCommands, EngineEvents, SuspensionTier } from "../core.js";
import type { TrellisError } from "../errors.js";

/** An engine, wherever it runs. What is handed over belongs to the engine: a carrier may detach its buffers. */
export interface EnginePort extends Omit<EngineCommands, "load"> {
  /** How guests wait in it. */
  readonly suspension: SuspensionTier;
  /** Makes a component known. Rejects where the engine refuses it. Resolves to the memories that an instance takes. */
  load(component: number, plan: Uint8Array, modules: WebAssembly.Module[], settings: ComponentSettings): Promise<number>;
  /** Answers `instance` for a component from a provider of the same core, without leaving Rust. Inline only. */
  serve?(component: number, instance: string, provider: CoreKeyValue): void;
  /** Whether the engine answers within so many milliseconds. An inline engine always does. */
  responsive(milliseconds: number): Promise<boolean>;
  /** Whether calls are in flight: a worker keeps the process alive only while they are. */
  busy(busy: boolean): void;
  /** Tells of the calls that the engine has begun, as far as that can be known now. */
  hear(): void;
  /** Has the engine begin no more calls, and tells of those that it has begun. */
  seal(): void;
  /** Ends the engine with everything in it, at once. */
  close(): Promise<void>;
}

/** What the host hears of an engine. */
export interface EngineListener extends EngineEvents {
  /** It has started, and its core is loaded. */
  ready(): void;
  /** The guest of a call has held its thread for long. Follows its answer. */
  held(call: number): void;
  /** A guest calls an import; answered by `reply` or `fail`. */
  invoke(
    call: number, component: number, instance: string, func: string, params: Uint8Array, channels: ChannelRef[],
    parent?: number,
  ): void;
  /** The engine is gone. */
  lost(error: TrellisError): void;
}

/** Opens a port. */
export type OpenPort = (listener: EngineListener) => EnginePort;
