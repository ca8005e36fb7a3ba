/** Pulling artifacts: what registries want, what can go wrong on the way, and who sees credentials. */

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  AbortedError, createArtifactStore, createHost, InvalidArgumentError, InvalidComponentError, LimitError, LoadError, type LoadReason,
  type PullProgress, TimeoutError,
} from "trellis-host";

import { sample } from "./support/hosts.js";
import { artifact, hosts, inPage, origin, seen, store, useRegistry } from "./support/registries.js";
import { basicOfUser, USER } from "./support/registry.js";

useRegistry();

/** What is the matter, and what comes of it. */
function fails(promise: Promise<unknown>, reason: LoadReason, message = /./): Promise<void> {
  return assert.rejects(promise, (error) => {
    assert.ok(error instanceof LoadError, String(error));
    assert.equal(error.reason, reason, error.message);
    assert.match(error.message, message);
    return true;
  });
}

const pull = (matter: string, options = {}, tag?: string): Promise<unknown> => store(options).pull(artifact(matter, tag).reference);

test("a component comes whole, with its digest, and tells how far it is", async () => {
  const { reference } = artifact("plain");
  const steps: PullProgress[] = [];
  const pulled = await store().pull(`oci://${reference.toUpperCase()}`.replace("OCI", "oci"), { onProgress: (step) => steps.push(step) });
  const bytes = await sample("http-hello");
  assert.deepEqual(pulled.bytes, bytes);
  assert.equal(pulled.reference, reference);
  assert.equal(pulled.size, bytes.length);
  assert.match(pulled.digest, /^sha256:[0-9a-f]{64}$/);
  assert.deepEqual(steps[0], { bytes: 0, total: bytes.length });
  assert.deepEqual(steps.at(-1), { bytes: bytes.length, total: bytes.length });
});

test("layers of older tools are taken; an index leads to what is for WebAssembly", async () => {
  const bytes = await sample("http-hello");
  for (const matter of ["old", "index"]) assert.deepEqual((await store().pull(artifact(matter).reference)).bytes, bytes);
  await fails(pull("foreign"), "invalid", /nothing for WebAssembly, only linux\/amd64, unknown\/unknown/);
});

test("registries are authorized at by a token, by a name and a password, or both", async () => {
  const credentials = Object.fromEntries(hosts().map((host) => [host, USER]));
  await pull("bearer");
  await pull("private", { credentials });
  await pull("basic", { credentials });
  await store().pull(artifact("basic").reference, { credentials: USER });
  await store().pull(artifact("private").reference, { credentials: { token: "a-token" } });
  const late = store();
  late.putCredentials(Object.fromEntries(hosts().map((host) => [host, { ...USER, registryType: "oci" }])));
  await late.pull(artifact("basic").reference);
});

test("without credentials, or with the wrong ones, they deny it", async () => {
  await fails(pull("private"), "denied");
  await fails(pull("basic"), "denied", /credentials/);
  const wrong = { username: "zoë", password: "s3cret" };
  for (const matter of ["private", "basic"]) {
    await fails(store().pull(artifact(matter).reference, { credentials: wrong }), "denied");
  }
  await fails(store().pull(artifact("private").reference, { credentials: { token: "no-token" } }), "denied");
  await fails(store().pull(artifact("private").reference, { credentials: { token: "a\r\nb: c" } }), "invalid");
});

test("credentials are not taken along to another host", async () => {
  const { reference, name } = artifact("moved");
  await store().pull(reference, { credentials: USER });
  const requests = await seen(name);
  assert.ok(requests.some(({ path, authorization }) => path.startsWith("/token") && authorization === basicOfUser()));
  assert.ok(requests.some(({ at, authorization }) => at === "registry" && authorization === "Bearer a-token"));
  assert.deepEqual(requests.filter(({ at }) => at === "elsewhere").map(({ authorization }) => authorization), [null]);
});

test("what another host asks for, it does not get", async () => {
  const { reference, name } = artifact("asks");
  await fails(store().pull(reference, { credentials: USER }), "denied");
  assert.deepEqual((await seen(name)).filter(({ at }) => at === "elsewhere").map(({ authorization }) => authorization), [null]);
});

test("redirects end, and lead nowhere but to the web", async () => {
  await fails(pull("loop", { retries: 0 }), inPage ? "unreachable" : "invalid");
  await fails(pull("astray", { retries: 0 }), inPage ? "unreachable" : "invalid");
});

