/** `trellis-host up`, as a process against a real server: it joins, is seen, is configured, and ends as it should. */

import assert from "node:assert/strict";
import { after, test } from "node:test";

import type { Bus } from "trellis-host";
import { natsBus } from "trellis-host/nats";

import { type NatsServer, startNatsServer } from "../../scripts/lib/nats-server.mjs";
import { bytes, text } from "./compliance/support.js";
import { endAll, projectFile, run, Running, startUp } from "./support/cli.js";
import { sample } from "./support/hosts.js";
import { Client, freshLattice } from "./support/lattice.js";
import { hasWebSocket } from "./support/nats.js";
import { startRegistry, USER } from "./support/registry.js";
import { ISSUER } from "./support/signed.js";

after(endAll);

interface Place {
  server: NatsServer;
  bus: Bus;
  lattice: string;
  client: Client;
  /** The options by which a command finds the lattice. */
  there: string[];
}

/** Runs a body in a lattice of its own. */
async function inLattice(body: (place: Place) => Promise<void>): Promise<void> {
  const server = await startNatsServer();
  const lattice = freshLattice();
  const bus = await natsBus({ servers: server.url });
  const client = new Client(bus, lattice);
  try {
    await body({ server, bus, lattice, client, there: ["--nats", server.url, "--lattice", lattice] });
  } finally {
    client.close();
    await bus.close();
    await server.stop();
  }
}

test("a host answers pings with its labels, and at SIGTERM leaves its lattice and ends well", () => inLattice(async ({ client, there }) => {
  const env = { WASMCLOUD_LABEL_zone: "env", WASMCLOUD_LABEL_Rack: "7" };
  const { up, id } = await startUp([...there, "-l", "zone=lab", "--label", "eq=a=b,c"], env);
  const [pong] = await client.askAll("host.ping", undefined, 1);
  const host = pong?.response as { id: string; labels: Record<string, string> };
  assert.equal(host.id, id);
  const { zone, Rack, eq } = host.labels;
  assert.deepEqual([zone, Rack, eq], ["lab", "7", "a=b,c"]);
  const [stopped, { code, out }] = await Promise.all([client.event("host_stopped", (_, source) => source === id), up.end("SIGTERM")]);
  assert.ok(stopped);
  assert.deepEqual([code, out], [0, ""]);
}));

test("everything can be said by variables, and over a WebSocket where there is one; Ctrl-C ends it as well", () => inLattice(async ({ server, lattice, client }) => {
  const env = { TRELLIS_NATS: hasWebSocket ? server.webSocketUrl : server.url, WASMCLOUD_LATTICE: lattice, WASMCLOUD_STRUCTURED_LOGGING_ENABLED: "true", WASMCLOUD_LOG_LEVEL: "DEBUG", WASMCLOUD_HEARTBEAT_INTERVAL: "1" };
  const { up, id } = await startUp([], env);
  const heartbeat = await client.event("host_heartbeat");
  assert.equal(heartbeat["host_id"], id);
  const { code, err } = await up.end("SIGINT");
  assert.equal(code, 0);
  const lines = err.trimEnd().split("\n").map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.ok(lines.every(({ timestamp, level, message }) => typeof timestamp === "string" && typeof level === "string" && typeof message === "string"));
  assert.ok(lines.some(({ level }) => level === "debug"));
  assert.ok(lines.some(({ message }) => message === "the host has stopped"));
}));

test("with host and port, a seed and a prefix of its own, it is the host that was meant", () => inLattice(async ({ server, bus, lattice }) => {
  const seed = "SNAACAQDAQCQMBYIBEFAWDANBYHRAEISCMKBKFQXDAMRUGY4DUPB6IHBB4";
  const { up, id } = await startUp(["--nats-host", "127.0.0.1", "--nats-port", String(server.port), "-x", lattice, "--host-seed", seed, "--ctl-topic-prefix", "my.ctl", "--enable-component-auction", "false"]);
  assert.equal(id, "NB43KVROR7TFJ6KAPCYRF2FJROTZAH4FHLTJLPWX4DRZCC5NASLGJYZP");
  await bus.request(`my.ctl.v1.${lattice}.host.ping`, new Uint8Array());
  const auction = new TextEncoder().encode(JSON.stringify({ component_id: "a", component_ref: "ghcr.io/a/b:1", constraints: {} }));
  await assert.rejects(bus.request(`my.ctl.v1.${lattice}.component.auction`, auction), /nobody listens/);
  assert.equal((await up.end()).code, 0);
}));

