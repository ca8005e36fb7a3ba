/** References to artifacts: their normal form, and what is none. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { isInRegistry, parseReference } from "../src/artifacts/reference.js";
import { InvalidArgumentError } from "../src/errors.js";

const hex = "0123456789abcdef".repeat(4);

test("references to registries have a normal form", () => {
  const forms: Record<string, string> = {
    "ghcr.io/acme/api:0.3.0": "ghcr.io/acme/api:0.3.0",
    "oci://ghcr.io/acme/api:0.3.0": "ghcr.io/acme/api:0.3.0",
    "OCI://GHCR.io/Acme/API:V1": "ghcr.io/acme/api:v1",
    "ghcr.io/acme/api": "ghcr.io/acme/api:latest",
    [`ghcr.io/acme/api@sha256:${hex}`]: `ghcr.io/acme/api@sha256:${hex}`,
    [`ghcr.io/acme/api:1@SHA256:${hex.toUpperCase()}`]: `ghcr.io/acme/api:1@sha256:${hex}`,
    "localhost/a:1": "localhost/a:1",
    "localhost:5000/a/b/c:1": "localhost:5000/a/b/c:1",
    "127.0.0.1:5000/a:1": "127.0.0.1:5000/a:1",
    "[::1]:5000/a:1": "[::1]:5000/a:1",
    "hello:1": "docker.io/library/hello:1",
    "acme/hello": "docker.io/acme/hello:latest",
    "index.docker.io/hello:1": "docker.io/library/hello:1",
    "a.b/x__y.z---w:_1.-": "a.b/x__y.z---w:_1.-",
  };
  for (const [text, normal] of Object.entries(forms)) assert.equal(parseReference(text).text, normal);
  const { registry, repository, tag, digest } = parseReference(`oci://r.io:1/a/b:c@sha256:${hex}`) as unknown as Record<string, string>;
  assert.deepEqual([registry, repository, tag, digest], ["r.io:1", "a/b", "c", `sha256:${hex}`]);
  assert.equal(parseReference(parseReference("Hello").text).text, "docker.io/library/hello:latest");
});

test("URLs and files have one, too", () => {
  assert.deepEqual(["https://Example.com/a/../b.wasm#c", "http://h:80/"].map((text) => parseReference(text).text), ["https://example.com/b.wasm", "http://h/"]);
  assert.deepEqual(["file:///a/../b.wasm", "/a/b.wasm"].map((text) => [parseReference(text).kind, parseReference(text).text]), [
    ["file", "file:///b.wasm"], ["file", "/a/b.wasm"],
  ]);
});

test("nonsense is refused, and what may be a password is not repeated", () => {
  const nonsense = [
    "", " ", "ghcr.io/a:1 ", "ghcr.io/a b:1", "ghcr.io/a\n:1", "ghcr.io/", "ghcr.io//a:1", "ghcr.io/a/:1", "ghcr.io/a:", "ghcr.io/a::1", "ghcr.io/a:1:2",
    "ghcr.io/../a:1", "ghcr.io/./a", "ghcr.io/a/../../v2/b:1", "ghcr.io/a%2f..:1", "ghcr.io/a?b:1", "ghcr.io/a#b:1", "ghcr.io/a\\b:1", "ghcr.io/-a:1", "ghcr.io/a_:1",
    "ghcr.io/a___b:1", "ghcr.io/a..b:1", "ghcr.io/a:-1", `ghcr.io/a:${"1".repeat(129)}`, `ghcr.io/${"a".repeat(256)}:1`, "a".repeat(5000),
    "ghcr.io/a@", "ghcr.io/a@sha256:", `ghcr.io/a@sha256:${hex}0`, `ghcr.io/a@sha512:${hex}${hex}`, `ghcr.io/a@md5:${hex}`, `ghcr.io/a@sha256:${hex}@sha256:${hex}`,
    "-ghcr.io/a:1", "ghcr.io-/a:1", "ghcr..io/a:1", ".ghcr.io/a:1", "ghcr.io:/a:1", "ghcr.io:0/a:1", "ghcr.io:65536/a:1", "ghcr.io:99999999999/a:1", "ghcr.io:x/a:1",
    "[::1/a:1", "[zz]/a:1", "[:91]:80/a:1", "[0:0::1]/a:1", "127.1/a:1", "0x7f.0.0.1:5000/a:1", "999.1.1.1/a:1", "xn--.io/a:1", "\u212Aghcr.io/a:1", "ghcr.io/\u212A:1", "ghcr\u2024io/a:1", "ghcr.io/\u0430:1", "ghcr.io/a\0:1",
    "oci://", "oci:///a:1", "oci://https://ghcr.io/a:1", "ftp://h/a", "wasmcloud+builtin://http-client", "javascript://a/b", "data://x/y",
    "http://", "https://[", "file://host/a", "file:///a?b", "file:///a%00b", "/a\0b",
  ];
  for (const text of nonsense) {
    assert.throws(() => parseReference(text), InvalidArgumentError, JSON.stringify(text));
  }
  for (const text of ["https://user:s3cret@h/a.wasm", "oci://user:s3cret@ghcr.io/a:1", "user:s3cret@ghcr.io/a:1"]) {
    assert.throws(() => parseReference(text), (error) => error instanceof InvalidArgumentError && !error.message.includes("s3cret"));
  }
});

test("a hostile reference is read to its end", { timeout: 10_000 }, () => {
  const tails = ["a".repeat(4000), "a-".repeat(2000), "a.".repeat(2000), "__".repeat(2000), "/a".repeat(2000), "@".repeat(4000), ":".repeat(4000), "[".repeat(4000)];
  for (const tail of tails) {
    for (const text of [tail, `h.io/${tail}`, `h.io/${tail}!`, `oci://${tail}:1`]) {
      assert.equal(typeof isInRegistry(text), "boolean");
      try {
        parseReference(text);
      } catch (error) {
        assert.ok(error instanceof InvalidArgumentError);
      }
    }
  }
});

test("programs name registries as such: by oci://, or by host, name and version", () => {
  const inRegistry = ["oci://a", "OCI://ghcr.io/a", "ghcr.io/a:1", "localhost/a:1", "localhost:5000/a/b:1", "registry:5000/a:1", "[::1]:5000/a:1", `ghcr.io/a@sha256:${hex}`, "127.0.0.1:5000/a:1"];
  const elsewhere = ["a.wasm", "./a.wasm", "../a.b/c.wasm", "dist/a.wasm", "my.dir/a.wasm", "ghcr.io/a", "/a.b/c:1", "C:/a.b/c", "https://ghcr.io/a:1", "file:///a.b/c:1", "a:1", "data:,a", "blob:http://h/x"];
  for (const text of inRegistry) assert.ok(isInRegistry(text), text);
  for (const text of elsewhere) assert.ok(!isInRegistry(text), text);
});
