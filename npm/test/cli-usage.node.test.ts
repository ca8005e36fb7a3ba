/** The command line without a lattice: help, what is wrong, what is looked into, and how it looks. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { hasColours } from "../src/cli/terminal.js";
import { Progress } from "../src/cli/progress.js";
import { suggest } from "../src/cli/suggest.js";
import { projectFile, run } from "./support/cli.js";
import { readFile } from "./support/files.js";
import { sample } from "./support/hosts.js";
import { startRegistry } from "./support/registry.js";

const sink = projectFile("examples/dist/kitchen-sink.wasm");

test("help tells of all commands, of a group and of one; --version of the version", async () => {
  const all = await run(["--help"]);
  assert.deepEqual([all.code, all.err], [0, ""]);
  const names = [...all.out.matchAll(/^ {2}([a-z]+(?: [a-z]+)?) {2,}/gm)].map(([, name = ""]) => name);
  assert.ok(names.length >= 18, names.join());
  for (const name of names) {
    const { code, out } = await run([...name.split(" "), "--help"]);
    assert.deepEqual([name, code, out.startsWith(`Usage: trellis-host ${name} `), out.includes("\nOptions:\n")], [name, 0, true, true]);
  }
  assert.match((await run(["config", "--help"])).out, /config put[^]*config get[^]*config del/);
  assert.equal((await run(["help", "up"])).out, (await run(["up", "-h"])).out);
  assert.match((await run(["--version"])).out, /^\d+\.\d+\.\d+\n$/);
});

test("the commands of the README are there", async () => {
  const readme = new TextDecoder().decode(await readFile("README.md"));
  const commands = [...readme.matchAll(/^npx trellis-host ([^#\n]+)/gm)].map(([, line = ""]) => line.trim().split(" "));
  assert.ok(commands.length >= 9);
  for (const args of commands) assert.deepEqual([args, (await run([...args, "--help"])).code], [args, 0]);
});

const wrong: [args: string[], says: RegExp][] = [
  [[], /^Usage: /],
  [["upp"], /^error: there is no command upp\. Did you mean up\?/],
  [["whatever"], /trellis-host --help lists them/],
  [["get"], /^error: get needs a second word\. There are hosts, inventory, links, claims, config\./],
  [["get", "host"], /there is no command get host\. Did you mean hosts\?/],
  [["up", "--natz", "x"], /there is no option --natz\. Did you mean --nats\?/],
  [["up", "--lattice"], /--lattice needs a value/],
  [["up", "--lattice", "--help-me"], /write --lattice=--help-me/],
  [["up", "-x", "a.b"], /"a\.b" is no lattice/],
  [["up", "--nats-port", "many"], /--nats-port is a whole number, not "many"/],
  [["up", "--enable-component-auction", "perhaps"], /is true or false, not "perhaps"/],
  [["up", "--label", "zone"], /--label is key=value, not "zone"/],
  [["up", "--log-level", "loud"], /--log-level is one of error, warn, info, debug, trace/],
  [["up", "--feature", "x"], /there is no option --feature: this host has no features/],
  [["up", "--rpc-port", "4223", "--nats", "nats://127.0.0.1"], /--rpc-port needs --rpc-host where --nats is given/],
  [["up", "--rpc-creds", "/nonexistent"], /--rpc-creds: \/nonexistent cannot be read/],
  [["up", "--ctl-creds", "x", "--ctl-jwt", "y"], /several credentials/],
  [["get", "hosts", "--rpc-host", "x"], /there is no option --rpc-host/],
  [["up", "--policy-changes-topic", "x"], /--policy-changes-topic needs --policy-topic/],
  [["up", "--nats", "http://127.0.0.1"], /NATS servers are reached by/],
  [["up", "--nats-jwt", "x"], /only one of jwt or seed/],
  [["up", "--nats-token", "x", "--nats-user", "y"], /several credentials/],
  [["up", "--nats-creds", "/nonexistent"], /--nats-creds: \/nonexistent cannot be read/],
  [["up", "--oci-user", "me"], /belong together/],
  [["up", "extra"], /"extra" is one argument too many: trellis-host up \[OPTIONS\]/],
  [["start", "component", "a"], /ID is missing: trellis-host start component REF ID/],
  [["scale", "component", "a", "few"], /COUNT is a whole number/],
  [["stop", "component", "a.b"], /"a\.b" is no id/],
  [["call", "a", "nothing at all"], /names no function: write such as acme:shop\/cart\.add/],
  [["call", "a", "b:c/d.e", "-5"], /Put -- before arguments that begin with a dash/],
  [["link", "put", "a", "b", "wasi:keyvalue"], /names a package only/],
  [["config", "put", "a b", "c=d"], /no name of a config/],
  [["config", "put", "a", "c"], /an entry is key=value/],
  [["get", "hosts", "-o", "yaml"], /--output is text or json, not "yaml"/],
];

test("what is written wrongly is told in a sentence, with what to write instead", async () => {
  for (const [args, says] of wrong) {
    const { code, out, err } = await run(args);
    assert.deepEqual([args.join(" "), code, out], [args.join(" "), 2, ""]);
    assert.match(err, says);
  }
});

test("errors are JSON where results would be, and colours only where they are wanted", async () => {
  const { err } = await run(["get", "hosts", "-o", "json", "--oops"]);
  assert.deepEqual(JSON.parse(err), { error: { code: "usage", message: "there is no option --oops." } });
  const plain = await run(["nothing"]);
  const coloured = await run(["nothing"], { FORCE_COLOR: "1" });
  const refused = await run(["nothing"], { NO_COLOR: "1", FORCE_COLOR: "1", NODE_NO_WARNINGS: "1" });
  const isColoured = ({ err: text }: { err: string }): boolean => text.includes("\u001b[");
  assert.deepEqual([plain, coloured, refused].map(isColoured), [false, true, false]);
  const terminal = { isTTY: true, write: () => undefined };
  assert.deepEqual([hasColours(terminal, {}), hasColours(terminal, { NO_COLOR: "1" }), hasColours(terminal, { TERM: "dumb" })], [true, false, false]);
});

test("inspect shows a file for people, as JSON and as WIT", async () => {
  const text = await run(["inspect", sink]);
  assert.equal(text.code, 0);
  assert.match(text.out, /^reference +file:.*\ndigest +sha256:[0-9a-f]{64}\nsize +[\d.]+ KiB\nsignature +none\n/);
  assert.match(text.out, /\nexports\n {2}trellis:kitchen\/sink@0\.1\.0\n[^]*echo-person: func\(v: person\) -> person\n/);
  const { exports, signature } = JSON.parse((await run(["inspect", sink, "-o", "json"])).out) as { exports: { name: string }[]; signature: unknown };
  assert.deepEqual([exports.map(({ name }) => name), signature], [["trellis:kitchen/sink@0.1.0"], null]);
  assert.match((await run(["inspect", sink, "--wit"])).out, /^package .*;\n[^]*world /);
});

test("inspect pulls from registries; what is no component, or not there, is a failure", async () => {
  const registry = await startRegistry(await sample("http-hello"));
  const { host } = new URL(registry.origin);
  const env = { XDG_CACHE_HOME: "/nonexistent", WASMCLOUD_OCI_ALLOWED_INSECURE: host };
  const pulled = await run(["inspect", `${host}/bearer/hello:1.0`], env);
  assert.deepEqual([pulled.code, pulled.err.includes("KiB of")], [0, false]);
  assert.match(pulled.out, /wasi:http\/incoming-handler/);
  assert.equal((await run(["inspect", `${host}/nothing/hello:1.0`], env)).code, 1);
  assert.match((await run(["inspect", projectFile("package.json")])).err, /^error: .*is no WebAssembly/);
  assert.match((await run(["inspect", "./none.wasm"])).err, /^error: .*could not be loaded: ENOENT/);
  await registry.close();
});

test("progress is for terminals only, and leaves nothing behind", () => {
  const written: string[] = [];
  const stream = (isTTY: boolean): { isTTY: boolean; columns: number; write: (text: string) => void } => ({ isTTY, columns: 80, write: (text) => void written.push(text) });
  const none = new Progress(stream(false), "ghcr.io/acme/api:1");
  none.show({ bytes: 512, total: 1024 });
  none.end();
  assert.deepEqual(written, []);
  const shown = new Progress(stream(true), "ghcr.io/acme/api:1");
  shown.show({ bytes: 1024, total: 1024 });
  shown.end();
  assert.deepEqual(written, ["\r\u001b[Kghcr.io/acme/api:1: 1.0 KiB of 1.0 KiB (100 %)", "\r\u001b[K"]);
});

test("the nearest name is suggested, and none that is far", () => {
  const names = ["--nats", "--nats-host", "--lattice", "--label"];
  assert.deepEqual(["--nast", "--latice", "--labels", "--frob"].map((name) => suggest(name, names)), ["--nats", "--lattice", "--label", undefined]);
});
