/** References to components, as people write them. */

import { existsSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

import { isInRegistry } from "../artifacts/reference.js";

/** Whether a text names a file: it is there, or it can be nothing else. */
export function isFile(text: string): boolean {
  if (text.startsWith("file:")) return true;
  return !/^[a-z][a-z0-9+.-]*:\/\//i.test(text) && (/^\.{0,2}[/\\]/.test(text) || (!isInRegistry(text) && existsSync(text)));
}

/** A reference as hosts take it: that of a file is its URL, whatever folder this program runs in. */
export function referenceFor(text: string): string {
  return isFile(text) && !text.startsWith("file:") ? pathToFileURL(path.resolve(text)).href : text;
}
