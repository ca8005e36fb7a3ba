/** The parts of pulling that need no registry: challenges, and where redirects may lead. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { parseChallenges } from "../src/artifacts/challenge.js";
import { Transport } from "../src/artifacts/transport.js";
import { LoadError } from "../src/errors.js";

test("challenges are read as they are written, and hostile ones to their end", () => {
  const read = (header: string): unknown => parseChallenges(header).map(({ scheme, params }) => [scheme, Object.fromEntries(params)]);
  assert.deepEqual(read('Bearer realm="https://a/t",service="x, y",scope="r:a\\"b:pull"'), [["bearer", { realm: "https://a/t", service: "x, y", scope: 'r:a"b:pull' }]]);
  assert.deepEqual(read('Basic realm="a", BEARER Realm=b , service="c"'), [["basic", { realm: "a" }], ["bearer", { realm: "b", service: "c" }]]);
  assert.deepEqual(read("Negotiate"), [["negotiate", {}]]);
  assert.deepEqual(read("Negotiate, Basic realm=x"), [["negotiate", {}], ["basic", { realm: "x" }]]);
  assert.deepEqual([read(""), read('="'), read(',,,'), read("a".repeat(9000))], [[], [], [], []]);
  for (const header of ['Bearer realm="', 'Bearer realm="\\', "Bearer =", '"', ",".repeat(8000), "a ".repeat(4000), "a=".repeat(4000), 'a="\\'.repeat(2000)]) {
    assert.ok(Array.isArray(read(header)));
  }
});

/** Answers requests in the place of `fetch`, while `body` runs; gives the URLs and what they were authorized by. */
async function answering(answers: readonly Response[], body: (transport: Transport) => Promise<unknown>): Promise<unknown[]> {
  const { fetch } = globalThis;
  const asked: unknown[] = [];
  globalThis.fetch = async (input, init) => {
    asked.push([new Request(input).url, new Headers(init?.headers).get("authorization")]);
    return answers[asked.length - 1] ?? new Response("ok");
  };
  try {
    await body(new Transport({ timeout: 1000, retries: 0, browser: false, isInsecure: (host) => host === "plain.example" }));
  } finally {
    globalThis.fetch = fetch;
  }
  return asked;
}

const moved = (location: string): Response => new Response(null, { status: 307, headers: { location } });
const get = (transport: Transport): Promise<string> =>
  transport.get({ url: new URL("https://a.example/x"), what: "x", headers: { authorization: "Basic s3cret" }, signal: undefined }, (response) => response.text());

test("what authorizes goes to its own origin, and does not come back", async () => {
  const asked = await answering([moved("/y"), moved("https://a.example:8443/z"), moved("https://a.example/x")], get);
  assert.deepEqual(asked, [
    ["https://a.example/x", "Basic s3cret"], ["https://a.example/y", "Basic s3cret"], ["https://a.example:8443/z", null], ["https://a.example/x", null],
  ]);
});

test("nothing is taken from TLS to where there is none, unless that host may", async () => {
  const forbidden = (error: unknown): boolean => error instanceof LoadError && error.reason === "forbidden";
  const asked = await answering([moved("http://a.example/x")], (transport) => assert.rejects(get(transport), forbidden));
  assert.equal(asked.length, 1);
  assert.deepEqual((await answering([moved("http://plain.example/x")], get))[1], ["http://plain.example/x", null]);
  for (const target of ["https://u:p@b.example/", "file:///etc/passwd", "data:,x", "//["]) {
    const invalid = (error: unknown): boolean => error instanceof LoadError && error.reason === "invalid";
    assert.equal((await answering([moved(target)], (transport) => assert.rejects(get(transport), invalid))).length, 1);
  }
});
