// Turns a component into JavaScript and core modules with jco, set up for speed: synchronous calls, no check of lifted
// values, modules in files of their own. Node only. jco-transpile 0.15.0 is the transpiler of jco 1.35, without the tools
// that jco adds for making components.
import { transpileBytes } from "@bytecodealliance/jco-transpile";

/** Files by name: the script and the core modules. */
export async function transpiled(bytes, name) {
  const { files } = await transpileBytes(bytes, {
    name,
    instantiation: "sync",
    base64Cutoff: 0,
    nodejsCompat: false,
    emitTypescriptDeclarations: false,
    validLiftingOptimization: true,
  });
  return files;
}
