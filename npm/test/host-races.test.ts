/** What is done to a host at the same time, and what is given up, stopped or left halfway. */

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  AbortedError, compile, ConflictError, createHost, createMemoryBus, type LatticeEvent, NotFoundError, StoppedError,
} from "trellis-host";

import { canWait, deferred, hostWith, inBoth, sample } from "./support/hosts.js";

const config = ["c"];

test("of two starts with one id, one is refused, and so is a provider with it", async () => {
  await using host = await createHost({ isolation: "inline" });
  const source = await sample("http-hello");
  const first = host.startComponent({ id: "x", source });
  await assert.rejects(host.startComponent({ id: "x", source }), ConflictError);
  await assert.rejects(host.provide("x", {}), ConflictError);
  await first;
  assert.equal((await host.fetch("x", "/")).status, 200);
});

inBoth("an update outlasts a change of config at the same time", "nothing", async (isolation) => {
  await using host = await createHost({ isolation });
  await host.config.put("c", { a: "" });
  await host.startComponent({ id: "x", source: await sample("http-hello"), config });
  const echo = await compile(await sample("http-echo"));
  for (let round = 0; round < 5; round++) {
    await host.updateComponent("x", await sample("http-hello"));
    await Promise.all([host.updateComponent("x", echo), host.config.put("c", { a: String(round) })]);
    assert.equal(await (await host.fetch("x", "/echo", { method: "POST", body: "echo" })).text(), "echo");
  }
});

inBoth("an update of a component that is stopped meanwhile is refused", "nothing", async (isolation) => {
  await using host = await hostWith(["http-hello"], { isolation });
  const updated = assert.rejects(host.updateComponent("http-hello", await compile(await sample("http-echo"))), NotFoundError);
  await host.stopComponent("http-hello");
  await updated;
});

test("the events end with the host, the farewell of the host last", async () => {
  const host = await createHost();
  const names: string[] = [];
  const over = (async () => {
    for await (const { name } of host.events()) names.push(name);
  })();
  await host.config.put("c", {});
  await host.stop();
  await over;
  assert.deepEqual(names, ["config_set", "host_stopped"]);
});

test("every iterator of events wakes", async () => {
  await using host = await createHost();
  const events = host.events();
  const next = [0, 1].map(() => events[Symbol.asyncIterator]().next());
  await host.config.put("a", {});
  await host.config.put("b", {});
  const keys = (await Promise.all(next)).map(({ value }) => (value as LatticeEvent).data.config_name);
  assert.deepEqual(keys.sort(), ["a", "b"]);
});

test("leaving a loop over events closes them", async () => {
  await using host = await createHost();
  const events = host.events();
  let heard = 0;
  events.addEventListener("config_set", () => heard++);
  await host.config.put("a", {});
  for await (const event of events) {
    assert.equal(event.name, "config_set");
    break;
  }
  await host.config.put("b", {});
  assert.equal(heard, 1);
});

inBoth("a start that is given up leaves nothing behind", "nothing", async (isolation) => {
  await using host = await createHost({ isolation });
  const controller = new AbortController();
  const started = host.startComponent({ id: "x", source: await compile(await sample("http-hello")), signal: controller.signal });
  controller.abort();
  await assert.rejects(started, AbortedError);
  assert.deepEqual(host.inventory().components, []);
  await host.startComponent({ id: "x", source: await sample("http-hello") });
});

inBoth("a start during a stop is refused", "nothing", async (isolation) => {
  const host = await createHost({ isolation });
  const started = host.startComponent({ id: "x", source: await compile(await sample("http-hello")) });
  const refused = assert.rejects(started, StoppedError);
  await host.stop();
  await refused;
  assert.deepEqual(host.inventory().components, []);
});

test("operations with an aborted signal do nothing", async () => {
  await using host = await hostWith(["http-hello"], { isolation: "inline" });
  const options = { signal: AbortSignal.abort() };
  const link = { source: "http-hello", target: "kv", interface: "wasi:keyvalue/store" };
  await assert.rejects(host.link(link, options), AbortedError);
  await assert.rejects(host.unlink(link, options), AbortedError);
  await assert.rejects(host.config.put("c", {}, options), AbortedError);
  await assert.rejects(host.config.get("c", options), AbortedError);
  await assert.rejects(host.config.delete("c", options), AbortedError);
  await assert.rejects(host.stopComponent("http-hello", options), AbortedError);
  await assert.rejects(host.updateComponent("http-hello", await sample("http-echo"), options), AbortedError);
  assert.equal(await host.config.get("c"), undefined);
  assert.equal((await host.fetch("http-hello", "/")).status, 200);
});

test("a stop that is given up gives the calls in flight up", { skip: !canWait("worker") }, async () => {
  await using host = await hostWith(["kitchen-sink"]);
  const called = deferred();
  const add = (): Promise<never> => {
    called.resolve();
    return new Promise<never>(() => undefined);
  };
  const provider = await host.provide("never", { "trellis:kitchen/host": { add } });
  await host.link({ source: "kitchen-sink", target: "never", interface: "trellis:kitchen/host" });
  const answered = assert.rejects(host.invoke("kitchen-sink", "trellis:kitchen/sink", "host-add", [1, 2]), AbortedError);
  await called.promise;
  const controller = new AbortController();
  const stopped = host.stopComponent("kitchen-sink", { signal: controller.signal });
  controller.abort();
  await assert.rejects(stopped, AbortedError);
  await answered;
  provider.close();
  assert.equal(host.inventory().providers.some(({ id }) => id === "never"), false);
});

test("a signal that aborts while a host is made is heard", async () => {
  await using bus = await createMemoryBus();
  const controller = new AbortController();
  const aborting = watched(bus, (key) => key === "bucket" && controller.abort());
  await assert.rejects(createHost({ bus: aborting, signal: controller.signal }), AbortedError);
});

test("a host that has stopped listens to its signal no more", async () => {
  let listeners = 0;
  const signal = watched(new AbortController().signal, (key) => {
    if (key === "addEventListener") listeners++;
    if (key === "removeEventListener") listeners--;
  });
  const host = await createHost({ signal });
  assert.equal(listeners, 1);
  await host.stop();
  assert.equal(listeners, 0);
});

/** An object that tells of what is asked of it. */
function watched<T extends object>(object: T, asked: (key: string | symbol) => void): T {
  return new Proxy(object, {
    get(target, key) {
      asked(key);
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}
