/**
 * The core of this realm: the glue that wasm-bindgen generated, joined once with the compiled wasm.
 *
 * `node.ts` and `browser.ts` know how their platform gets hold of the wasm; what both share is here. There is no
 * top-level await anywhere: importing the package costs nothing, and bundlers and older tools cope with it.
 */

import * as glue from "../../pkg/trellis_host.js";
import type { CoreSource, LoadedCore } from "../core.js";

let loaded: Promise<LoadedCore> | undefined;

/**
 * Compiles and instantiates on the first call; later calls get the same core, whatever they bring: wasm-bindgen keeps
 * one instance per realm. A failure is not remembered: the next call tries again.
 */
export function loadOnce(compile: () => Promise<WebAssembly.Module>): Promise<LoadedCore> {
  if (loaded) return loaded;
  const attempt = instantiate(compile());
  loaded = attempt;
  attempt.catch(() => (loaded = undefined));
  return attempt;
}

async function instantiate(compiling: Promise<WebAssembly.Module>): Promise<LoadedCore> {
  const module = await compiling;
  glue.initSync({ module });
  return { core: glue, module };
}

/** Compiles what no platform need fetch: modules and bytes. `undefined` for all else. */
export function compileInMemory(source: CoreSource): Promise<WebAssembly.Module> | undefined {
  if (source instanceof WebAssembly.Module) return Promise.resolve(source);
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) return WebAssembly.compile(source);
  return undefined;
}

/** What is left of {@link CoreSource} after `compileInMemory`. */
export type Location = Response | URL | string;
