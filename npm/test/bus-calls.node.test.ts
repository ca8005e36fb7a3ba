/** Calls by wRPC between two carriers on one real server, in both roles: streams, failures, ends. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { type Bus, createHost } from "trellis-host";
import { natsBus } from "trellis-host/nats";

import { rootContext } from "../src/engine/context.js";
import type { Invocation } from "../src/engine/invocation.js";
import { readAll, sourceOf } from "../src/engine/source.js";
import { AbortedError, NotFoundError, TimeoutError } from "../src/errors.js";
import { Writer } from "../src/codec/writer.js";
import { encodeRequest, encodeResponse, bodyChannel } from "../src/http/message.js";
import { BusCalls } from "../src/lattice/calls.js";
import type { Service } from "../src/lattice/service.js";
import { loadMember } from "../src/load/member-node.js";
import { deferred, start, until } from "./support/hosts.js";
import { freshLattice } from "./support/lattice.js";
import { natsServer } from "./support/nats.js";

const HANDLER = "wrpc:http/incoming-handler@0.1.0";
const route = { target: "echo", source: "tester", link: "default" };
const lattice = freshLattice();
let buses: Bus[];
let caller: BusCalls;
let callee: BusCalls;

/** Serves `echo` during some work; then nothing is left on either side. */
async function serving<T>(invoke: Service["invoke"], work: () => Promise<T>, deadline = 5000): Promise<T> {
  const close = callee.serve("echo", { functions: [[HANDLER, "handle"], ["a:b/c@1.0.0", "f"]], deadline, invoke });
  await buses[1]?.flush();
  try {
    return await work();
  } finally {
    await close();
    await until(() => caller.size === 0 && callee.size === 0);
  }
}

function post(body: Uint8Array | ReadableStream<Uint8Array> | undefined, path = "/"): Invocation {
  const request = { method: "POST", url: new URL(path, "http://localhost"), headers: new Headers(), body };
  return { instance: HANDLER, func: "handle", ...encodeRequest(request) };
}

function encoded(number: number): Uint8Array<ArrayBuffer> {
  const writer = new Writer();
  writer.unsigned(number);
  return writer.finish();
}

const echo: Service["invoke"] = async ({ channels }) => encodeResponse(200, new Headers(), bodyChannel(channels) ?? new Uint8Array());

