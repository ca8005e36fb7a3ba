/** Two hosts that run the same component: they share its calls, and what one of them takes along when it dies. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rm, writeFile } from "node:fs/promises";
import { test } from "node:test";

import { NotFoundError } from "trellis-host";

import { startNatsServer } from "../../scripts/lib/nats-server.mjs";
import { deferred, hasJspi, until } from "./support/hosts.js";
import { noUnhandledRejections } from "./support/leftovers.js";
import { Lattice, textOf } from "./support/members.js";

noUnhandledRejections();

/** A host in a process of its own. */
const program = `
  import { readFile } from "node:fs/promises";
  import { createHost } from "trellis-host";
  const [servers, lattice] = process.argv.slice(2);
  const host = await createHost({ lattice, nats: { servers } });
  for (const id of ["http-hello", "http-echo"]) await host.startComponent({ id, source: await readFile(\`examples/dist/\${id}.wasm\`) });
  console.log(host.id);
`;

const file = "npm/dist-test/member-groups.mjs";

/** Starts it. Resolves when it is there, with its id. */
async function startProcess(...args: string[]): Promise<{ child: ChildProcess; id: string }> {
  await writeFile(file, program);
  const child = spawn(process.execPath, [file, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const [said] = await Promise.race([once(child.stdout, "data"), once(child, "exit")]) as [unknown];
  const id = String(said).trim();
  assert.match(id, /^N[A-Z2-7]{55}$/);
  return { child, id };
}

test("two hosts share the calls of a component, and who dies takes along only its own", { skip: !hasJspi(), timeout: 60_000 }, async () => {
  const server = await startNatsServer();
  const lattice = await Lattice.on(server);
  const { host } = await lattice.join();
  await host.startComponent({ id: "http-echo", source: "examples/dist/http-echo.wasm" });
  const { child, id } = await startProcess(server.url, lattice.name);
  try {
    const calls = 200;
    await Promise.all(Array.from({ length: calls }, () => lattice.caller.ask("http-hello")));
    const own = host.metrics().components["http-hello"]?.calls ?? 0;
    assert.ok(own > calls / 5 && own < (calls / 5) * 4, `one of two has taken ${own} of ${calls} calls`);

    // Answered, but for bodies that have not come to their end.
    const bodies = deferred();
    const giveUps = Array.from({ length: 40 }, () => new AbortController());
    const outcomes = await Promise.all(giveUps.map(({ signal }) => lattice.caller.post("http-echo", "/echo", body(bodies.promise), signal)));
    const kept = host.metrics().components["http-echo"]?.calls ?? 0;
    assert.ok(kept > 0 && kept < outcomes.length, `one of two has ${kept} of ${outcomes.length} calls`);
    child.kill("SIGKILL");
    await once(child, "exit");
    // The server knows a moment later.
    await until(() => lattice.client.ask(`host.get.${id}`, undefined, 100).then(() => false, (error: unknown) => error instanceof NotFoundError));
    for (let call = 0; call < 20; call += 1) assert.match(await lattice.caller.ask("http-hello"), /Hello/);
    const texts = outcomes.map(({ channels }) => textOf(channels).catch((error: unknown) => (error as { code: string }).code));
    let ended = 0;
    texts.forEach((text) => void text.then(() => (ended += 1)));
    bodies.resolve();
    await until(() => ended === kept);
    giveUps.forEach((giveUp) => giveUp.abort());
    const [whole, lost] = await Promise.all(["begin end", "aborted"].map(async (text) => (await Promise.all(texts)).filter((each) => each === text).length));
    assert.deepEqual([whole, lost], [kept, outcomes.length - kept]);
    await lattice.isQuiet();
  } finally {
    await lattice.end();
    child.kill("SIGKILL");
    await rm(file);
    await server.stop();
  }
});

/** A body whose second half comes when `go` says so. */
function body(go: Promise<void>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async start(controller) {
      controller.enqueue(encoder.encode("begin "));
      await go;
      controller.enqueue(encoder.encode("end"));
      controller.close();
    },
  });
}
