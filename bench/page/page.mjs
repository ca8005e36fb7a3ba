// The suite in a browser page; chromium.mjs calls `measure` and takes the results.
import * as jco from "../peers/jco.mjs";
import { suite } from "../suite.mjs";

/** The core modules that jco makes of a component. */
const cores = ["core", "core2", "core3"];

async function read(side, component) {
  const place = new URL(`../.cache/${side}/${component}/`, import.meta.url);
  const modules = {};
  for (const core of cores) {
    const file = `${component}.${core}.wasm`;
    modules[file] = await WebAssembly.compileStreaming(fetch(new URL(file, place)));
  }
  return { script: await import(new URL(`${component}.js`, place)), modules };
}

/** Needs --js-flags=--expose-gc and --enable-precise-memory-info. */
async function heap() {
  await new Promise((resolve) => setTimeout(resolve));
  globalThis.gc();
  globalThis.gc();
  return performance.memory.usedJSHeapSize;
}

globalThis.measure = () => suite([jco], { read, heap });
