/** Compiles wasm that comes over HTTP, while it comes if the server lets us. */

import type { Location } from "./module.js";

/**
 * Fetches and compiles. Engines compile while they receive only what is served as `application/wasm`; anything else is
 * read to the end first, with a warning, because it is slower and easily mended on the server.
 */
export async function compileResponse(source: Location): Promise<WebAssembly.Module> {
  const response = source instanceof Response ? source : await fetch(source);
  if (!response.ok) {
    throw new Error(`The module could not be fetched from ${response.url}: ${response.status} ${response.statusText}`);
  }
  const type = response.headers.get("content-type")?.split(";")[0]?.trim() ?? "";
  if (type === "application/wasm") return WebAssembly.compileStreaming(response);
  if (type === "text/html") {
    throw new Error(`${response.url} answers with a page, not with wasm: are the wasm files of the package deployed there?`);
  }
  console.warn(`${response.url} is served as "${type}" instead of application/wasm: the module starts more slowly.`);
  return WebAssembly.compile(await response.arrayBuffer());
}
