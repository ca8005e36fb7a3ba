// Makes sure of what every build needs: Node and Rust new enough, the npm packages, the wasm targets of Rust.
import { existsSync } from "node:fs";
import path from "node:path";

import { skipped, step } from "./display.mjs";
import { inside, which } from "./paths.mjs";
import { must, run } from "./run.mjs";
import { fingerprint, isFresh, setFresh } from "./stamp.mjs";

const targets = ["wasm32-unknown-unknown", "wasm32-wasip2"];

/** The oldest Node and Rust that do; kept equal to package.json and Cargo.toml. */
const oldestNode = [20, 19];
const oldestRust = [1, 95];

/** Installs what is missing; throws an error of one sentence about what it cannot install. */
export async function prepare() {
  checkNode();
  await checkRust();
  await step("npm packages", (say) => install(inside(), say));
  await step("Rust targets for WebAssembly", addTargets);
}

/** Installs the JavaScript runtimes that the tests run under. */
export async function prepareRuntimes() {
  await step("test runtimes: Node 26 and 20, Deno, Bun", (say) => install(inside("scripts/runtimes"), say));
}

/** Adds the linters of Rust: a minimal toolchain comes without them. */
export async function prepareLinters() {
  await step("clippy and rustfmt", async (say) => {
    const versions = [await run("cargo", ["clippy", "--version"]), await run("cargo", ["fmt", "--version"])];
    if (versions.every(({ status }) => status === 0)) return skipped;
    if (!which("rustup")) throw new Error("clippy and rustfmt are missing, and so is rustup to add them.");
    await must("rustup", ["component", "add", "clippy", "rustfmt"], { say });
  });
}

function checkNode() {
  const version = process.versions.node;
  if (isOlder(version, oldestNode)) throw new Error(`Node ${oldestNode.join(".")} or newer is needed, this is ${version}.`);
}

async function checkRust() {
  if (!which("cargo")) throw new Error("Rust is needed: install it with rustup, see https://rustup.rs.");
  const { stdout } = await must("cargo", ["--version"]);
  const version = /\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? "0.0.0";
  if (isOlder(version, oldestRust)) {
    throw new Error(`Rust ${oldestRust.join(".")} or newer is needed, this is ${version}: run \`rustup update stable\`.`);
  }
}

function isOlder(version, [major, minor]) {
  const [thisMajor, thisMinor] = version.split(".").map(Number);
  return thisMajor < major || (thisMajor === major && thisMinor < minor);
}

/** `npm ci`, unless the installed packages come from the lock file as it is now. */
async function install(folder, say) {
  const lock = path.join(folder, "package-lock.json");
  const stamp = path.join(folder, "node_modules", ".trellis-stamp");
  const mark = fingerprint([lock]);
  if (isFresh(stamp, mark, [])) return skipped;
  await must("npm", ["ci"], { cwd: folder, say });
  setFresh(stamp, mark);
}

async function addTargets(say) {
  const missing = [];
  for (const target of targets) if (!(await hasTarget(target))) missing.push(target);
  if (missing.length === 0) return skipped;
  if (!which("rustup")) throw new Error(`The Rust targets ${missing.join(" and ")} are missing, and so is rustup to add them.`);
  await must("rustup", ["target", "add", ...missing], { say });
}

async function hasTarget(target) {
  const { status, stdout } = await run("rustc", ["--print", "target-libdir", "--target", target]);
  return status === 0 && existsSync(stdout.trim());
}
