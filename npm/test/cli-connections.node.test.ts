/** The command line with a connection for control and one for calls: what options and variables mean, and processes against servers. */

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { createUser, type KeyPair } from "@nats-io/nkeys";
import type { NatsOptions } from "trellis-host/nats";

import { startNatsServer } from "../../scripts/lib/nats-server.mjs";
import { connectionOptions, natsOf, rpcOptions } from "../src/cli/connection.js";
import { parseOptions } from "../src/cli/options.js";
import { type Ended, endAll, projectFile, run, Running, startUp, type Variables } from "./support/cli.js";
import { freshLattice } from "./support/lattice.js";

after(endAll);

const hello = projectFile("examples/dist/http-hello.wasm");
const certificate = projectFile("npm/test/support/tls/cert.pem");
const servers = ["nats://127.0.0.1:4222"];

const meanings: [args: string[], env: Variables, ctl: Partial<NatsOptions>, rpc: Partial<NatsOptions>][] = [
  [[], {}, {}, {}],
  [["--nats-host", "a", "--nats-port", "1"], {}, { servers: ["nats://a:1"] }, { servers: ["nats://a:1"] }],
  [["--nats-host", "a", "--ctl-host", "b", "--rpc-port", "2"], {}, { servers: ["nats://b:4222"] }, { servers: ["nats://a:2"] }],
  [["--nats", "ws://a:1", "--nats-port", "3", "--rpc-host", "b"], {}, { servers: ["ws://a:1"] }, { servers: ["nats://b:3"] }],
  [["--rpc-host", "c"], { WASMCLOUD_CTL_HOST: "a", WASMCLOUD_CTL_PORT: "1", WASMCLOUD_RPC_HOST: "b", WASMCLOUD_RPC_PORT: "2" }, { servers: ["nats://a:1"] }, { servers: ["nats://c:2"] }],
  [["--nats-jwt", "J", "--nats-seed", "S"], {}, { auth: { jwt: "J", seed: "S" } }, { auth: { jwt: "J", seed: "S" } }],
  [["--nats-jwt", "J", "--nats-seed", "S", "--rpc-jwt", "R"], {}, { auth: { jwt: "J", seed: "S" } }, { auth: { jwt: "R", seed: "S" } }],
  [["--nats-token", "t"], { WASMCLOUD_CTL_SEED: "C", WASMCLOUD_RPC_JWT: "R", WASMCLOUD_RPC_SEED: "S" }, { auth: { nkey: "C" } }, { auth: { jwt: "R", seed: "S" } }],
  [["--nats-token", "t", "--ctl-creds", certificate], {}, { auth: { creds: "PEM" } }, { auth: { token: "t" } }],
  [["--nats-creds", certificate], { WASMCLOUD_RPC_CREDS: certificate }, { auth: { creds: "PEM" } }, { auth: { creds: "PEM" } }],
  [["--rpc-tls"], {}, {}, { tls: {} }],
  [["--tls-ca-path", certificate], { WASMCLOUD_CTL_TLS: "true" }, { tls: { ca: "PEM" } }, {}],
];

test("what is said of one connection goes before what is said of both", async () => {
  const pem = await natsOf(parseOptions(connectionOptions, ["--nats-creds", certificate], {}).values, "ctl");
  const text = (pem.auth as { creds: string }).creds;
  for (const [args, env, ctl, rpc] of meanings) {
    const { values } = parseOptions({ ...connectionOptions, ...rpcOptions }, args, env);
    const meant = [await natsOf(values, "ctl"), await natsOf(values, "rpc")];
    const shown = JSON.parse(JSON.stringify(meant).replaceAll(JSON.stringify(text), '"PEM"')) as unknown;
    assert.deepEqual([args, env, shown], [args, env, [{ servers, ...ctl }, { servers, ...rpc }]]);
  }
});

