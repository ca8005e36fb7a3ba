/** Calls over a bus whose connection breaks meanwhile, on either side: who waits hears of it at once, and nothing goes missing in silence. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { natsBus, type NatsBus } from "trellis-host/nats";

import { startNatsServer } from "../../scripts/lib/nats-server.mjs";
import { rootContext } from "../src/engine/context.js";
import type { Invocation, Outcome } from "../src/engine/invocation.js";
import { readAll, sourceOf } from "../src/engine/source.js";
import { bodyChannel, encodeRequest, encodeResponse } from "../src/http/message.js";
import { BusCalls } from "../src/lattice/calls.js";
import type { Service } from "../src/lattice/service.js";
import { loadMember } from "../src/load/member-node.js";
import { deferred, until } from "./support/hosts.js";
import { freshLattice } from "./support/lattice.js";
import { noUnhandledRejections } from "./support/leftovers.js";
import { quick } from "./support/members.js";
import { Proxy } from "./support/proxy.js";

noUnhandledRejections();

const HANDLER = "wrpc:http/incoming-handler@0.1.0";
const lost = { code: "connection", fault: "lost" };
/** Longer than a test may take. */
const DEADLINE = 120_000;

/** One end: its connection goes through a proxy of its own. */
interface End {
  bus: NatsBus;
  calls: BusCalls;
  /** Breaks the connection and keeps it away. */
  lose: () => Promise<void>;
  /** Lets it be made again. */
  regain: () => Promise<void>;
}

/** Declares a test with a caller and a callee, which serves what `serve` is given. Afterwards nothing is left on either side. */
function lossTest(name: string, body: (caller: End, callee: End, serve: (invoke: Service["invoke"]) => Promise<void>) => Promise<void>): void {
  test(name, { timeout: 60_000 }, async () => {
    const server = await startNatsServer();
    const module = await loadMember("npm/pkg/trellis_member_bg.wasm");
    const lattice = freshLattice();
    const proxies = await Promise.all([Proxy.start(server.port), Proxy.start(server.port)]);
    const ends = await Promise.all(proxies.map(async (proxy): Promise<End> => {
      const bus = await natsBus({ ...quick, servers: `nats://127.0.0.1:${proxy.port}` });
      const change = (event: "online" | "offline"): Promise<void> => new Promise((resolve) => {
        const stop = bus.onConnection({ online: () => undefined, offline: () => undefined, [event]: () => (stop(), resolve()) });
      });
      return {
        bus, calls: new BusCalls(module, bus, lattice),
        lose: async () => {
          const away = change("offline");
          proxy.mode = "refuse";
          proxy.cut();
          await away;
        },
        regain: async () => {
          const back = change("online");
          proxy.mode = "pass";
          await back;
          await bus.flush();
        },
      };
    }));
    const [caller, callee] = ends as [End, End];
    try {
      await body(caller, callee, async (invoke) => {
        callee.calls.serve("it", { functions: [[HANDLER, "handle"]], deadline: DEADLINE, invoke });
        await callee.bus.flush();
      });
      await until(() => caller.calls.size === 0 && callee.calls.size === 0);
    } finally {
      for (const { calls, bus } of ends) {
        calls.close();
        await bus.close();
      }
      for (const proxy of proxies) await proxy.stop();
      await server.stop();
    }
  });
}

function post(body: ReadableStream<Uint8Array> | undefined): Invocation {
  return { instance: HANDLER, func: "handle", ...encodeRequest({ method: "POST", url: new URL("http://localhost/"), headers: new Headers(), body }) };
}

function call({ calls }: End, body?: ReadableStream<Uint8Array>): Promise<Outcome> {
  return calls.call({ target: "it", source: "tester", link: "default" }, post(body), rootContext(DEADLINE, undefined));
}

const bodyOf = ({ channels }: Pick<Outcome, "channels">): Promise<Uint8Array> => readAll(sourceOf(bodyChannel(channels) ?? new Uint8Array()));

/** A body that begins, and goes on when it is to end. */
function bodyUntil(end: Promise<void>): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start: (controller) => controller.enqueue(new Uint8Array(1000)),
    pull: (controller) => end.then(() => controller.close()),
  });
}

const ok = (body: Uint8Array | ReadableStream<Uint8Array> = Uint8Array.of(65)): ReturnType<typeof encodeResponse> => encodeResponse(200, new Headers(), body);

lossTest("a call without an answer fails when its caller's connection is lost, and the next is answered", async (caller, _, serve) => {
  const [begun, end] = [deferred(), deferred()];
  await serve(async ({ channels }) => {
    channels.forEach(({ body }) => sourceOf(body).cancel());
    begun.resolve();
    await end.promise;
    return ok();
  });
  const failed = assert.rejects(call(caller), lost);
  await begun.promise;
  await caller.lose();
  await failed;
  // It waits for the connection.
  const next = call(caller);
  end.resolve();
  await caller.regain();
  assert.deepEqual(await bodyOf(await next), Uint8Array.of(65));
});

lossTest("where the connection ends for good, all hear of it at once", async (caller, callee, serve) => {
  const [begun, told] = [deferred(), deferred()];
  await serve((_, { signal }) => {
    signal.addEventListener("abort", () => told.resolve());
    begun.resolve();
    return new Promise(() => undefined);
  });
  const failed = assert.rejects(call(caller), lost);
  await begun.promise;
  await Promise.all([caller.bus.close(), callee.bus.close()]);
  await Promise.all([failed, told.promise]);
  await assert.rejects(call(caller), { code: "stopped" });
});

lossTest("an answer's body that may have a gap fails", async (caller, _, serve) => {
  const end = deferred();
  await serve(async ({ channels }) => {
    channels.forEach(({ body }) => sourceOf(body).cancel());
    return ok(bodyUntil(end.promise));
  });
  const failed = assert.rejects(bodyOf(await call(caller)), lost);
  await caller.lose();
  await failed;
  end.resolve();
  await caller.regain();
});

lossTest("where the callee's connection is lost, a body that may have a gap ends its call", async (caller, callee, serve) => {
  const [begun, told, end] = [deferred(), deferred(), deferred()];
  await serve(async ({ channels }) => {
    begun.resolve();
    await bodyOf({ channels: channels as Outcome["channels"] }).catch(() => told.resolve());
    return ok();
  });
  const failed = assert.rejects(call(caller, bodyUntil(end.promise)), { code: "decode" });
  await begun.promise;
  await callee.lose();
  await told.promise;
  await callee.regain();
  await failed;
  end.resolve();
});

lossTest("where the callee's connection is lost, the body of its answer is broken off", async (caller, callee, serve) => {
  const end = deferred();
  await serve(async ({ channels }) => {
    channels.forEach(({ body }) => sourceOf(body).cancel());
    return ok(bodyUntil(end.promise));
  });
  const failed = assert.rejects(bodyOf(await call(caller)));
  await callee.lose();
  await callee.regain();
  await failed;
  end.resolve();
});

lossTest("a call that has come whole is answered when the callee's connection is back", async (caller, callee, serve) => {
  const [begun, end] = [deferred(), deferred()];
  await serve(async ({ channels }) => {
    channels.forEach(({ body }) => sourceOf(body).cancel());
    begun.resolve();
    await end.promise;
    return ok();
  });
  const answer = call(caller);
  await begun.promise;
  await callee.lose();
  end.resolve();
  await callee.regain();
  assert.deepEqual(await bodyOf(await answer), Uint8Array.of(65));
});
