/** Loads the core in browsers and workers: by `fetch`, from beside the package unless told otherwise. */

import type { CoreSource, LoadedCore } from "../core.js";
import { core } from "./core.js";
import { compileInMemory, type Location } from "./module.js";
import { compileResponse } from "./fetch.js";

/**
 * The core of this page or worker, loaded on the first call. Its module can be handed to workers, which then need not
 * fetch and compile it again.
 *
 * @param source where to take the wasm from. Without it, the file that the package ships; bundlers that know
 *   `new URL(..., import.meta.url)` take it along.
 */
export function loadCore(source?: CoreSource): Promise<LoadedCore> {
  // Only here, so that a bundler that cannot resolve it does no harm to who brings a source.
  return core.load(() => compile(source ?? new URL("../../pkg/trellis_host_bg.wasm", import.meta.url)));
}

/** Compiles wasm from wherever it is. */
export async function compile(from: CoreSource): Promise<WebAssembly.Module> {
  return compileInMemory(from) ?? compileResponse(from as Location);
}
