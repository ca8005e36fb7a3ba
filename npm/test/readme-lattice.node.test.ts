/** The README's example of a lattice does what it says. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile, rm } from "node:fs/promises";
import { test } from "node:test";

import { startNatsServer } from "../../scripts/lib/nats-server.mjs";
import { readFile } from "./support/files.js";

test("the example joins, and tells its id", async () => {
  const server = await startNatsServer();
  const readme = new TextDecoder().decode(await readFile("README.md"));
  const section = readme.split(/^## /m).find((text) => text.startsWith("In a wasmCloud lattice\n"));
  const code = /^```js\n([^]*?)^```$/m.exec(section ?? "")?.[1] ?? "";
  const file = "npm/dist-test/readme-lattice.mjs";
  await writeFile(file, code.replace("nats://127.0.0.1:4222", server.url));
  const child = spawn(process.execPath, [file], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
  const [status] = await once(child, "exit") as [number];
  assert.equal(status, 0);
  assert.match(said, /^N[A-Z2-7]{55}\n$/);
  await rm(file);
  await server.stop();
});
