/** The labels that every host has. Facts: the lattice protocol 1.x, section 1.4. */
export function builtInLabels(os: string): Record<string, string> {
  return { "hostcore.arch": "wasm32", "hostcore.os": os, "hostcore.osfamily": "wasm" };
}