test("limits hold for what the lattice starts, issuers decide what it may start, and the domain of JetStream is told", async () => {
  const server = await startNatsServer({ domain: "hub" });
  const bus = await natsBus({ servers: server.url });
  const lattice = freshLattice();
  const client = new Client(bus, lattice);
  const there = ["--nats", server.url, "-x", lattice, "--js-domain", "hub", "--allow-file-load", "--max-linear-memory-bytes", String(16 * 1024 * 1024)];
  const reference = `file://${projectFile("examples/dist/hostile.wasm")}`;
  const { up, id } = await startUp(there);
  const [pong] = await client.askAll("host.ping", undefined, 1);
  assert.equal((pong?.response as { js_domain?: string }).js_domain, "hub");
  const scale = { component_id: "hostile", component_ref: reference, count: 1 };
  await client.ask(`component.scale.${id}`, scale);
  await client.event("component_scaled");
  const call = await run(["call", "hostile", "trellis:hostile/mischief.allocate", "--nats", server.url, "-x", lattice]);
  assert.ok(call.code === 0 && Number(call.out) > 0 && Number(call.out) < 16, call.out + call.err);
  await up.end();
  const strict = await startUp([...there, "--issuer", ISSUER]);
  await client.ask(`component.scale.${strict.id}`, scale);
  assert.match(String((await client.event("component_scale_failed"))["error"]), /sign/);
  await strict.up.end();
  client.close();
  await bus.close();
  await server.stop();
});

test("calls in flight are answered before it ends; a second signal ends it at once", () => inLattice(async ({ bus, lattice, client, there }) => {
  const { up, id } = await startUp([...there, "--allow-file-load"]);
  const reference = `file://${projectFile("examples/dist/hostile.wasm")}`;
  await client.ask(`component.scale.${id}`, { component_id: "hostile", component_ref: reference, count: 4 });
  await client.event("component_scaled");
  const call = (func: string, ...args: string[]): Running => new Running(["call", "hostile", `trellis:hostile/mischief.${func}`, ...args, ...there, "-o", "json"]);
  const both = begun(bus, `${lattice}.hostile`, 2);
  const [slow, endless] = [call("return-after", "1500"), call("sleep-forever")];
  await both;
  // What the host answers now it answers after it has heard of both calls.
  await client.ask(`host.get.${id}`);
  up.child.kill("SIGTERM");
  await up.wrote("err", /the host is stopping/);
  const { code, out } = await slow.ended;
  assert.deepEqual([code, typeof (JSON.parse(out) as { result: unknown }).result], [0, "number"]);
  assert.equal(up.child.exitCode, null);
  assert.equal((await up.end("SIGTERM")).code, 143);
  await endless.end("SIGKILL");
}));

/** Resolves when a target has all parameters of so many calls. */
async function begun(bus: Bus, target: string, count: number): Promise<void> {
  const [callers, callees] = [new Set<string>(), new Set<string>()];
  const answers = bus.subscribe("_INBOX.>");
  const calls = bus.subscribe(`${target}.wrpc.>`, { callback: ({ reply = "" }) => void callers.add(reply) });
  let left = count;
  for await (const { subject, reply = "", payload } of answers) {
    if (callers.has(subject)) callees.add(`${reply}.params`);
    // An empty message is the end of the parameters.
    if (callees.has(subject) && payload.length === 0 && --left === 0) break;
  }
  calls.close();
}

test("the lattice may stop it, too", () => inLattice(async ({ client, there }) => {
  const { up, id } = await startUp(there);
  assert.equal((await client.ask(`host.stop.${id}`, { host_id: id, timeout: 1000 })).success, true);
  assert.equal((await up.ended).code, 0);
}));

