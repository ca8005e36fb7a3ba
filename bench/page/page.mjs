// The suite in a browser page; chromium.mjs calls `measure` and takes the results. The page lies at /bench/page/.
import { cpu } from "../cpu.mjs";
import { sides } from "../sides.mjs";
import { suite } from "../suite.mjs";

const platform = {
  async bytes(path) {
    const response = await fetch(`/${path}`);
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  },
  script: (path) => import(`/${path}`),
  // Needs --js-flags=--expose-gc and --enable-precise-memory-info.
  async heap() {
    await new Promise((resolve) => setTimeout(resolve));
    globalThis.gc();
    globalThis.gc();
    return performance.memory.usedJSHeapSize;
  },
};

globalThis.measure = () => suite(sides, platform);
globalThis.cpu = () => cpu(platform);
