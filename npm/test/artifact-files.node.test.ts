/** Artifacts in files: only where that is allowed, and nothing that has no end. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";

import { type ArtifactOptions, createArtifactStore, InvalidComponentError, LimitError, LoadError } from "trellis-host";

import { sample } from "./support/hosts.js";

let folder: string;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "trellis-files-"));
  await writeFile(path.join(folder, "a b.wasm"), await sample("http-hello"));
  await writeFile(path.join(folder, "text"), "no wasm");
});
after(() => rm(folder, { recursive: true }));

const store = (options: ArtifactOptions = { allowFileLoad: true }): ReturnType<typeof createArtifactStore> => createArtifactStore({ cache: false, ...options });
const reason = (expected: string) => (error: unknown): boolean => error instanceof LoadError && error.reason === expected;

test("a file comes by its path or its URL, where that is allowed", async () => {
  const file = path.join(folder, "a b.wasm");
  for (const reference of [file, pathToFileURL(file).href]) {
    const pulled = await store().pull(reference);
    assert.deepEqual([pulled.bytes, pulled.reference], [await sample("http-hello"), reference]);
    await assert.rejects(store({}).pull(reference), reason("forbidden"));
  }
});

test("what is not there, too large, or no component is refused", async () => {
  await assert.rejects(store().pull(path.join(folder, "none")), reason("not-found"));
  await assert.rejects(store({ allowFileLoad: true, maxArtifactBytes: 100 }).pull(path.join(folder, "a b.wasm")), LimitError);
  await assert.rejects(store().pull(path.join(folder, "text")), InvalidComponentError);
});

test("folders, devices and pipes are no files", { skip: process.platform === "win32" }, async () => {
  const pipe = path.join(folder, "pipe");
  execFileSync("mkfifo", [pipe]);
  for (const reference of [folder, "/dev/zero", pipe]) await assert.rejects(store().pull(reference), reason("invalid"));
});
