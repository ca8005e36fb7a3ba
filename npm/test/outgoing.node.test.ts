/** Requests that guests make, against a server on this machine: allowed origins, streaming, and what can go wrong. */

import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";

import { AbortedError, createHost, type Host, InvalidArgumentError, type Isolation } from "trellis-host";

import { Reader } from "../src/codec/reader.js";
import { encodeRequest } from "../src/http/message.js";
import { errorCode } from "../src/http/types.js";
import { type AllowedOrigins, httpClient } from "../src/providers/http-client.js";
import { hostWith, inBoth } from "./support/hosts.js";

const MiB = 1024 * 1024;
const seen: IncomingMessage[] = [];
let gone: Promise<void>;
const server = createServer((request, response) => {
  seen.push(request);
  gone = new Promise((resolve) => response.on("close", resolve));
  answer(request.url ?? "/", response);
});
let origin: string;

before(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => (server.closeAllConnections(), server.close()));

function answer(path: string, response: ServerResponse): void {
  switch (path) {
    case "/hello?q=a%20b": return void response.setHeader("content-type", "text/x").end("hello");
    case "/moved": return void response.writeHead(302, { location: "http://elsewhere.example/" }).end("over there");
    case "/empty": return void response.writeHead(204).end();
    case "/large": return send(response, 64);
    case "/endless": return send(response, Infinity);
    case "/broken": return void response.write("half", () => response.destroy());
    default: return void response.writeHead(404).end("no such page");
  }
}

/** Sends so many MiB, no faster than they are read. */
function send(response: ServerResponse, left: number): void {
  if (left === 0) return void response.end();
  if (response.write(Buffer.alloc(MiB))) setImmediate(() => send(response, left - 1));
  else response.once("drain", () => send(response, left - 1));
}

function started(isolation: Isolation, allow: readonly string[] | true): Promise<Host> {
  return linked(hostWith(["http-echo"], { isolation, http: { allow } }));
}

async function linked(made: Promise<Host>): Promise<Host> {
  const host = await made;
  await host.link({ source: "http-echo", target: "http-client", interface: "wasi:http/outgoing-handler" });
  return host;
}

/** Has the guest ask for a page. */
function relay(host: Host, url: string, init: RequestInit = {}): Promise<Response> {
  return host.fetch("http-echo", `/fetch?url=${encodeURIComponent(url)}`, init);
}

inBoth("a guest gets pages of an origin that is allowed", "waiting", async (isolation) => {
  await using host = await started(isolation, [origin]);
  const hello = await relay(host, `${origin}/hello?q=a%20b`);
  assert.deepEqual([hello.status, hello.headers.get("content-type"), await hello.text()], [200, "text/x", "hello"]);
  assert.equal(seen.at(-1)?.headers.host, new URL(origin).host);
  const missing = await relay(host, `${origin}/nowhere`);
  assert.deepEqual([missing.status, await missing.text()], [404, "no such page"]);
  const empty = await relay(host, `${origin}/empty`);
  assert.deepEqual([empty.status, empty.body], [204, null]);
});

inBoth("a redirect is given to the guest, not followed", "waiting", async (isolation) => {
  await using host = await started(isolation, [origin]);
  const moved = await relay(host, `${origin}/moved`);
  assert.deepEqual([moved.status, await moved.text()], [302, "over there"]);
});

inBoth("an origin that is not allowed is denied before anything is sent", "waiting", async (isolation) => {
  const before = seen.length;
  for (const allow of [[], ["http://127.0.0.1:1"], ["https://127.0.0.1"], [origin.replace("127.0.0.1", "localhost")]]) {
    await using host = await started(isolation, allow);
    const denied = await relay(host, `${origin}/hello`);
    assert.equal(denied.status, 502);
    assert.match(await denied.text(), /did not answer.*HTTP-?request-?denied/i);
  }
  assert.equal(seen.length, before);
});