test("bytes that are not those of the digest are refused", async () => {
  await fails(pull("wrong-layer"), "invalid", /digest/);
  await fails(pull("short", { retries: 0 }), "unreachable", /broke off/);
  await fails(pull("sha512"), "invalid", /cannot be verified/);
  const { reference, name } = artifact("wrong-manifest", "");
  const manifest = await digestOfManifest("wrong-manifest", name);
  await fails(store().pull(`${reference}@${manifest}`), "invalid", /manifest .* has the digest/);
});

test("a pinned manifest is taken by its digest, whatever the tag", async () => {
  const { reference, name } = artifact("plain", "");
  const pinned = `${reference}:old@${await digestOfManifest("plain", name)}`;
  assert.equal((await store().pull(pinned)).reference, pinned);
  await fails(store().pull(`${reference}@sha256:${"0".repeat(64)}`), "not-found");
});

/** The digest of what the registry says the manifest is. */
async function digestOfManifest(matter: string, name: string): Promise<string> {
  const text = await (await fetch(`${origin()}/v2/${matter}/${name}/manifests/1.0`)).text();
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text.trimEnd()));
  return `sha256:${Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

test("what is no component is refused", async () => {
  await fails(pull("layers"), "invalid", /expected single layer, found 2 layers/);
  await fails(pull("media"), "invalid", /media type "application\/zip"/);
  await fails(pull("notjson"), "invalid", /no JSON/);
  await fails(pull("nothing"), "not-found", /MANIFEST_UNKNOWN: manifest unknown/);
  await assert.rejects(pull("page"), InvalidComponentError);
});

test("what is too large is refused: at once where it says so, else when it gets there", async () => {
  const tooLarge = (error: unknown): boolean => error instanceof LimitError && error.limit === "maxArtifactBytes";
  const { reference, name } = artifact("huge");
  await assert.rejects(store().pull(reference), tooLarge);
  assert.ok((await seen(name)).every(({ path }) => !path.includes("/blobs/")));
  await assert.rejects(pull("plain", { maxArtifactBytes: 1000 }), tooLarge);
  await assert.rejects(pull("swollen"), tooLarge);
  await assert.rejects(store({ maxArtifactBytes: 5_000_000 }).pull(`${origin()}/files/endless`), tooLarge);
});

test("what breaks off or is overloaded is tried again, and not without end", async () => {
  await pull("busy");
  await pull("flaky");
  await fails(pull("busy", { retries: 1 }), "unreachable", /503/);
  const { reference, name } = artifact("truncated");
  await fails(store({ retries: 1 }).pull(reference), "unreachable", /broke off/);
  assert.equal((await seen(name)).filter(({ path }) => path.includes("/blobs/")).length, 2);
  const nothing = artifact("nothing");
  await fails(store().pull(nothing.reference), "not-found");
  assert.equal((await seen(nothing.name)).length, 1);
});

test("a server that is silent, or stops in the middle, has its time", async () => {
  await assert.rejects(pull("silent", { timeout: 200 }), TimeoutError);
  await assert.rejects(pull("stalls", { timeout: 200 }), TimeoutError);
  await assert.rejects(pull("silent", { timeout: null, deadline: 200 }), /could not be pulled within 200 ms/);
});

test("a pull can be given up", async () => {
  await assert.rejects(store().pull(artifact("plain").reference, { signal: AbortSignal.abort() }), AbortedError);
  const controller = new AbortController();
  const reason = new Error("enough");
  const onProgress = ({ bytes }: PullProgress): void => (bytes > 0 ? controller.abort(reason) : undefined);
  await assert.rejects(store().pull(artifact("stalls").reference, { signal: controller.signal, onProgress }), (error) => error instanceof AbortedError && error.cause === reason);
});

test("pulls of one artifact at once share one transfer; who leaves does not end it for others", async () => {
  const { reference, name } = artifact("plain");
  const from = store();
  const controller = new AbortController();
  const first = from.pull(reference, { signal: controller.signal });
  const others = [from.pull(reference), from.pull(`oci://${reference}`)];
  controller.abort();
  await assert.rejects(first, AbortedError);
  const [one, two] = await Promise.all(others);
  assert.deepEqual(one?.bytes, two?.bytes);
  assert.notEqual(one?.bytes.buffer, two?.bytes.buffer);
  assert.equal((await seen(name)).filter(({ path }) => path.includes("/blobs/")).length, 1);
  await from.pull(reference);
  assert.equal((await seen(name)).filter(({ path }) => path.includes("/blobs/")).length, 2);
});

test("a callback that throws fails its own pull only", async () => {
  const { reference } = artifact("plain");
  const from = store();
  const broken = from.pull(reference, { onProgress: () => { throw new RangeError("mine"); } });
  const whole = from.pull(reference);
  await assert.rejects(broken, RangeError);
  await whole;
});

