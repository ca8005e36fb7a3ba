/** The core's class `Engine` with callbacks that a test answers and sees, for guests of `guests/` (WAT, compiled by the build). */

import * as core from "../../pkg/trellis_host.js";
import type { ChannelRef, ComponentSettings, CoreEngine, EngineOutside, SuspensionTier, WireError } from "../../src/core.js";
import { Writer } from "../../src/codec/writer.js";
import { LONGEST_TIMER, unref } from "../../src/engine/timer.js";
import { readFile } from "../support/files.js";
import { hasJspi } from "../support/hosts.js";

/** How a call of an import is answered: at once, by a throw, or (`undefined`) later by `reply` or `fail`. */
export type Answer = (call: number, func: string, params: Uint8Array) => Uint8Array | undefined;

/** What the engine called back. */
export type Event = { [K in keyof EngineOutside]: [K, ...Parameters<EngineOutside[K]>] }[keyof EngineOutside];

let exports: Promise<core.InitOutput> | undefined;

/** The core's raw exports. */
export function startCore(): Promise<core.InitOutput> {
  exports ??= readFile("npm/pkg/trellis_host_bg.wasm").then(async (bytes) =>
    core.initSync({ module: await WebAssembly.compile(bytes) }));
  return exports;
}

/** A component, ready to be loaded. */
export interface CompiledGuest {
  plan: Uint8Array;
  modules: WebAssembly.Module[];
}

/** Compiles a component; with `fuel`, so that it counts what it runs. */
export async function compileGuest(bytes: Uint8Array, fuel = false): Promise<CompiledGuest> {
  await startCore();
  const { plan, modules } = core.compile(bytes, fuel);
  return { plan, modules: await Promise.all(modules.map((module) => WebAssembly.compile(new Uint8Array(module)))) };
}

/** How guests can wait here. "atomics" works everywhere: a test blocks no thread, it does what the guest waits for. */
export const waitingTiers: SuspensionTier[] = hasJspi() ? ["jspi", "atomics"] : ["atomics"];

/** An engine under test. */
export class TestEngine {
  readonly commands: CoreEngine;
  /** Every callback, in order. */
  readonly events: Event[] = [];
  /** Answers imports. */
  answer: Answer = () => {
    throw wireError("missing-link", "no link for this test");
  };
  readonly #calls = new Map<number, { resolve: (results: Uint8Array) => void; reject: (error: WireError) => void }>();
  readonly #waiting = new Set<() => void>();
  readonly #suspension: SuspensionTier;
  readonly #later: (() => void)[] = [];
  #closed = false;
  #numbers = 0;

