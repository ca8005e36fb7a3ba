/** The sample components: what they answer on an instance that others have used is what a new one answers. */

import assert from "node:assert/strict";

import { type Host, type Isolation, TrellisError } from "trellis-host";

import { echoes, results } from "./guests/kitchen.js";
import { type Sample, hostWith, inBoth, start } from "./support/hosts.js";

/** A call, and what its caller sees: plain data. */
type Step = (host: Host) => Promise<unknown>;

const invoke = (id: Sample, instance: string, func: string, ...args: unknown[]): Step => async (host) =>
  host.invoke(id, instance, func, args).catch(described);

const request = (id: Sample, path: string, init: RequestInit = {}): Step => async (host) => {
  const response = await host.fetch(id, path, init);
  return [response.status, [...response.headers], await response.text()];
};

function described(error: unknown): unknown {
  assert.ok(error instanceof TrellisError, String(error));
  return [error.name, error.code, error.message];
}

const sink = (func: string, ...args: unknown[]): Step => invoke("kitchen-sink", "trellis:kitchen/sink", func, ...args);
const tour = (func: string, ...args: unknown[]): Step => invoke("wasi-tour", "trellis:tour/tour", func, ...args);
const mischief = (func: string, ...args: unknown[]): Step => invoke("hostile", "trellis:hostile/mischief", func, ...args);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const steps: Partial<Record<Sample, Step[]>> = {
  "http-hello": [request("http-hello", "/"), request("http-hello", "/nowhere"), request("http-hello", "/", { method: "HEAD" })],
  "http-echo": [
    request("http-echo", "/echo", { method: "POST", body: "the secret" }), request("http-echo", "/echo", { method: "POST" }),
    request("http-echo", "/count", { method: "POST", body: "x".repeat(200_000) }), request("http-echo", "/headers", { headers: { "x-a": "b" } }),
    request("http-echo", "/headers"), request("http-echo", "/nowhere"),
  ],
  "http-counter": [
    request("http-counter", "/a"), request("http-counter", "/b"), request("http-counter", "/a?peek"),
    request("http-counter", "/a", { method: "DELETE" }), request("http-counter", "/a", { method: "PUT" }),
  ],
  "kitchen-sink": [
    ...Object.entries({ ...echoes, ...results }).flatMap(([func, values]) => values.map((value) => sink(func, value))),
    sink("calls"), sink("calls"), sink("live-tallies"), sink("big-result", 3_000_000), sink("host-add", 1, 2), sink("no-params"),
  ],
  "wasi-tour": [
    tour("write-file", "secret.txt", bytes("the secret")), tour("read-file", "secret.txt"), tour("list-directory", "/"),
    tour("make-directory", "a"), tour("stat", "a"), tour("environment"), tour("print", "a"), tour("read-input"),
    tour("config-all"), tour("connect", "127.0.0.1:1"), tour("log", "nonsense", "a", "b"),
  ],
  "hostile": [mischief("behave"), mischief("trap"), mischief("panic", "no"), mischief("out-of-bounds"), mischief("exit", true), mischief("behave")],
};

for (const [name, all] of Object.entries(steps) as [Sample, Step[]][]) {
  inBoth(`${name} answers the same on used instances`, name === "http-echo" || name === "http-counter" ? "waiting" : "nothing", async (isolation) => {
    assert.deepEqual(await answers(name, all, isolation, "used"), await answers(name, all, isolation, "new"));
  });
}

/** What is kept outside of the component: a new one sees what others have left there. */
const lasting: readonly Sample[] = ["http-counter"];

/** What the steps see, taken twice: of one component, or of one that is started anew for each of them. */
async function answers(name: Sample, all: Step[], isolation: Isolation, instances: "used" | "new"): Promise<unknown[]> {
  await using host = await hostWith([], { isolation, onLog: () => undefined });
  await host.link({ source: "http-counter", target: "keyvalue", interface: ["wasi:keyvalue/store", "wasi:keyvalue/atomics"] });
  const begin = (): Promise<unknown> => start(host, name, { filesystem: true });
  await begin();
  // Of new ones, each of which takes a compilation, the second time is the first again.
  const once = instances === "new" && !lasting.includes(name);
  const seen: unknown[] = [];
  for (const step of once ? all : [...all, ...all]) {
    if (instances === "new") await host.stopComponent(name).then(begin);
    seen.push(await step(host));
  }
  return once ? [...seen, ...seen] : seen;
}
