/** The package as npm publishes it: packed, installed elsewhere, run by plain Node, and its types checked. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../../", import.meta.url));
let folder: string;
let files: string[];

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "trellis-"));
  // What `prepack` builds has been built; the tests must not build it anew under each other.
  const [packed] = JSON.parse(await npm(path.join(root, "npm"), "pack", "--json", "--ignore-scripts", "--pack-destination", folder)) as
    [{ filename: string; files: { path: string }[] }];
  files = packed.files.map((file) => file.path);
  await writeFile(path.join(folder, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }));
  await npm(folder, "install", "--offline", "--no-audit", "--no-fund", path.join(folder, packed.filename));
});
after(() => rm(folder, { recursive: true }));

/** What npm prints; it comes with the Node on the PATH. */
async function npm(cwd: string, ...args: string[]): Promise<string> {
  const { stdout } = await run("npm", args, { cwd, shell: process.platform === "win32" });
  return stdout;
}

function installed(file: string): Promise<string> {
  return readFile(path.join(folder, "node_modules/trellis-host", file), "utf8");
}

test("two modules, and all that the exports name; neither sources nor tests nor stamps", async () => {
  assert.deepEqual(files.filter((file) => file.endsWith(".wasm")), ["pkg/trellis_host_bg.wasm", "pkg/trellis_member_bg.wasm"]);
  assert.deepEqual(files.filter((file) => !/^(dist|pkg)\/.*\.(js|js\.map|d\.ts|wasm)$|^(package\.json|README\.md|LICENSE)$/.test(file)), []);
  const { exports } = JSON.parse(await installed("package.json")) as { exports: Record<string, string | Record<string, string>> };
  const named = Object.values(exports).flatMap((entry) => (typeof entry === "string" ? [entry] : Object.values(entry)));
  assert.deepEqual(named.filter((file) => !files.includes(file.replace("./", ""))), []);
});

test("it depends on nats.js and on nothing else", async () => {
  const { dependencies, peerDependencies } = JSON.parse(await installed("package.json")) as Record<string, Record<string, string> | undefined>;
  assert.deepEqual([Object.keys(dependencies ?? {}).sort(), peerDependencies], [["@nats-io/nats-core", "@nats-io/transport-node"], undefined]);
});

test("plain Node runs a component with it, in a worker and inline", async () => {
  await writeFile(path.join(folder, "run.mjs"), `
    import { createHost } from "trellis-host";
    const host = await createHost();
    for (const isolation of ["worker", "inline"]) {
      await host.startComponent({ id: isolation, source: process.argv[2], isolation });
      console.log((await (await host.fetch(isolation, "/")).text()).trim());
    }
    await host.stop();
  `);
  const { stdout, stderr } = await run(process.execPath, ["run.mjs", path.join(root, "examples/dist/http-hello.wasm")], { cwd: folder });
  assert.deepEqual([stdout, stderr], ["Hello from Trellis!\nHello from Trellis!\n", ""]);
});

test("a program that is text starts workers, too", async () => {
  const program = `
    const { createHost } = await import("trellis-host");
    const host = await createHost();
    await host.startComponent({ id: "hello", source: ${JSON.stringify(path.join(root, "examples/dist/http-hello.wasm"))} });
    console.log((await (await host.fetch("hello", "/")).text()).trim());
    await host.stop();
  `;
  for (const flags of [["--input-type=module"], ["--input-type", "module", "--expose-gc"]]) {
    const { stdout, stderr } = await run(process.execPath, [...flags, "-e", program], { cwd: folder });
    assert.deepEqual([stdout, stderr], ["Hello from Trellis!\n", ""]);
  }
});

test("its command is installed", async () => {
  const { stdout } = await run("npx", ["--no-install", "trellis-host", "--version"], { cwd: folder, shell: process.platform === "win32" });
  const { version } = JSON.parse(await installed("package.json")) as { version: string };
  assert.equal(stdout, `${version}\n`);
});

test("its types resolve, and tell right from wrong", async () => {
  const compilerOptions = {
    strict: true, noEmit: true, target: "ES2022", module: "NodeNext", lib: ["ES2022", "DOM", "DOM.Iterable", "ESNext.Disposable"], types: [],
  };
  await writeFile(path.join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["consumer.ts"] }));
  await writeFile(path.join(folder, "consumer.ts"), `
    import { natsBus, type NatsBus } from "trellis-host/nats";
    import { createHost, GuestError, type ComponentHandle, type Host, type Inspection, type LatticeEvent } from "trellis-host";
    const host: Host = await createHost({ isolation: "inline", http: { allow: ["https://example.com"] } });
    await using component: ComponentHandle = await host.startComponent({ id: "a", source: new URL("a.wasm", "http://localhost/") });
    const inspection: Inspection | undefined = component.inspection;
    const response: Response = await host.fetch("a", "/", { deadline: 100 });
    const value: unknown = await host.invoke("a", "ns:pkg/iface", "func", [1n, inspection, response]);
    for await (const event of host.events()) { const name: LatticeEvent["name"] = event.name; console.log(name, value); }
    if (value instanceof GuestError) { const payload: unknown = value.payload; console.log(payload); }
    await using bus: NatsBus = await natsBus({ servers: "nats://127.0.0.1", auth: { jwt: "", seed: "" } });
    // @ts-expect-error half of the credentials
    await natsBus({ servers: "nats://127.0.0.1", auth: { jwt: "" } });
    console.log(bus.maxPayload);
    // @ts-expect-error there is no such isolation
    await createHost({ isolation: "process" });
    // @ts-expect-error a component needs an id
    await host.startComponent({ source: "a.wasm" });
  `);
  const tsc = path.join(root, "node_modules/typescript/bin/tsc");
  const { stdout } = await run(process.execPath, [tsc, "--project", folder], { cwd: folder }).catch((error: unknown) => error as { stdout: string });
  assert.equal(stdout, "");
});

test("no code is made from text, and no worker from a blob", async () => {
  const forbidden = /\beval\s*\(|\bnew Function\b|(?<![\w`])Function\s*\(|createObjectURL|["'`](?:blob|data):|document\.write|setTimeout\s*\(\s*["'`]/;
  for (const file of files.filter((each) => each.endsWith(".js"))) {
    const code = (await installed(file)).replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
    assert.equal(forbidden.exec(code)?.[0], undefined, file);
  }
});
