/** The runtime that this is, where it is no browser. */
export function runtimeName(): "deno" | "bun" | "node" {
  return "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node";
}
