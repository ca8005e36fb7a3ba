// The JavaScript runtimes of scripts/runtimes. Node comes as one package per platform, of which npm installs the one
// that fits.
import { inside } from "./paths.mjs";

const packages = inside("scripts/runtimes/node_modules");
const windows = process.platform === "win32";

const node = (major) => `${packages}/node${major}-${process.platform}-${process.arch}/bin/node${windows ? ".exe" : ""}`;
const command = (name) => `${packages}/.bin/${name}${windows ? ".cmd" : ""}`;

/** Where their programs are once `prepareRuntimes` has run. */
export const runtimes = { node26: node(26), node20: node(20), deno: command("deno"), bun: command("bun") };