  constructor(suspension: SuspensionTier, instances: number, pages: number) {
    this.#suspension = suspension;
    this.commands = new core.Engine(this.#outside(), suspension, instances, pages);
  }

  /** An engine on a core that is ready. So many instances may be alive, where each has one memory, with so many pages. */
  static async start(suspension: SuspensionTier, instances = 64, pages = 65_536): Promise<TestEngine> {
    await startCore();
    return new TestEngine(suspension, instances, pages);
  }

  /** Loads a guest. Returns the component's number. */
  async load(guest: string, settings: Partial<ComponentSettings> = {}): Promise<number> {
    return this.loadBytes(await readFile(`npm/dist-test/engine/${guest}.wasm`), settings);
  }

  /** Loads a component. Returns its number. */
  async loadBytes(bytes: Uint8Array, settings: Partial<ComponentSettings> = {}): Promise<number> {
    return this.loadCompiled(await compileGuest(bytes), settings);
  }

  /** Loads a component that was compiled before, perhaps into other engines too. Returns its number. */
  loadCompiled({ plan, modules }: CompiledGuest, settings: Partial<ComponentSettings> = {}): number {
    const component = this.#numbers++;
    this.commands.load(component, plan, modules, { name: "guest", ...settings });
    return component;
  }

  /** Frees the engine. */
  close(): void {
    this.#closed = true;
    this.commands.free();
  }

  /** The number of the next call. Where guests block, a call returns after its end. */
  get next(): number {
    return this.#numbers;
  }

  /** Starts a call of a function of the root. */
  begin(component: number, func: string, params: Uint8Array = encoded()): { call: number; results: Promise<Uint8Array> } {
    return this.beginAt(component, "", func, params, []);
  }

  /** Starts a call. */
  beginAt(
    component: number, instance: string, func: string, params: Uint8Array, channels: ChannelRef[],
  ): { call: number; results: Promise<Uint8Array> } {
    const call = this.#numbers++;
    const results = new Promise<Uint8Array>((resolve, reject) => this.#calls.set(call, { resolve, reject }));
    this.commands.invoke(call, component, instance, func, params, channels);
    return { call, results };
  }

  /** The results of a function of the root. Rejects with the error of the call. */
  call(component: number, func: string, params?: Uint8Array): Promise<Uint8Array> {
    return this.begin(component, func, params).results;
  }

  /** Does something while a guest waits: when it blocks the thread, or else soon. */
  meanwhile(work: () => void): void {
    if (this.#suspension === "atomics") this.#later.push(work);
    else queueMicrotask(work);
  }

  /** What was called back with this number first. */
  of<K extends Event[0]>(name: K, number: number): Extract<Event, [K, ...unknown[]]> | undefined {
    return this.events.find((event): event is Extract<Event, [K, ...unknown[]]> => event[0] === name && event[1] === number);
  }

  /** Waits until something was called back. */
  async until<T>(seen: () => T | undefined): Promise<T> {
    for (;;) {
      const found = seen();
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** A guest that blocks for good would hang the test. */
  #block(): void {
    const work = this.#later.shift();
    if (work === undefined) throw new Error("nothing is left to wait for");
    work();
  }

  #outside(): EngineOutside {
    const note = (...event: Event): void => {
      this.events.push(event);
      for (const resolve of this.#waiting) resolve();
      this.#waiting.clear();
    };
    return {
      began: (...args) => note("began", ...args),
      returned: (...args) => note("returned", ...args),
      struck: (...args) => note("struck", ...args),
      stats: (...args) => note("stats", ...args),
      settled: (...args) => (note("settled", ...args), this.#calls.get(args[0])?.resolve(args[1])),
      failed: (...args) => (note("failed", ...args), this.#calls.get(args[0])?.reject(args[1])),
      finished: (...args) => note("finished", ...args),
      push: (...args) => note("push", ...args),
      end: (...args) => note("end", ...args),
      credit: (...args) => note("credit", ...args),
      cancel: (...args) => note("cancel", ...args),
      log: (...args) => note("log", ...args),
      stdio: (...args) => note("stdio", ...args),
      invoke: (...args) => (note("invoke", ...args), this.answer(args[0], args[3], args[4])),
      mayWait: (_component, _instance, func) => func === "wait",
      soon: () => queueMicrotask(() => this.#closed || this.commands.run()),
      wakeAt: (milliseconds) => {
        note("wakeAt", milliseconds);
        // Where the platform has no memory left, an instance waits until garbage is collected.
        unref(setTimeout(() => this.#closed || this.commands.wake(), Math.min(milliseconds, LONGEST_TIMER)));
      },
      block: (milliseconds) => (note("block", milliseconds), this.#block()),
    };
  }
}

/** Numbers (unsigned), strings and raw bytes in wRPC encoding. */
export function encoded(...values: (number | string | Uint8Array)[]): Uint8Array<ArrayBuffer> {
  const writer = new Writer();
  for (const value of values) {
    if (typeof value === "number") writer.unsigned(value);
    else if (typeof value === "string") writer.string(value);
    else writer.raw(value);
  }
  return writer.finish();
}

/** An error with a code, to be thrown or passed. */
export function wireError(code: string, message: string): Error & WireError {
  return Object.assign(new Error(message), { code });
}
