// The examples of the README as files that can be run.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";

import { inside } from "./paths.mjs";

/** Writes the JavaScript under a heading to a file inside the project, where it finds `trellis-host`. */
export async function writeExample(heading) {
  const readme = await readFile(inside("README.md"), "utf8");
  const section = readme.split(/^## /m).find((text) => text.startsWith(`${heading}\n`));
  const code = /^```js\n([^]*?)^```$/m.exec(section ?? "")?.[1];
  if (!code) throw new Error(`the README has no example under "${heading}"`);
  const file = inside("npm/dist-test/readme.mjs");
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, code);
  return file;
}
