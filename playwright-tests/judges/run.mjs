// Has native programs of the wasmCloud 1.x generation judge a host in Node and one in Chromium, over a real nats-server
// (`TRELLIS_NATS_SERVER` names another than that of the PATH). Prints one line of JSON per place: what the judges said.
import { readFileSync } from "node:fs";

import { startRegistry } from "../../npm/test/support/registry.ts";
import { startNatsServer } from "../../scripts/lib/nats-server.mjs";
import { inside } from "../../scripts/lib/paths.mjs";
import { run } from "../../scripts/lib/run.mjs";
import { serve } from "../../scripts/lib/serve.mjs";
import { launch } from "../driver/browsers.mjs";
import { startHosts, stopHosts } from "./hosts.mjs";
import { sign } from "./sign.mjs";

/** The lattices with a host in each, and how it is a member. */
const lattices = {
  "judges-control": { heartbeat: 1000 },
  "judges-prefix": { controlPrefix: "judges.ctl" },
  "judges-stop": {},
  "judges-calls": {},
  "judges-provider": {},
  "judges-shared": {},
};

/** The lattice with a second host, which always runs in Node. */
const shared = { "judges-shared": {} };

const example = (name) => readFileSync(inside("examples/dist", `${name}.wasm`));
const samples = ["hostile", "http-counter", "http-echo", "http-hello", "kitchen-host", "kitchen-sink"].map((name) => [name, example(name)]);

const registries = await startRegistries([...samples, ["signed", sign(example("http-hello"), "Judged")]]);
const hosts = Object.values(registries).map(({ origin }) => new URL(origin).host);
await judge("node", inNode);
await judge("browser", inChromium);
for (const registry of Object.values(registries)) await registry.close();

/** A registry for each component: what it serves is always the same. */
async function startRegistries(components) {
  const started = components.map(async ([name, bytes]) => [name, await startRegistry(bytes)]);
  return Object.fromEntries(await Promise.all(started));
}

/** Starts a server and hosts, has them judged, and ends them. */
async function judge(place, start) {
  // A machine with much else to do may be slow to read: nothing here is about that.
  const nats = await startNatsServer({ config: 'write_deadline: "30s"' });
  const { ids, stop } = await start(nats);
  const second = await startHosts(inNodeWith(nats, shared));
  try {
    const addresses = Object.entries(registries).map(([name, { origin }]) => [name, new URL(origin).host]);
    const told = { nats: nats.url, place, hosts: ids, second: second["judges-shared"], registries: Object.fromEntries(addresses) };
    const args = ["test", "--quiet", "--manifest-path", inside("playwright-tests/judges/Cargo.toml"), "--test", "judges"];
    const env = { TRELLIS_JUDGES: JSON.stringify(told), RUST_BACKTRACE: "0" };
    const { status, output } = await run("cargo", [...args, "--", "--test-threads", "4", "--format", "pretty", "--color", "never"], { env });
    console.log(JSON.stringify({ outcomes: outcomesOf(place, status, output) }));
  } finally {
    await stop();
    await stopHosts();
    await nats.stop();
  }
}

async function inNode(nats) {
  return { ids: await startHosts(inNodeWith(nats, lattices)), stop: stopHosts };
}

function inNodeWith(nats, lattices) {
  return { entry: "trellis-host", nats: "trellis-host/nats", servers: nats.url, lattices, insecureRegistries: hosts };
}

async function inChromium(nats) {
  const folders = { "/": inside("playwright-tests/judges/page"), "/run/": inside("playwright-tests/dist"), "/npm/": inside("npm") };
  const connect = [nats.webSocketUrl, ...Object.values(registries).flatMap(({ origin, elsewhere }) => [origin, elsewhere])];
  const server = await serve(folders, { connect });
  const browser = await launch("chromium");
  const page = await browser.newPage();
  await page.goto(`${server.origin}/`);
  const options = { entry: "/npm/dist/browser.js", nats: "/run/nats.js", servers: nats.webSocketUrl, lattices, insecureRegistries: hosts };
  const ids = await page.evaluate(startHosts, options);
  const stop = async () => {
    await page.evaluate(stopHosts);
    await browser.close();
    await server.close();
  };
  return { ids, stop };
}

/** What came of each judge, by what the test program prints. */
function outcomesOf(place, status, output) {
  const states = { ok: "passed", FAILED: "failed", ignored: "skipped" };
  const outcomes = [...output.matchAll(/^test (\S+) \.\.\. (ok|FAILED|ignored)/gm)].map(([, name, state]) => {
    const said = new RegExp(`^---- ${name} stdout ----\n([^]*?)(?=^---- |^failures:)`, "m").exec(output)?.[1];
    return { name: `${place} ${name}`, state: states[state], error: said };
  });
  const well = status === 0 && outcomes.length > 0;
  return well || outcomes.some(({ state }) => state === "failed") ? outcomes : [...outcomes, { name: place, state: "failed", error: output }];
}
