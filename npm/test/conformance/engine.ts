/** The core's engine for guests that do not wait: no channels, one instance of each component. */

import type * as Core from "../../pkg/trellis_host.js";
import type { EngineOutside, WireError } from "../../src/core.js";
import { bytesOf } from "./data.js";

/** How a call ended. */
export type Outcome = { results: Uint8Array } | { error: WireError };

/** An instance of a component. */
export interface Instance {
  /** Calls a function of the root with parameters in hex. */
  call(name: string, params: string): Promise<Outcome>;
}

interface Compiled {
  plan: Uint8Array;
  modules: WebAssembly.Module[];
}

/** An engine. */
export interface TestEngine {
  /** Decodes a component and compiles its modules. */
  compile(bytes: Uint8Array): Promise<Compiled>;
  /** Makes a component ready; its instance is made by the first call and kept for those that follow. */
  load(bytes: Uint8Array): Promise<Instance>;
  close(): void;
}

/** Answers a call of an import. */
export type Answer = (name: string, params: Uint8Array) => Uint8Array;

/** Starts an engine. Its guests cannot wait, so it works on every platform. */
export function startEngine(core: typeof Core, answer: Answer = noLinks): TestEngine {
  const calls = new Map<number, (outcome: Outcome) => void>();
  const end = (call: number, outcome: Outcome) => {
    calls.get(call)?.(outcome);
    calls.delete(call);
  };
  const outside: EngineOutside = {
    settled: (call, results) => end(call, { results }),
    failed: (call, error) => end(call, { error }),
    finished: () => undefined,
    began: () => undefined,
    returned: () => undefined,
    struck: () => undefined,
    stats: () => undefined,
    push: () => undefined,
    end: () => undefined,
    credit: () => undefined,
    cancel: () => undefined,
    log: () => undefined,
    stdio: () => undefined,
    invoke: (_call, _component, _interface, name, params) => answer(name, params),
    mayWait: () => false,
    soon: () => queueMicrotask(() => engine.run()),
    // Where the platform has no memory left, an instance waits until garbage is collected.
    wakeAt: (milliseconds) => void setTimeout(() => closed || engine.wake(), milliseconds),
    block: () => undefined,
  };
  const engine = new core.Engine(outside, "none", 64, 65_536);
  let closed = false;
  let components = 0;
  let started = 0;

  async function compile(bytes: Uint8Array): Promise<Compiled> {
    const { plan, modules } = core.compile(bytes, false);
    return { plan, modules: await Promise.all(modules.map((module) => WebAssembly.compile(new Uint8Array(module)))) };
  }

  async function load(bytes: Uint8Array): Promise<Instance> {
    const { plan, modules } = await compile(bytes);
    const component = components++;
    engine.load(component, plan, modules, { name: `component-${component}`, reuse: true, maxInstances: 1 });
    const call = (name: string, params: string) =>
      new Promise<Outcome>((resolve) => {
        const number = started++;
        calls.set(number, resolve);
        engine.invoke(number, component, "", name, bytesOf(params), []);
      });
    return { call };
  }

  const close = (): void => {
    closed = true;
    engine.free();
  };
  return { compile, load, close };
}

function noLinks(): never {
  throw new Error("there are no links");
}
