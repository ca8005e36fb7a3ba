// Makes dist/: the page, its script, the engine worker, the core and the sample components side by side, so that any
// static file server can serve it.
//
// The components that the page starts by itself are compiled here, so that the first answer need not wait for it: a
// file `<id>.compiled` is the length of a header (u32, little-endian), the header as JSON (`{ plan, modules, inspection }`,
// the first two lengths in bytes), the plan, and the core modules.
import { cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

import { compile, initSync, inspect } from "../npm/pkg/trellis_host.js";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const dist = here("dist");
const core = here("../npm/pkg/trellis_host_bg.wasm");
const samples = here("../examples/dist");

await rm(dist, { recursive: true, force: true });
await mkdir(`${dist}/components`, { recursive: true });
await build({
  entryPoints: { main: here("src/main.ts"), worker: here("src/worker.ts") },
  outdir: dist,
  bundle: true,
  // What makes a host a member of a lattice over a network is loaded when it is to be one: never, on this page.
  splitting: true,
  format: "esm",
  target: "es2022",
  minify: true,
  // Errors are told by the names of their classes.
  sourcemap: true,
  logLevel: "warning",
  // wasm-bindgen names the one module of all its snippets once for each.
  logOverride: { "duplicate-object-key": "silent" },
});
for (const asset of ["index.html", "style.css", "icon.svg"]) await cp(here(asset), `${dist}/${asset}`);
await cp(core, `${dist}/trellis_host_bg.wasm`);
for (const file of await readdir(samples)) {
  if (file.endsWith(".wasm")) await cp(`${samples}/${file}`, `${dist}/components/${file}`);
}
initSync({ module: await readFile(core) });
for (const id of ["http-hello", "http-counter"]) {
  await writeFile(`${dist}/components/${id}.compiled`, compiled(await readFile(`${samples}/${id}.wasm`)));
}

function compiled(component) {
  const { plan, modules } = compile(component);
  const lengths = { plan: plan.length, modules: modules.map((module) => module.length) };
  const header = Buffer.from(JSON.stringify({ ...lengths, inspection: inspect(component) }));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  return Buffer.concat([length, header, plan, ...modules]);
}
