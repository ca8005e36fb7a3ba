// Builds the page into dist/: one script for the page, one for the engine worker, the core, and the sample components.
import { cp, mkdir, readdir, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const dist = here("dist");
const assets = ["index.html", "style.css", "icon.svg"];

await rm(dist, { recursive: true, force: true });
await mkdir(`${dist}/components`, { recursive: true });
await build({
  entryPoints: { main: here("src/main.ts"), worker: here("src/worker.ts") },
  outdir: dist,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  sourcemap: true,
  logLevel: "warning",
  // wasm-bindgen names the one module of all its snippets once for each.
  logOverride: { "duplicate-object-key": "silent" },
});
for (const asset of assets) await cp(here(asset), `${dist}/${asset}`);
await cp(fileURLToPath(import.meta.resolve("trellis-host/trellis_host_bg.wasm")), `${dist}/trellis_host_bg.wasm`);
const components = (await readdir(here("../examples/dist"))).filter((file) => file.endsWith(".wasm"));
for (const component of components) await cp(here(`../examples/dist/${component}`), `${dist}/components/${component}`);
