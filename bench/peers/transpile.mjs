// Turns a component into JavaScript and core modules with jco, set up for speed: synchronous calls, no check of lifted
// values, modules in files of their own. Node only.
import { transpile } from "@bytecodealliance/jco";

/** Files by name: the script and the core modules. */
export async function transpiled(bytes, name) {
  const { files } = await transpile(bytes, {
    name,
    instantiation: { tag: "sync" },
    base64Cutoff: 0,
    noNodejsCompat: true,
    validLiftingOptimization: true,
  });
  return Object.fromEntries(Object.entries(files).filter(([file]) => !file.endsWith(".d.ts")));
}
