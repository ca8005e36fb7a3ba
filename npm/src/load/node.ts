/** Loads the core in Node, Deno and Bun: from the file beside the package unless told otherwise. */

import { readFile } from "node:fs/promises";

import type { CoreSource, LoadedCore } from "../core.js";
import { core } from "./core.js";
import { compileInMemory, type Location } from "./module.js";
import { compileResponse } from "./fetch.js";

/**
 * The core of this thread, loaded on the first call. Its module can be handed to worker threads, which then need not
 * read and compile it again.
 *
 * @param source where to take the wasm from; a string is a URL or a file path. Without it, the file that the package
 *   ships.
 */
export function loadCore(source?: CoreSource): Promise<LoadedCore> {
  return core.load(() => compile(source ?? new URL("../../pkg/trellis_host_bg.wasm", import.meta.url)));
}

/** Compiles wasm from wherever it is. */
export async function compile(from: CoreSource): Promise<WebAssembly.Module> {
  return compileInMemory(from) ?? compileElsewhere(from as Location);
}

async function compileElsewhere(from: Location): Promise<WebAssembly.Module> {
  if (from instanceof Response || /^https?:/.test(String(from))) return compileResponse(from);
  const file = typeof from === "string" && from.startsWith("file:") ? new URL(from) : from;
  return WebAssembly.compile(await readFile(file));
}
