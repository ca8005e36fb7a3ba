// The measured things done by Trellis' core, at the level of its class Engine: bytes in, bytes out. Guests can be
// suspended wherever the platform can do that, as in the package. Works in Node and in browsers.
import { compile, Engine, initSync, MemoryKeyValue } from "../npm/pkg/trellis_host.js";
import { contents, handler, isBody, params } from "./request.mjs";

export const name = "trellis";

const loops = "trellis:bench/loops@0.1.0";

/** The channels of a request: the host's have even numbers. */
const requestChannels = contents.map(({ path, content }, i) => ({ path, id: 2 * (i + 1), ready: content }));

/** The one component of an engine; one call at a time unless instances are made by calls at once. */
class Guest {
  #waiting = new Map();
  #answers = new Map();
  #calls = 0;

  constructor({ plan, modules }, reuse) {
    const outside = {
      settled: (call, results, channels) => this.#answers.set(call, { results, channels }),
      failed: (call, error) => this.#answers.set(call, error),
      began: () => undefined,
      returned: () => undefined,
      struck: () => undefined,
      stats: () => undefined,
      finished: (call) => this.#finished(call),
      mayWait: () => true,
      soon: () => queueMicrotask(() => this.engine.run()),
    };
    this.engine = new Engine(outside, WebAssembly.Suspending ? "jspi" : "none", 100, 65_536);
    this.engine.load(1, plan, modules, { name: "bench", reuse });
  }

  /** Resolves when the instance is free again. */
  call(instance, func, params, channels) {
    return new Promise((resolve, reject) => {
      const call = ++this.#calls;
      this.#waiting.set(call, { resolve, reject });
      this.engine.invoke(call, 1, instance, func, params, channels);
    });
  }

  request() {
    return this.call(handler, "handle", params, requestChannels);
  }

  #finished(call) {
    const answer = this.#answers.get(call);
    const { resolve, reject } = this.#waiting.get(call);
    this.#answers.delete(call);
    this.#waiting.delete(call);
    if (answer.results) resolve(answer);
    else reject(new Error(answer.message));
  }
}

/** Hello on a live instance as it is, with its first state restored after each call, and on a new one each time. */
export async function http(platform) {
  const component = await load(platform, "http-hello");
  const live = new Guest(component, true);
  const fresh = new Guest(component, false);
  return {
    answer: async () => decode(await live.request()),
    live: () => live.request(),
    fresh: () => fresh.request(),
    renewed() {
      fresh.engine.trim(false);
      return fresh.request();
    },
  };
}

/** Gets from a key-value store and increments in it, `rounds` in one call of the guest. */
export async function keyvalue(platform) {
  const guest = new Guest(await load(platform, "loops"), true);
  const store = new MemoryKeyValue();
  for (const part of ["store", "atomics"]) guest.engine.serve(1, `wrpc:keyvalue/${part}@0.2.0-draft`, store);
  await guest.call(loops, "prepare", Uint8Array.of(), []);
  const loop = (func) => (rounds) => guest.call(loops, func, leb128(rounds), []);
  return { gets: loop("gets"), increments: loop("increments") };
}

/** Makes instances that have answered once and are then idle; whoever holds what it returns keeps them alive. */
export async function idle(platform) {
  const guest = new Guest(await load(platform, "http-hello"), true);
  return async () => {
    await guest.request();
    return guest;
  };
}

/** From the bytes of a component to its first answer. The core is there already. */
export async function start(bytes) {
  await new Guest(await compiled(bytes), false).request();
}

/** Makes the core ready; more than once is no harm. */
export async function prepare(platform) {
  initSync({ module: await WebAssembly.compile(await platform.bytes("npm/pkg/trellis_host_bg.wasm")) });
}

async function load(platform, component) {
  await prepare(platform);
  return compiled(await platform.bytes(`bench/.cache/wasm/${component}.wasm`));
}

async function compiled(bytes) {
  const { plan, modules } = compile(bytes, false);
  return { plan, modules: await Promise.all(modules.map((module) => WebAssembly.compile(module))) };
}

/** The body of a response: all of it came along on channel `0.0`. */
function decode({ channels }) {
  return new TextDecoder().decode(channels.find(isBody).ready);
}

function leb128(value) {
  const bytes = [];
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128);
  return Uint8Array.of(...bytes, value);
}
