/**
 * A module of this realm: the glue that wasm-bindgen generated, joined once with the compiled wasm.
 *
 * `node.ts` and `browser.ts` know how their platform gets hold of the wasm; what both share is here. There is no
 * top-level await anywhere: importing the package costs nothing, and bundlers and older tools cope with it.
 */

import type { CoreSource } from "../core.js";

/** What wasm-bindgen generated for a module. */
export interface Glue {
  initSync(options: { module: WebAssembly.Module }): unknown;
}

/** A module that is ready, with what was compiled to give to workers. */
export interface LoadedModule<G extends Glue> {
  core: G;
  module: WebAssembly.Module;
}

/** Loads one module. */
export class ModuleLoader<G extends Glue> {
  readonly #glue: G;
  #loaded: Promise<LoadedModule<G>> | undefined;

  /** A loader of the module with this glue. */
  constructor(glue: G) {
    this.#glue = glue;
  }

  /**
   * Compiles and instantiates on the first call; later calls get the same module, whatever they bring: wasm-bindgen
   * keeps one instance per realm. A failure is not remembered: the next call tries again.
   */
  load(compile: () => Promise<WebAssembly.Module>): Promise<LoadedModule<G>> {
    if (this.#loaded) return this.#loaded;
    const attempt = this.#instantiate(compile());
    this.#loaded = attempt;
    attempt.catch(() => (this.#loaded = undefined));
    return attempt;
  }

  async #instantiate(compiling: Promise<WebAssembly.Module>): Promise<LoadedModule<G>> {
    const module = await compiling;
    this.#glue.initSync({ module });
    return { core: this.#glue, module };
  }
}

/** Compiles what no platform need fetch: modules and bytes. `undefined` for all else. */
export function compileInMemory(source: CoreSource): Promise<WebAssembly.Module> | undefined {
  if (source instanceof WebAssembly.Module) return Promise.resolve(source);
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) return WebAssembly.compile(source);
  return undefined;
}

/** What is left of {@link CoreSource} after `compileInMemory`. */
export type Location = Response | URL | string;
