/** What was under way in a worker when it is ended: everybody is told, or served by the next one. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { AbortedError, type Host, InvalidArgumentError, StoppedError, TimeoutError } from "trellis-host";

import { canWait, hostWith, inBoth, sample, start } from "./support/hosts.js";

const skip = !canWait("worker");
const mischief = "trellis:hostile/mischief";

/** Has the guest spin until its worker is ended. What is asked of the worker from now on waits. */
async function spin(host: Host, deadline: number): Promise<{ ended: Promise<void> }> {
  // Its worker is up, so that it begins before whatever is asked next.
  assert.equal(await host.invoke("hostile", mischief, "behave"), 7);
  return { ended: assert.rejects(host.invoke("hostile", mischief, "spin", [], { deadline }), TimeoutError) };
}

const streamOf = (text: string): ReadableStream<Uint8Array<ArrayBuffer>> =>
  new ReadableStream({ start: (controller) => (controller.enqueue(new TextEncoder().encode(text)), controller.close()) });

test("a component that is started while its worker is ended starts in the next one", { skip }, async () => {
  await using host = await hostWith(["hostile"]);
  const { ended } = await spin(host, 300);
  const late = await start(host, "http-hello");
  await ended;
  assert.equal((await late.fetch("/")).status, 200);
});

test("an update and a config that wait for a worker are made in the next one", { skip }, async () => {
  await using host = await hostWith(["hostile", "http-hello"]);
  await host.config.put("greeting", { a: "b" });
  await start(host, "http-echo", { config: ["greeting"] });
  const { ended } = await spin(host, 300);
  const source = await sample("http-echo");
  await Promise.all([ended, host.updateComponent("http-hello", source), host.config.put("greeting", { a: "c" })]);
  const echo = await host.fetch("http-hello", "/echo", { method: "POST", body: "new" });
  assert.equal(await echo.text(), "new");
});

test("a host that is stopped amid a start ends it", { skip }, async () => {
  const host = await hostWith(["hostile"]);
  await host.invoke("hostile", mischief, "behave");
  const told = [
    assert.rejects(host.invoke("hostile", mischief, "spin", [], { deadline: 60_000 }), StoppedError),
    assert.rejects(start(host, "http-hello"), StoppedError),
  ];
  // Time for the start to get to the worker, if not for more.
  await sample("http-hello").then((bytes) => WebAssembly.compile(bytes).catch(() => undefined));
  await host.stop();
  await Promise.all(told);
});

test("a host that is stopped while a new worker is made ready ends what waits for it", { skip }, async () => {
  const host = await hostWith(["hostile", "http-hello"]);
  const { ended } = await spin(host, 200);
  const late = host.fetch("http-hello", "/");
  await Promise.all([ended, late]);
  const again = await spin(host, 200);
  await again.ended;
  const told = assert.rejects(host.fetch("http-hello", "/"), StoppedError);
  await host.stop();
  await told;
});

test("the body of a call that had not begun when its worker was ended is sent to the next one", { skip }, async () => {
  await using host = await hostWith(["hostile", "http-echo"]);
  const { ended } = await spin(host, 300);
  const response = await host.fetch("http-echo", "/echo", { method: "POST", body: streamOf("hello") });
  assert.equal(await response.text(), "hello");
  await ended;
});

test("a call given up while it waits leaves the guest before it its time", { skip }, async () => {
  await using host = await hostWith(["hostile"], { component: { isolation: "dedicated" } });
  await host.invoke("hostile", mischief, "behave");
  // Longer than a worker may take to prove that it is not stuck.
  const computing = host.invoke("hostile", mischief, "busy-for", [1500]);
  const controller = new AbortController();
  const queued = assert.rejects(host.invoke("hostile", mischief, "behave", [], { signal: controller.signal }), AbortedError);
  // The turn of the computing guest has come: a worker answers nobody meanwhile.
  setTimeout(() => controller.abort(), 100);
  await Promise.all([queued, computing]);
});

inBoth("a body that somebody else reads is refused, and forgotten", "waiting", async (isolation) => {
  await using host = await hostWith(["http-echo"], { isolation });
  const body = streamOf("mine");
  const reader = body.getReader();
  const init = { method: "POST", body, deadline: 50 };
  await assert.rejects(host.fetch("http-echo", "/echo", init), InvalidArgumentError);
  // Past the deadline that the call would have had: a rejection that nobody hears fails this test.
  await new Promise((resolve) => setTimeout(resolve, 150));
  reader.releaseLock();
  const response = await host.fetch("http-echo", "/echo", { ...init, deadline: 10_000 });
  assert.equal(await response.text(), "mine");
});