test("nothing but http and https is fetched, whatever is allowed", async () => {
  const addresses = [import.meta.url, "file:///", "data:text/plain,hi", "data://text/plain,hi", `blob:${origin}/0`, "about:blank"];
  for (const allow of [true, [], [origin]] as const) {
    for (const address of addresses) assert.deepEqual(await asked(allow, new URL(address)), { tag: "HTTP-request-URI-invalid" }, address);
  }
});

test("what is allowed has to be origins, or true", async () => {
  const wrong: unknown[] = [
    // They would allow more than they say.
    ["http://example.com/path"], ["http://example.com/?q"], ["http://example.com/#a"], ["http://a@example.com"],
    ["localhost:8080"], ["file:///"], ["data:,"], ["null"], ["*"], ["example.com"], [""], [origin, 5], "http://example.com", false, {},
  ];
  for (const allow of wrong) {
    const named = (error: unknown): boolean => error instanceof InvalidArgumentError && error.message.startsWith("http.allow: ");
    await assert.rejects(createHost({ http: { allow: allow as AllowedOrigins } }), named, JSON.stringify(allow));
  }
});

test("a request that leads out of its authority is judged by where it leads", async () => {
  const before = seen.length;
  const url = Object.defineProperty(new URL("http://allowed.example"), "pathname", { value: `@${new URL(origin).host}/` });
  assert.deepEqual(await asked(["http://allowed.example"], url), { tag: "HTTP-request-denied" });
  assert.equal(seen.length, before);
});

test("no credentials go along, and a redirect that cannot be seen is an error, not followed", async (context) => {
  const inits: (RequestInit | undefined)[] = [];
  context.mock.method(globalThis, "fetch", async (_: unknown, init?: RequestInit) => {
    inits.push(init);
    return { type: "opaqueredirect" };
  });
  const answer = await asked([origin], new URL(origin));
  assert.deepEqual(answer, { tag: "internal-error", val: "this platform does not let redirects be seen" });
  assert.deepEqual(inits.map((init) => [init?.credentials, init?.redirect]), [["omit", "manual"]]);
});

/** The error code that a request of a guest is answered with. */
async function asked(allow: AllowedOrigins, url: URL): Promise<unknown> {
  const { params, channels } = encodeRequest({ method: "GET", url, headers: [], body: undefined });
  const call = { instance: "wrpc:http/outgoing-handler@0.1.0", func: "handle", params, channels };
  const { results } = await httpClient(allow).call(call, { source: "a", link: "default", config: {}, signal: undefined });
  const reader = new Reader(results);
  return reader.bool() ? errorCode.read(reader) : "a response";
}

inBoth("without a link there is no way out, and the guest is told why", "waiting", async (isolation) => {
  await using host = await hostWith(["http-echo"], { isolation, http: { allow: true } });
  const denied = await relay(host, `${origin}/hello`);
  assert.equal(denied.status, 502);
  assert.match(await denied.text(), /no link leads from there: link http-echo to a target for wasi:http\/outgoing-handler/);
});

inBoth("a server that is not there is an error in the guest's answer", "waiting", async (isolation) => {
  await using host = await started(isolation, true);
  const refused = await relay(host, "http://127.0.0.1:1/");
  assert.equal(refused.status, 502);
  assert.match(await refused.text(), /did not answer/);
});

inBoth("a large page streams through", "waiting", async (isolation) => {
  await using host = await started(isolation, [origin]);
  const response = await relay(host, `${origin}/large`);
  let total = 0;
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) total += chunk.length;
  assert.equal(total, 64 * MiB);
});

inBoth("a page that breaks off breaks off the answer", "waiting", async (isolation) => {
  await using host = await started(isolation, [origin]);
  const response = await relay(host, `${origin}/broken`);
  await assert.rejects(response.text(), { code: "guest-error" });
});

inBoth("a request that is given up gives up the request made for it", "waiting", async (isolation) => {
  await using host = await started(isolation, [origin]);
  const controller = new AbortController();
  const response = await relay(host, `${origin}/endless`, { signal: controller.signal });
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  await reader.read();
  controller.abort();
  await assert.rejects(async () => { while (!(await reader.read()).done); }, AbortedError);
  await gone;
  const left = await relay(host, `${origin}/endless`);
  await left.body?.cancel();
  await gone;
});
