/** Callers that vanish in the middle of their calls cost a host nothing beyond the deadlines of these calls. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { natsBus } from "trellis-host/nats";

import { startNatsServer } from "../../scripts/lib/nats-server.mjs";
import { until } from "./support/hosts.js";
import { noUnhandledRejections } from "./support/leftovers.js";
import { Caller, Lattice, textOf } from "./support/members.js";

noUnhandledRejections();

const vanishing = 100;

/** How many calls can be at work at a time. */
const places = 8;

test("a hundred callers vanish under load: every place is free again, and every command was answered", { timeout: 60_000 }, async () => {
  const server = await startNatsServer();
  const lattice = await Lattice.on(server);
  const { host } = await lattice.join();
  const source = "examples/dist/http-echo.wasm";
  await host.startComponent({ id: "victim", source, deadline: 400, maxInstances: places });
  try {
    const traffic = { on: true };
    let [calls, commands] = [0, 0];
    const load = [1, 2, 3].map(async () => {
      for (; traffic.on; calls += 1) assert.match(await lattice.caller.ask("http-hello"), /Hello/);
    });
    const asking = (async () => {
      for (; traffic.on; commands += 1) assert.equal((await lattice.client.ask(`host.get.${host.id}`)).success, true);
    })();
    const victims = (): number => host.metrics().components["victim"]?.calls ?? 0;
    for (let vanished = 0; vanished < vanishing; ) {
      const bus = await natsBus({ servers: server.url });
      const caller = await Caller.on(bus, lattice.name);
      // Some while their guests wait for more, some while they wait for their turn.
      const open = Array.from({ length: 2 * places }, () => caller.post("victim", "/count", unending()).catch(() => undefined));
      vanished += open.length;
      await until(() => victims() >= vanished);
      // What a process that is killed does not say is not said here either: the connection is gone first.
      await bus.close();
      caller.close();
      await Promise.all(open);
    }
    const idle = (): boolean => {
      const { inFlight, waiting } = host.metrics().components["victim"] ?? {};
      return inFlight === 0 && waiting === 0;
    };
    await until(idle);
    traffic.on = false;
    await Promise.all([...load, asking]);
    assert.ok(calls > 0 && commands > 0);
    const { failures } = host.metrics().components["victim"] ?? {};
    assert.equal(Object.values(failures ?? {}).reduce((sum, count) => sum + count, 0), victims());
    // As many at a time as there are places.
    const answers = Array.from({ length: places }, () => lattice.caller.post("victim", "/echo", new Uint8Array(3)));
    for (const answer of await Promise.all(answers)) assert.equal((await textOf(answer.channels)).length, 3);
    await lattice.isQuiet();
  } finally {
    await lattice.end();
    await server.stop();
  }
});

/** A body that never ends. */
function unending(): ReadableStream<Uint8Array> {
  return new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(10)) });
}
