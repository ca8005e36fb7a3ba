// Compiles npm/test/*.test.ts twice: for Node (Node 20 cannot strip types) and for browsers, where `node:test` and
// `node:assert/strict` become the shims of playwright-tests/driver/shim. What is named *.node.test.ts is for Node only.
// The package itself is not bundled: the tests see it as it is published. But for what of it has dependencies, which a
// browser cannot find by their names: `trellis-host/nats` is bundled with them.
import { readFileSync, readdirSync } from "node:fs";
import { copyFile, rm } from "node:fs/promises";

import { inside } from "./paths.mjs";

const shims = { "node:test": "/run/test.js", "node:assert/strict": "/run/assert.js" };

/** The names of the test files, without `.test.ts`. */
function testNames() {
  const files = readdirSync(inside("npm/test")).filter((file) => file.endsWith(".test.ts"));
  return files.map((file) => file.slice(0, -".test.ts".length)).sort();
}

const testFile = (name) => `${name}.test.ts`;

/** npm/dist-test/fuzz: the fuzzer of what is TypeScript. */
export async function bundleFuzzers() {
  await bundle("fuzz", ["fuzz/run.ts"], { platform: "node" });
}

/** npm/dist-test/node. */
export async function bundleForNode() {
  await bundle("node", testNames().map(testFile), { platform: "node", external: ["trellis-host", "trellis-host/*", "@nats-io/*", "nats.ws"] });
}

/** npm/dist-test/browser and, for the page around the tests, playwright-tests/dist. */
export async function bundleForBrowsers() {
  const names = testNames().filter((name) => !name.endsWith(".node"));
  await bundle("browser", names.map(testFile), { platform: "browser", external: ["node:*"], plugins: [inPage] });
  const { build } = await import("esbuild");
  const shim = inside("playwright-tests/driver/shim");
  const outdir = inside("playwright-tests/dist");
  const entryPoints = ["test", "assert", "equal", "runner"].map((name) => `${shim}/${name}.ts`);
  await build({ entryPoints, outdir, format: "esm", target: "es2022", logLevel: "silent" });
  await build({
    entryPoints: { nats: inside("npm/dist/nats/browser.js") },
    outdir,
    bundle: true,
    format: "esm",
    target: "es2022",
    logLevel: "silent",
    plugins: [restOfPackage],
  });
  await copyFile(`${shim}/index.html`, `${outdir}/index.html`);
}

/** Bundles files of npm/test into a folder of npm/dist-test. */
async function bundle(folder, files, options) {
  const { build } = await import("esbuild");
  const outdir = inside("npm/dist-test", folder);
  await rm(outdir, { recursive: true, force: true });
  await build({
    entryPoints: files.map((file) => inside("npm/test", file)),
    outdir,
    bundle: true,
    format: "esm",
    target: "es2022",
    sourcemap: "inline",
    outExtension: { ".js": ".mjs" },
    logLevel: "silent",
    ...options,
  });
}

/** Points imports at where the test server has them. */
const inPage = {
  name: "in-page",
  setup(build) {
    build.onResolve({ filter: /^node:(test|assert\/strict)$/ }, ({ path }) => ({ path: shims[path], external: true }));
    // Loaded in Node only; the driver starts the server for pages.
    build.onResolve({ filter: /\/nats-server\.mjs$/ }, ({ path }) => ({ path, external: true }));
    build.onResolve({ filter: /^trellis-host($|\/)/ }, ({ path }) => ({ path: published(path), external: true }));
  },
};

/** Keeps the rest of the package out of the bundle: its classes must be the same for all. */
const restOfPackage = {
  name: "rest-of-package",
  setup(build) {
    build.onResolve({ filter: /^\.\.\// }, ({ path, importer }) => {
      if (!importer.startsWith(inside("npm/dist/nats"))) return undefined;
      return { path: new URL(path, "http://localhost/npm/dist/nats/").pathname, external: true };
    });
  },
};

/** What a browser gets for an import of the package, by its `exports`. */
function published(specifier) {
  if (specifier === "trellis-host/nats") return "/run/nats.js";
  const { exports } = JSON.parse(readFileSync(inside("npm/package.json"), "utf8"));
  const entry = exports[`.${specifier.slice("trellis-host".length)}`];
  const file = typeof entry === "string" ? entry : (entry?.browser ?? entry?.default);
  if (!file) throw new Error(`the package exports no ${specifier}`);
  return `/npm/${file.slice("./".length)}`;
}