test("credentials come from options, and from the config service; http-admin tells how it is", () => inLattice(async ({ bus, lattice, client, there }) => {
  const registry = await startRegistry(await sample("http-hello"));
  const { host } = new URL(registry.origin);
  const asked: string[] = [];
  const service = bus.subscribe(`wasmbus.cfg.${lattice}.req`, {
    callback: ({ payload, reply = "" }) => {
      asked.push(new TextDecoder().decode(payload));
      bus.publish(reply, new TextEncoder().encode(JSON.stringify({ registryCredentials: { [host]: USER } })));
    },
  });
  const start = async (args: string[]): Promise<void> => {
    const { up, id } = await startUp([...there, "--allowed-insecure", host, "--http-admin", "127.0.0.1:0", ...args], { XDG_CACHE_HOME: "/nonexistent" });
    client.forget();
    await client.ask(`component.scale.${id}`, { component_id: "hello", component_ref: `${host}/private/hello:1.0`, count: 1 });
    const [scaled] = await Promise.all([client.event("component_scaled"), up.wrote("err", /event component_scaled/)]);
    assert.equal(scaled["max_instances"], 1);
    const [, admin = ""] = await up.wrote("err", /readyz at=(\S+)/);
    const answers = await Promise.all(["/livez", "/readyz", "/"].map(async (path) => (await fetch(admin + path)).status));
    assert.deepEqual(answers, [200, 200, 404]);
    assert.equal((await fetch(`${admin}/livez`, { method: "POST" })).status, 405);
    assert.equal((await up.end()).code, 0);
  };
  await start(["--config-service-enabled", "-l", "a=b"]);
  assert.deepEqual(asked, [JSON.stringify({ labels: { "hostcore.arch": "wasm32", "hostcore.os": "node", "hostcore.osfamily": "wasm", a: "b" } })]);
  await start(["--oci-registry", host, "--oci-user", USER.username, "--oci-password", USER.password]);
  service.close();
  await registry.close();
}));

test("an address that is taken is told, and nothing is left behind", () => inLattice(async ({ server, there }) => {
  const { code, err } = await run(["up", ...there, "--http-admin", `127.0.0.1:${server.port}`]);
  assert.deepEqual([code, /^error: --http-admin: nothing can be served at 127\.0\.0\.1:\d+ \(.*EADDRINUSE/m.test(err)], [1, true]);
}));

test("what of wasmCloud's host has no meaning here is said", () => inLattice(async ({ there }) => {
  const { up } = await startUp(there, { WASMCLOUD_RPC_TIMEOUT_MS: "2000" });
  assert.match(up.err, /WARN.*WASMCLOUD_RPC_TIMEOUT_MS is set and has no effect: /);
  await up.end();
}));

test("a policy service that is named is asked, and nothing starts without its answer", () => inLattice(async ({ server, lattice, there }) => {
  await using bus = await natsBus({ servers: server.url });
  const asked: string[] = [];
  bus.subscribe("policy.of.ours", {
    callback: ({ reply, payload }) => {
      const { requestId, kind } = JSON.parse(text(payload)) as { requestId: string; kind: string };
      asked.push(kind);
      if (reply !== undefined) bus.publish(reply, bytes(JSON.stringify({ requestId, permitted: false, message: "not today" })));
    },
  });
  await bus.flush();
  const { up, id } = await startUp([...there, "--allow-file-load"], { WASMCLOUD_POLICY_TOPIC: "policy.of.ours" });
  const { code, err } = await run(["start", "component", `file://${projectFile("examples/dist/http-hello.wasm")}`, "hello", "--host", id, "--nats", server.url, "--lattice", lattice]);
  assert.deepEqual([code, asked], [1, ["startComponent"]], err);
  assert.match(err, /Policy denied request to scale component `hello`: .*not today/);
  await up.end();
}));

test("a server that is not there, or does not let it in, is an exit code of its own", async () => {
  const server = await startNatsServer({ config: "authorization { token: s3cret }" });
  const refused = await run(["up", "--nats", server.url]);
  assert.deepEqual([refused.code, refused.err.includes('does not let us in')], [3, true]);
  const { up } = await startUp(["--nats", server.url, "--nats-token", "s3cret"]);
  assert.equal((await up.end()).code, 0);
  const { url } = server;
  await server.stop();
  const unreachable = await run(["up", "--nats", url]);
  assert.deepEqual([unreachable.code, unreachable.err.includes('no NATS server can be reached at nats:')], [3, true]);
});
