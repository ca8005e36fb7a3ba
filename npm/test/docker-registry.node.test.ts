/** A real registry: a component is pushed as the tools of wasmCloud do it, and pulled again. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";

import { createArtifactStore, createHost, LoadError } from "trellis-host";

import { ADMIN, type DockerRegistry, startDockerRegistry } from "./support/docker-registry.js";
import { sample } from "./support/hosts.js";

/** The two shapes of artifacts: lattice protocol 1.x, section 10.2. */
const SHAPES = {
  new: { config: "application/vnd.wasm.config.v0+json", layer: "application/wasm" },
  old: { config: "application/vnd.wasmcloud.actor.archive.config", layer: "application/vnd.module.wasm.content.layer.v1+wasm" },
};
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const INDEX = "application/vnd.oci.image.index.v1+json";
const authorization = `Basic ${btoa(`${ADMIN.username}:${ADMIN.password}`)}`;

let registry: DockerRegistry;
before(async () => void (registry = await startDockerRegistry()));
after(() => registry[Symbol.asyncDispose]());

const digestOf = (bytes: Uint8Array): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

async function send(method: string, url: string, type: string, body: Uint8Array): Promise<Response> {
  const headers = { authorization, "content-type": type };
  const response = await fetch(url, { method, headers, ...body.length > 0 && { body: body as Uint8Array<ArrayBuffer> } });
  assert.ok(response.ok, `${method} ${url}: ${response.status} ${await response.text()}`);
  return response;
}

async function pushBlob(name: string, mediaType: string, bytes: Uint8Array): Promise<object> {
  const digest = digestOf(bytes);
  const begun = await send("POST", `http://${registry.host}/v2/${name}/blobs/uploads/`, "application/octet-stream", new Uint8Array());
  const upload = new URL(begun.headers.get("location") ?? "", begun.url);
  upload.searchParams.set("digest", digest);
  await send("PUT", upload.href, "application/octet-stream", bytes);
  return { mediaType, digest, size: bytes.length };
}

async function pushManifest(name: string, tag: string, mediaType: string, content: object): Promise<object> {
  const bytes = new TextEncoder().encode(JSON.stringify({ schemaVersion: 2, mediaType, ...content }));
  await send("PUT", `http://${registry.host}/v2/${name}/manifests/${tag}`, mediaType, bytes);
  return { mediaType, digest: digestOf(bytes), size: bytes.length };
}

/** Pushes a component under a tag; gives what names its manifest. */
async function push(name: string, tag: string, shape: keyof typeof SHAPES): Promise<{ digest: string }> {
  const config = await pushBlob(name, SHAPES[shape].config, new TextEncoder().encode("{}"));
  const layer = await pushBlob(name, SHAPES[shape].layer, await sample("http-hello"));
  return (await pushManifest(name, tag, MANIFEST, { config, layers: [layer] })) as { digest: string };
}

function storeFor(credentials = ADMIN): ReturnType<typeof createArtifactStore> {
  return createArtifactStore({ cache: false, insecureRegistries: [registry.host], credentials: { [registry.host]: credentials } });
}

for (const shape of ["new", "old"] as const) {
  test(`a component of the ${shape} shape comes back, by tag and by digest`, async () => {
    const name = `acme/${shape}`;
    const { digest } = await push(name, "0.1.0", shape);
    for (const version of [":0.1.0", `@${digest}`, `:0.1.0@${digest}`]) {
      const pulled = await storeFor().pull(`${registry.host}/${name}${version}`);
      assert.deepEqual(pulled.bytes, await sample("http-hello"));
      assert.equal(pulled.digest, digestOf(pulled.bytes));
    }
  });
}

test("an index leads to the manifest for WebAssembly", async () => {
  const name = "acme/index";
  const manifest = await push(name, "only", "new");
  const manifests = [{ ...manifest, platform: { os: "wasip2", architecture: "wasm" } }];
  await pushManifest(name, "all", INDEX, { manifests });
  assert.deepEqual((await storeFor().pull(`${registry.host}/${name}:all`)).bytes, await sample("http-hello"));
});

test("it denies strangers, and has no other tags", async () => {
  await push("acme/closed", "1", "new");
  const reason = (expected: string) => (error: unknown): boolean => error instanceof LoadError && error.reason === expected;
  await assert.rejects(storeFor({ username: "admin", password: "wrong" }).pull(`${registry.host}/acme/closed:1`), reason("denied"));
  const stranger = createArtifactStore({ cache: false, insecureRegistries: [registry.host] });
  await assert.rejects(stranger.pull(`${registry.host}/acme/closed:1`), reason("denied"));
  await assert.rejects(storeFor().pull(`${registry.host}/acme/closed:2`), reason("not-found"));
  await assert.rejects(storeFor().pull(`${registry.host}/acme/none:1`), reason("not-found"));
});

test("a host runs what it pulled", async () => {
  await push("acme/hello", "1.0", "new");
  await using host = await createHost({ artifacts: storeFor() });
  await host.startComponent({ id: "hello", source: `${registry.host}/acme/hello:1.0` });
  assert.match(await (await host.fetch("hello", "/")).text(), /Hello from Trellis/);
});