describe("calls over a bus", () => {
  const server = natsServer();

  before(async () => {
    const module = await loadMember("npm/pkg/trellis_member_bg.wasm");
    buses = await Promise.all([1, 2].map(() => natsBus({ servers: server.tcp() })));
    [caller, callee] = buses.map((bus) => new BusCalls(module, bus, lattice)) as [BusCalls, BusCalls];
  });
  after(async () => {
    caller.close();
    callee.close();
    await Promise.all(buses.map((bus) => bus.close()));
  });

  test("bodies stream in both directions, whole and in order", async () => {
    const chunk = Uint8Array.from({ length: 50_000 }, (_, index) => index % 251);
    await serving(echo, async () => {
      let sent = 0;
      const body = new ReadableStream<Uint8Array>({
        pull: (controller) => (sent++ < 100 ? controller.enqueue(chunk) : controller.close()),
      }, { highWaterMark: 0 });
      const { channels } = await caller.call(route, post(body), rootContext(5000, undefined));
      const received = await readAll(sourceOf(bodyChannel(channels) ?? new Uint8Array()));
      assert.equal(received.length, 5_000_000);
      assert.ok(received.every((byte, index) => byte === (index % 50_000) % 251));
    });
  });

  test("many small calls at once", async () => {
    const seen = new Set<string>();
    await serving(async ({ params, channels }, { source, link }) => {
      seen.add(`${source} ${link}`);
      channels.forEach(({ body }) => sourceOf(body).cancel());
      return { results: params };
    }, async () => {
      const numbers = Array.from({ length: 200 }, (_, index) => index);
      const answers = await Promise.all(numbers.map(async (number) => {
        const params = encoded(number);
        return (await caller.call(route, { instance: "a:b/c@1.0.0", func: "f", params, channels: [] }, rootContext(5000, undefined))).results;
      }));
      assert.deepEqual(answers.map((each) => [...each]), numbers.map((number) => [...encoded(number)]));
    });
    assert.deepEqual([...seen], ["tester default"]);
  });

  test("a guest on another host streams, too", async () => {
    const chunk = Uint8Array.from({ length: 50_000 }, (_, index) => index % 251);
    await using bus = await natsBus({ servers: server.tcp() });
    const host = await createHost({ lattice, bus });
    await start(host, "http-echo");
    // The caller has another connection, and would be faster at times.
    await bus.flush();
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => (sent++ < 40 ? controller.enqueue(chunk) : controller.close()),
    }, { highWaterMark: 0 });
    const { channels } = await caller.call({ ...route, target: "http-echo" }, post(body, "/echo"), rootContext(5000, undefined));
    const received = await readAll(sourceOf(bodyChannel(channels) ?? new Uint8Array()));
    assert.equal(received.length, 2_000_000);
    assert.ok(received.every((byte, index) => byte === (index % 50_000) % 251));
    await until(() => caller.size === 0 && host.metrics().streams.open === 0);
    await host.stop();
  });

  test("who is not there is not found", async () => {
    await assert.rejects(caller.call({ ...route, target: "nobody" }, post(undefined), rootContext(5000, undefined)), NotFoundError);
    assert.equal(caller.size, 0);
  });

  test("a callee that fails closes its answer", async () => {
    await serving(async () => Promise.reject(new Error("no")), async () => {
      await assert.rejects(caller.call(route, post(undefined), rootContext(5000, undefined)), { code: "decode" });
    });
  });

  /** Makes a call by hand, and gives what comes of it in its order: the last tokens of subjects, for the handshake `taken`. */
  const taken = (instance: string, func: string, params: Uint8Array): { heard: string[]; close: () => void } => {
    const [bus] = buses;
    assert.ok(bus);
    const inbox = `_INBOX.hand.${func}`;
    const heard: string[] = [];
    const results = bus.subscribe(`${inbox}.>`, { callback: ({ subject }) => void heard.push(subject.slice(inbox.length + 1)) });
    const handshake = bus.subscribe(inbox, {
      callback: ({ reply }) => {
        heard.push("taken");
        bus.publish(`${reply ?? ""}.params`, new Uint8Array());
      },
    });
    bus.publish(`${lattice}.echo.wrpc.0.0.1.${instance}.${func}`, params, { reply: inbox });
    return { heard, close: () => (results.close(), handshake.close()) };
  };

  test("a caller hears that its call is taken before it hears an answer", async () => {
    await serving(async ({ channels }) => {
      channels.forEach(({ body }) => sourceOf(body).cancel());
      return { results: Uint8Array.of(1, 0) };
    }, async () => {
      const { heard, close } = taken(HANDLER, "handle", post(undefined).params);
      await until(() => heard.length === 3);
      assert.deepEqual(heard, ["taken", "results", "results"]);
      close();
    });
  });

  test("it hears of that when more is wanted of it, and soon although nothing is", async () => {
    for (const wanted of [true, false]) {
      const end = deferred();
      await serving(async ({ channels }) => {
        const bodies = channels.map(({ body }) => sourceOf(body));
        const read = wanted ? bodies.map((body) => body.read()) : [];
        await end.promise;
        bodies.forEach((body) => body.cancel());
        await Promise.all(read);
        return { results: Uint8Array.of(1, 0) };
      }, async () => {
        const { heard, close } = taken(HANDLER, "handle", post(new ReadableStream()).params);
        await until(() => heard.length > 0);
        assert.deepEqual(heard, ["taken"]);
        end.resolve();
        await until(() => heard.length === 3);
        close();
      });
    }
  });

  test("a call that is late is over on both sides, and its guest is told", async () => {
    const told = deferred();
    await serving((_, { signal }) => {
      signal.addEventListener("abort", () => told.resolve());
      return new Promise(() => undefined);
    }, async () => {
      await assert.rejects(caller.call(route, post(undefined), rootContext(200, undefined)), TimeoutError);
      await told.promise;
    }, 500);
  });

  test("a call that is given up rejects at once, and its body is cancelled", async () => {
    const [cancelled, begun] = [deferred(), deferred()];
    const body = new ReadableStream<Uint8Array>({ cancel: () => cancelled.resolve() });
    await serving(async () => {
      begun.resolve();
      return encodeResponse(200, new Headers(), new Uint8Array());
    }, async () => {
      const giveUp = new AbortController();
      void begun.promise.then(() => giveUp.abort());
      const call = caller.call({ ...route, target: "echo" }, post(body), rootContext(5000, giveUp.signal));
      await Promise.allSettled([call]);
      giveUp.abort();
      await cancelled.promise;
    }, 500);
    await assert.rejects(caller.call(route, post(undefined), rootContext(5000, AbortSignal.abort())).then(), AbortedError);
  });
});
