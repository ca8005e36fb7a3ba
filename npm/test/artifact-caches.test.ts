/** Caches of artifacts: what is there is not pulled, what is damaged is pulled again, and what is old goes. */

import assert from "node:assert/strict";
import { test } from "node:test";

import type { ArtifactCache } from "trellis-host";

import { surplusOf } from "../src/artifacts/cache.js";
import { type CacheView, newCache } from "./support/caches.js";
import { sample, until } from "./support/hosts.js";
import { artifact, origin, seen, store, useRegistry } from "./support/registries.js";

useRegistry();

async function withCache(body: (cache: CacheView) => Promise<void>): Promise<void> {
  const cache = await newCache();
  try {
    await body(cache);
  } finally {
    await cache.close();
  }
}

async function blobs(name: string): Promise<number> {
  return (await seen(name)).filter(({ path }) => path.includes("/blobs/")).length;
}

test("what was pulled once is there for all stores, whatever it is called", () => withCache(async ({ location }) => {
  const { reference, name } = artifact("plain");
  await store({ cache: { location } }).pull(reference);
  assert.equal(await blobs(name), 1);
  const again = await store({ cache: { location } }).pull(reference);
  assert.deepEqual(again.bytes, await sample("http-hello"));
  assert.equal(await blobs(name), 1);
  const other = artifact("plain");
  await store({ cache: { location } }).pull(other.reference);
  assert.equal(await blobs(other.name), 0);
  // The tag may have moved: the registry is asked for it each time.
  assert.equal((await seen(name)).filter(({ path }) => path.includes("/manifests/")).length, 2);
}));

test("what is pinned needs no registry any more", () => withCache(async ({ location }) => {
  const { reference, name } = artifact("plain", "");
  const manifest = await (await fetch(`${origin()}/v2/plain/${name}/manifests/1.0`)).arrayBuffer();
  const digest = Array.from(new Uint8Array(await crypto.subtle.digest("SHA-256", manifest)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  await store({ cache: { location } }).pull(`${reference}@sha256:${digest}`);
  const before = (await seen(name)).length;
  await store({ cache: { location } }).pull(`${reference}@sha256:${digest}`);
  assert.equal((await seen(name)).length, before);
}));

test("a damaged entry is dropped and pulled again", () => withCache(async ({ location, damage, digests }) => {
  const { reference, name } = artifact("plain");
  const { digest } = await store({ cache: { location } }).pull(reference);
  assert.deepEqual(await digests(), [digest]);
  await damage(digest);
  const again = await store({ cache: { location } }).pull(reference);
  assert.deepEqual(again.bytes, await sample("http-hello"));
  assert.equal(await blobs(name), 2);
  await store({ cache: { location } }).pull(reference);
  assert.equal(await blobs(name), 2);
}));

test("what does not pass is not kept", () => withCache(async ({ location, digests }) => {
  for (const matter of ["wrong-layer", "page", "short"]) {
    await assert.rejects(store({ retries: 0, cache: { location } }).pull(artifact(matter).reference));
  }
  assert.deepEqual(await digests().catch(() => []), []);
}));

test("beyond its bound goes what was not used for the longest time", () => withCache(async ({ location, digests }) => {
  const { size } = await store().pull(artifact("plain").reference);
  // An index has a manifest kept beside the layer, and that is the older of both.
  const bounded = store({ cache: { location, maxBytes: size + 10 } });
  const { digest } = await bounded.pull(artifact("index").reference);
  await until(async () => (await digests()).length === 1);
  assert.deepEqual(await digests(), [digest]);
  await store({ cache: { location: `${location}2`, maxBytes: size - 1 } }).pull(artifact("plain").reference);
  const entries = [{ key: "a", bytes: 5, used: 3 }, { key: "b", bytes: 5, used: 1 }, { key: "c", bytes: 5, used: 2 }];
  assert.deepEqual([15, 10, 9, 5, 0].map((limit) => surplusOf(entries, limit).map(({ key }) => key).join("")), ["", "b", "bc", "bc", "bca"]);
}));

test("a cache of one's own is used, verified, and may fail", async () => {
  const kept = new Map<string, Uint8Array>();
  const cache: ArtifactCache = {
    get: async (digest) => kept.get(digest),
    put: async (digest, bytes) => void kept.set(digest, bytes),
    delete: async (digest) => void kept.delete(digest),
  };
  const { reference, name } = artifact("plain");
  const { digest } = await store({ cache }).pull(reference);
  assert.deepEqual([...kept.keys()], [digest]);
  await store({ cache }).pull(reference);
  assert.equal(await blobs(name), 1);
  kept.set(digest, new Uint8Array(8));
  await store({ cache }).pull(reference);
  assert.deepEqual([await blobs(name), kept.get(digest)?.length], [2, (await sample("http-hello")).length]);
  const { warn } = console;
  const warnings: unknown[] = [];
  console.warn = (text: unknown) => warnings.push(text);
  try {
    const broken = store({ cache: { ...cache, get: async () => { throw new Error("no room"); } } });
    await broken.pull(reference);
    await broken.pull(reference);
  } finally {
    console.warn = warn;
  }
  assert.equal(warnings.length, 1);
  assert.match(String(warnings[0]), /no room/);
});

test("a cache that hangs does not hold a pull beyond its deadline", async () => {
  const never = (): Promise<never> => new Promise(() => undefined);
  const hanging = store({ deadline: 100, cache: { get: never, put: never, delete: never } });
  await assert.rejects(hanging.pull(artifact("plain").reference), /within 100 ms/);
});
