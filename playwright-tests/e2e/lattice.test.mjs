// A page and a program in Node as hosts of one lattice, over a real NATS server.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { createHost } from "trellis-host";
import { natsBus } from "trellis-host/nats";

import { rootContext } from "../../npm/dist/engine/context.js";
import { readAll, sourceOf } from "../../npm/dist/engine/source.js";
import { bodyChannel, encodeRequest } from "../../npm/dist/http/message.js";
import { BusCalls } from "../../npm/dist/lattice/calls.js";
import { loadMember } from "../../npm/dist/load/member-node.js";
import { startNatsServer } from "../../scripts/lib/nats-server.mjs";
import { inside } from "../../scripts/lib/paths.mjs";
import { serve } from "../../scripts/lib/serve.mjs";
import { launch } from "../driver/browsers.mjs";

const lattice = "shared";
const samples = ["http-hello", "http-echo"];
const deadline = 10_000;

describe("a page and a program in one lattice", () => {
  let nats, site, browser, page, host, bus, calls;

  before(async () => {
    nats = await startNatsServer();
    const folders = { "/npm/": inside("npm"), "/run/": inside("playwright-tests/dist"), "/files/": inside("examples/dist") };
    site = await serve(folders, { connect: [nats.webSocketUrl] });
    browser = await launch("chromium");
    host = await createHost({ lattice, nats: { servers: nats.url } });
    for (const id of samples) await host.startComponent({ id, source: inside(`examples/dist/${id}.wasm`) });
    bus = await natsBus({ servers: nats.url });
    calls = new BusCalls(await loadMember(undefined), bus, lattice);
    page = await browser.newPage();
    // Any document of that origin will do.
    await page.goto(`${site.origin}/npm/package.json`);
    await page.evaluate(join, { lattice, samples, servers: nats.webSocketUrl });
  });

  after(async () => {
    calls.close();
    await host.stop();
    await bus.close();
    await browser.close();
    await site.close();
    await nats.stop();
  });

  /** The calls that the two hosts have taken of a component. */
  const shares = async (id) => [host.metrics().components[id].calls, await page.evaluate((id) => globalThis.host.metrics().components[id].calls, id)];

  const post = (target, path, body, signal) => {
    const request = encodeRequest({ method: "POST", url: new URL(path, "http://localhost"), headers: new Headers(), body });
    const route = { target, source: "tester", link: "default" };
    return calls.call(route, { instance: "wrpc:http/incoming-handler@0.1.0", func: "handle", ...request }, rootContext(deadline, signal));
  };
  const textOf = async ({ channels }) => Buffer.from(await readAll(sourceOf(bodyChannel(channels)))).toString();

  /** Resolves when the server knows that a host is gone. */
  const gone = async (id) => {
    const ask = () => bus.request(`wasmbus.ctl.v1.${lattice}.host.get.${id}`, new Uint8Array(0), { timeout: 100 });
    while ((await ask().catch(({ code }) => code)) !== "not-found");
  };

  test("what one writes the other reads", async () => {
    await page.evaluate(() => globalThis.host.config.put("shop", { limit: "9" }));
    while ((await host.config.get("shop"))?.limit !== "9");
    await host.config.delete("shop");
    while (await page.evaluate(async () => (await globalThis.host.config.get("shop")) !== undefined));
  });

  test("both take their share of the calls", async () => {
    const texts = await Promise.all(Array.from({ length: 200 }, async () => textOf(await post("http-hello", "/"))));
    assert.ok(texts.every((text) => text === "Hello from Trellis!\n"));
    const taken = await shares("http-hello");
    assert.equal(taken[0] + taken[1], texts.length);
    assert.ok(Math.min(...taken) > texts.length / 5, String(taken));
  });

  test("a page that dies takes along only its own calls", async () => {
    const bodies = Promise.withResolvers();
    const giveUps = Array.from({ length: 40 }, () => new AbortController());
    // Answered, but for bodies that have not come to their end.
    const outcomes = await Promise.all(giveUps.map(({ signal }) => post("http-echo", "/echo", halves(bodies.promise), signal)));
    const [kept, lost] = await shares("http-echo");
    assert.ok(kept > 0 && lost > 0, String([kept, lost]));
    const id = await page.evaluate(() => globalThis.host.id);
    await page.goto("chrome://crash").catch(() => undefined);
    await gone(id);
    for (let call = 0; call < 20; call++) assert.equal(await textOf(await post("http-hello", "/")), "Hello from Trellis!\n");
    let ended = 0;
    const kinds = outcomes.map((outcome) => textOf(outcome).finally(() => ended++).catch(({ code }) => code));
    bodies.resolve();
    while (ended < kept) await new Promise((resolve) => setTimeout(resolve, 5));
    giveUps.forEach((giveUp) => giveUp.abort());
    const all = await Promise.all(kinds);
    assert.deepEqual(["begin end", "aborted"].map((kind) => all.filter((each) => each === kind).length), [kept, lost]);
  });
});

/** In the page: a host of the lattice. */
async function join({ lattice, samples, servers }) {
  const [{ createHost }, { natsBus }] = await Promise.all([import("/npm/dist/browser.js"), import("/run/nats.js")]);
  globalThis.host = await createHost({ lattice, bus: await natsBus({ servers }) });
  for (const id of samples) await globalThis.host.startComponent({ id, source: `/files/${id}.wasm` });
}

/** A body whose second half comes when `go` says so. */
function halves(go) {
  return new ReadableStream({
    async start(controller) {
      controller.enqueue(Buffer.from("begin "));
      await go;
      controller.enqueue(Buffer.from("end"));
      controller.close();
    },
  });
}
