#!/usr/bin/env node
/** `npx trellis-host`. */

import module from "node:module";

// Node keeps what it has compiled from 22.1 on, unless NODE_DISABLE_COMPILE_CACHE is set: the next start has less to do. So
// the program is imported after this.
(module as { enableCompileCache?: () => unknown }).enableCompileCache?.();

// Who reads no further, such as `head`, is no fault.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

async function main(): Promise<void> {
  const { run } = await import("./program.js");
  process.exitCode = await run(process.argv.slice(2), { out: process.stdout, err: process.stderr, env: process.env });
}

void main();
