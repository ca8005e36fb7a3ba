// Where things are.
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the project. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/** A path inside the project. */
export const inside = (...parts) => path.join(root, ...parts);

/** Conformance data beside the project; `TRELLIS_SHARED` names another place. */
export const shared = process.env.TRELLIS_SHARED ?? path.join(root, "..", "shared");

/** The JavaScript file behind a command of an npm package: run with Node, it works on every platform. */
export const tools = {
  tsc: inside("node_modules/typescript/bin/tsc"),
  eslint: inside("node_modules/eslint/bin/eslint.js"),
};

/** The path of a program on the PATH, or undefined. */
export function which(program) {
  const suffixes = process.platform === "win32" ? [".exe", ".cmd"] : [""];
  const folders = (process.env.PATH ?? "").split(path.delimiter);
  const candidates = folders.flatMap((folder) => suffixes.map((suffix) => path.join(folder, program + suffix)));
  return candidates.find((candidate) => existsSync(candidate));
}
