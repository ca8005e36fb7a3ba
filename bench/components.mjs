// The components to measure: http-hello of the examples and those of bench/guests, laid out in bench/.cache as
// `wasm/{name}.wasm` and, transpiled, `jco/{name}/`.
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";

import { inside } from "../scripts/lib/paths.mjs";
import { must } from "../scripts/lib/run.mjs";

const cache = inside("bench/.cache");

/** The component that is compiled and started. */
export const large = path.join(cache, "wasm", "large.wasm");

const target = "wasm32-wasip2";

/** Builds and transpiles. */
export async function prepareComponents() {
  await rm(cache, { recursive: true, force: true });
  await mkdir(path.join(cache, "wasm"), { recursive: true });
  await buildGuests();
  await cp(inside("examples/dist/http-hello.wasm"), path.join(cache, "wasm", "http-hello.wasm"));
  await must("npm", ["ci"], { cwd: inside("bench/peers") });
  for (const name of ["http-hello", "loops"]) await transpile(name);
}

async function buildGuests() {
  const folder = inside("bench/guests");
  const output = path.join(folder, "target");
  await must("cargo", ["build", "--release", "--target", target, "--target-dir", output], { cwd: folder });
  for (const name of ["cpu", "large", "loops"]) {
    await cp(path.join(output, target, "release", `${name}.wasm`), path.join(cache, "wasm", `${name}.wasm`));
  }
}

async function transpile(name) {
  const { transpiled } = await import("./peers/transpile.mjs");
  const folder = path.join(cache, "jco", name);
  await mkdir(folder, { recursive: true });
  const files = await transpiled(await readFile(path.join(cache, "wasm", `${name}.wasm`)), name);
  for (const [file, content] of Object.entries(files)) await writeFile(path.join(folder, file), content);
}