/** Runs a component and calls it in a lattice that is reached by these options; by the `wrong` ones nobody serves calls. */
async function lives(control: string[], calls: string[], wrong: string[], env: Variables = {}): Promise<void> {
  const ctl = ["-x", freshLattice(), ...control];
  const both = [...ctl, ...calls];
  const { up, id } = await startUp([...both, "--allow-file-load"], env);
  const json = async ({ code, out, err }: Ended): Promise<Record<string, unknown>> => {
    assert.deepEqual([code, err], [0, ""]);
    return JSON.parse(out) as Record<string, unknown>;
  };
  const { hosts } = await json(await run(["get", "hosts", ...ctl, "-o", "json"], env)) as { hosts: { id: string }[] };
  assert.deepEqual(hosts.map((host) => host.id), [id]);
  await json(await run(["start", "component", hello, "hello", ...ctl, "-o", "json"], env));
  const spy = new Running(["spy", "hello", ...both, "-o", "json"], env);
  await spy.wrote("err", /Watching hello/);
  const call = (options: string[]): Promise<Ended> => run(["call", "hello", "wasi:http/incoming-handler.handle", "/", ...options, "-o", "json"], env);
  assert.equal((await json(await call(both)))["status"], 200);
  await spy.wrote("out", /incoming-handler.*\n/);
  const spied = await spy.end("SIGINT");
  // Its types it has by the other connection.
  assert.deepEqual([spied.code, spied.err], [0, "Watching hello. Ctrl-C ends it.\n"]);
  assert.equal((await call([...ctl, ...wrong])).code, 1);
  const { code, err } = await up.end();
  assert.equal(code, 0);
  for (const purpose of ["ctl", "rpc"]) assert.match(err, new RegExp(`connected to NATS connection=${purpose} server=`));
}

test("control by one server, calls by another", { timeout: 60_000 }, async () => {
  const [ctl, rpc] = await Promise.all([startNatsServer(), startNatsServer({ jetStream: false })]);
  const variables = { WASMCLOUD_CTL_HOST: "127.0.0.1", WASMCLOUD_CTL_PORT: String(ctl.port) };
  const by = (port: number): string[] => ["--rpc-host", "127.0.0.1", "--rpc-port", String(port)];
  await lives(["--nats", "nats://127.0.0.1:1"], by(rpc.port), by(ctl.port), variables).finally(() => Promise.all([ctl.stop(), rpc.stop()]));
});

test("control by one account, calls by another", { timeout: 60_000 }, async () => {
  const [ctl, rpc] = [createUser(), createUser()];
  const seedOf = (keys: KeyPair): string => new TextDecoder().decode(keys.getSeed());
  const account = (keys: KeyPair, jetStream: string): string => `{ users: [{ nkey: ${keys.getPublicKey()} }], jetstream: ${jetStream} }`;
  const server = await startNatsServer({ config: `accounts { CTL: ${account(ctl, "enabled")}, RPC: ${account(rpc, "disabled")} }` });
  const as = (keys: KeyPair): string[] => ["--rpc-seed", seedOf(keys)];
  await lives(["--nats", server.url, "--ctl-seed", seedOf(ctl)], as(rpc), as(ctl)).finally(() => server.stop());
});

test("where both are the same there is one", async () => {
  const server = await startNatsServer();
  const { up } = await startUp(["--nats-port", String(server.port)], { WASMCLOUD_CTL_HOST: "127.0.0.1", WASMCLOUD_RPC_HOST: "127.0.0.1" });
  const { code, err } = await up.end();
  assert.deepEqual([code, err.match(/connected to NATS/g)?.length, err.includes("connection=")], [0, 1, false]);
  await server.stop();
});

test("a connection for calls that is lost for good ends the host", async () => {
  const [ctl, rpc] = await Promise.all([startNatsServer(), startNatsServer()]);
  const there = ["--nats", ctl.url, "--rpc-host", "127.0.0.1", "--rpc-port", String(rpc.port)];
  const { up } = await startUp(there);
  await rpc.reload("authorization { token: s3cret }");
  const { code, err } = await up.ended;
  assert.equal(code, 3);
  assert.match(err, /the host has stopped/);
  // It does not begin without.
  assert.equal((await run(["up", ...there])).code, 3);
  await Promise.all([ctl.stop(), rpc.stop()]);
});
