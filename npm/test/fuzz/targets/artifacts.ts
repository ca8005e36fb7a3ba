/**
 * What registries and those who name artifacts send: references, manifests, challenges. A reference that is one has a
 * normal form that is its own and leads nowhere else; everything else is an error of ours.
 */

import assert from "node:assert/strict";

import { parseJson } from "../../../src/artifacts/answers.js";
import { parseChallenges } from "../../../src/artifacts/challenge.js";
import { chosenOf, layerOf } from "../../../src/artifacts/manifest.js";
import { isInRegistry, parseReference } from "../../../src/artifacts/reference.js";
import { TrellisError } from "../../../src/errors.js";
import type { FuzzTarget } from "../target.js";

const digest = `sha256:${"0a".repeat(32)}`;
const layer = { mediaType: "application/wasm", digest, size: 1 };
const seeds = [
  "ghcr.io/acme/api:0.3.0", `oci://localhost:5000/a/b@${digest}`, "https://example.com/a.wasm", "file:///a", "[::1]:80/a", "Hello",
  'Bearer realm="https://a/t",service="a, b",scope="repository:x:pull", Basic realm=x', "Negotiate, Basic",
  JSON.stringify({ layers: [layer] }),
  JSON.stringify({ manifests: [{ digest, size: 2, platform: { os: "wasip2", architecture: "wasm" } }, { digest, size: 1, platform: { os: "linux" } }] }),
];

export const artifacts: FuzzTarget = {
  run(bytes) {
    const text = new TextDecoder().decode(bytes);
    parseChallenges(text).forEach(({ scheme }) => assert.match(scheme, /^[^\s,"=]+$/));
    isInRegistry(text);
    orTyped(() => checkReference(text));
    const manifest = orTyped(() => parseJson("it", bytes));
    if (manifest === undefined) return;
    for (const found of [orTyped(() => chosenOf(manifest, "it")), orTyped(() => layerOf(manifest, "it"))]) {
      if (found !== undefined) assert.ok(/^sha256:[0-9a-f]{64}$/.test(found.digest) && found.size >= 0);
    }
  },
  seeds: async () => seeds.map((seed) => new TextEncoder().encode(seed)),
};

function checkReference(text: string): void {
  const reference = parseReference(text);
  assert.deepEqual(parseReference(reference.text), reference);
  if (reference.kind !== "registry") return;
  const { registry, repository, tag, digest: pinned } = reference;
  const path = `/v2/${repository}/manifests/${pinned ?? tag}`;
  const url = new URL(`https://${registry}${path}`);
  assert.equal(url.hostname, registry.replace(/:\d+$/, ""));
  assert.equal(url.pathname + url.search + url.hash + url.username, path);
}

/** What it gives, or nothing where it throws an error of ours. */
function orTyped<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof TrellisError)) throw error;
    return undefined;
  }
}