test("others than those who may, see nothing of a pull: credentials make another transfer", async () => {
  const from = store();
  const { reference } = artifact("basic");
  const [good, bad] = await Promise.allSettled([from.pull(reference, { credentials: USER }), from.pull(reference)]);
  assert.deepEqual([good.status, bad.status], ["fulfilled", "rejected"]);
});

test("a page is told why it cannot read from a registry", async () => {
  if (inPage) await fails(pull("nocors", { retries: 0 }), "unreachable", /CORS headers.*mirror.*https URL/);
  else await pull("nocors");
});

test("who is not there cannot be reached", async () => {
  await fails(createArtifactStore({ cache: false, retries: 0, insecureRegistries: ["127.0.0.1:1"] }).pull("127.0.0.1:1/none:1.0"), "unreachable", /127\.0\.0\.1:1/);
  // Not listed as insecure, it is spoken to by TLS, which it does not speak.
  await fails(pull("plain", { insecureRegistries: [], retries: 0 }), "unreachable", /^127\.0\.0\.1:\d+\/plain.*https:\/\/127/);
});

test("a mirror stands in for a registry, and gets no credentials of it", async () => {
  const { reference, name } = artifact("plain");
  const path = reference.slice(reference.indexOf("/"));
  const mirrored = store({ mirrors: { "ghcr.io": origin() }, credentials: { "ghcr.io": USER } });
  assert.equal((await mirrored.pull(`ghcr.io${path}`)).reference, `ghcr.io${path}`);
  assert.ok((await seen(name)).every(({ authorization }) => authorization === null));
  await fails(mirrored.pull(`ghcr.io${path.replace("plain", "basic")}`), "denied");
});

test("what the options do not allow is not done", async () => {
  await fails(pull("plain", {}, ":latest"), "forbidden", /fetching images tagged 'latest'/);
  await fails(pull("plain", {}, ""), "forbidden", /latest/);
  await pull("plain", { allowLatest: true }, ":latest");
  await pull("plain", { allowLatest: true }, "");
  await fails(store({ insecureRegistries: [] }).pull(`${origin()}/files/hello.wasm`), "forbidden", /TLS/);
  if (inPage) await assert.rejects(store({ allowFileLoad: true }).pull("file:///a.wasm"), /there are no files here/);
  else await fails(store().pull("file:///a.wasm"), "forbidden", /file loading is disabled/);
});

test("URLs are pulled too, and looked at", async () => {
  const bytes = await sample("http-hello");
  const pulled = await store().pull(`${origin()}/files/hello.wasm#x`);
  assert.deepEqual([pulled.bytes, pulled.reference], [bytes, `${origin()}/files/hello.wasm`]);
  assert.deepEqual((await store().pull(`${origin()}/files/moved`)).digest, pulled.digest);
  await assert.rejects(store().pull(`${origin()}/files/page`), (error) => error instanceof InvalidComponentError && error.message.includes("looks like a page"));
  await fails(store().pull(`${origin()}/files/none`), "not-found", /404/);
});

test("options that make no sense are refused by their names", async () => {
  const wrong = {
    credentials: { a: { username: 1 } }, insecureRegistries: ["http://a"], mirrors: { "ghcr.io": "ftp://a" }, allowLatest: "yes", allowFileLoad: 1,
    maxArtifactBytes: -1, timeout: "1", deadline: NaN, retries: 0.5, cache: { get: 1 },
  };
  for (const [name, value] of Object.entries(wrong)) {
    assert.throws(() => createArtifactStore({ [name]: value }), (error) => error instanceof InvalidArgumentError && error.message.startsWith(name), name);
  }
  await assert.rejects(createHost({ artifacts: { retries: -1 } }), InvalidArgumentError);
  await assert.rejects(store().pull(1 as never), InvalidArgumentError);
  await assert.rejects(store().pull("a b"), InvalidArgumentError);
  assert.throws(() => store({ credentials: { a: { username: "u", password: 7 as never } } }), (error) => !String(error).includes("7"));
});

test("a host starts a component from a registry", async () => {
  const { reference } = artifact("private");
  const steps: PullProgress[] = [];
  await using host = await createHost({ artifacts: store({ credentials: Object.fromEntries(hosts().map((each) => [each, USER])) }) });
  await host.startComponent({ id: "a", source: reference, onProgress: (step) => steps.push(step) });
  assert.equal(host.inventory().components[0]?.reference, reference);
  assert.match(await (await host.fetch("a", "/")).text(), /Hello from Trellis/);
  assert.ok(steps.length > 0);
  await host.updateComponent("a", `${origin()}/files/hello.wasm`);
  await assert.rejects(host.startComponent({ id: "b", source: artifact("plain", ":latest").reference }), LoadError);
});
