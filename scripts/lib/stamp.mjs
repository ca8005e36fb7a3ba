// Skips work whose inputs have not changed. A stamp is a file with a hash over the names and contents of the inputs.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";

import { root } from "./paths.mjs";

/** Folders that builds produce and that are never inputs. */
const produced = new Set(["node_modules", "dist", "dist-test", "target", ".git"]);

/** All files below a file or folder, in a stable order. A place that is itself a produced folder is walked all the same. */
function* filesBelow(place) {
  if (!existsSync(place)) return;
  if (!statSync(place).isDirectory()) return yield place;
  for (const name of readdirSync(place).sort()) {
    if (!produced.has(name)) yield* filesBelow(path.join(place, name));
  }
}

/** A hash that changes when a file below the given places is added, removed or changed. */
export function fingerprint(places) {
  const hash = createHash("sha256").update(process.version);
  for (const file of places.flatMap((place) => [...filesBelow(place)])) {
    hash.update(`\0${path.relative(root, file)}\0`).update(readFileSync(file));
  }
  return hash.digest("hex");
}

/** True when the stamp says that everything in `outputs` was made from this fingerprint. */
export function isFresh(stamp, mark, outputs) {
  return outputs.every((output) => existsSync(output)) && existsSync(stamp) && readFileSync(stamp, "utf8") === mark;
}

/** Writes the stamp after the work is done. */
export function setFresh(stamp, mark) {
  mkdirSync(path.dirname(stamp), { recursive: true });
  writeFileSync(stamp, mark);
}
