// Runs the files of npm/dist-test/browser in a browser: `node run.mjs <chromium | firefox> [name...]`. Each file has a
// page of its own, an ordinary one and, where that may matter, a cross-origin isolated one. Prints one line of JSON per page.
//
// Beside the files it serves the tests' registry and a NATS server, whose addresses the pages find in the query.
import { readdirSync, readFileSync } from "node:fs";

import { startRegistry } from "../../npm/test/support/registry.ts";
import { startNatsServer } from "../../scripts/lib/nats-server.mjs";
import { inside, shared } from "../../scripts/lib/paths.mjs";
import { serve } from "../../scripts/lib/serve.mjs";
import { launchForTests } from "./browsers.mjs";
import { runInPage } from "./test-page.mjs";

const folders = {
  "/run/": inside("playwright-tests/dist"),
  "/tests/": inside("npm/dist-test/browser"),
  "/npm/": inside("npm"),
  "/files/": inside("."),
  "/files/shared/": shared,
};

/** Files of tests without workers and shared memory: isolated pages are no different for them. */
const alike = /^(artifact|codec|conformance|damaged|engine-(freed|fuel|memory|resources|traps)|errors|generated|guard|hostile-inline|memory-bus|nats|outbox|restore-(same|smuggling))/;

const [browserName, ...names] = process.argv.slice(2);
const all = readdirSync(folders["/tests/"]).filter((file) => file.endsWith(".mjs"));
const files = names.length > 0 ? names.map((name) => `${name}.test.mjs`) : all;

const registry = await startRegistry(readFileSync(inside("examples/dist/http-hello.wasm")));
const { origin, elsewhere } = registry;
const browser = await launchForTests(browserName);
const nats = await startNatsServer();
for (const isolated of [false, true]) await runAll(isolated);
await browser.close();
await nats.stop();
await registry.close();

async function runAll(isolated) {
  const server = await serve(folders, { isolated, maxAge: 3600, connect: [nats.webSocketUrl, origin, elsewhere] });
  for (const file of files.filter((name) => !isolated || !alike.test(name))) {
    const query = new URLSearchParams({ file, nats: nats.webSocketUrl, registry: origin, elsewhere });
    const outcomes = await runInPage(browser, `${server.origin}/run/index.html?${query}`);
    console.log(JSON.stringify({ file, isolated, outcomes }));
  }
  await server.close();
}
