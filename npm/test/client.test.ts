/** The host's side of an engine, against a port that does nothing of itself. */

import assert from "node:assert/strict";
import { test } from "node:test";

import type { WireError } from "../src/core.js";
import { EngineClient, type EngineOwner, NotBegun } from "../src/engine/client.js";
import { rootContext } from "../src/engine/context.js";
import type { Invocation } from "../src/engine/invocation.js";
import type { EngineListener, EnginePort } from "../src/engine/port.js";
import { AbortedError, GuestTrapError, LimitError, TimeoutError, WorkerLostError } from "../src/errors.js";
import { invoke } from "./support/calls.js";
import { deferred } from "./support/hosts.js";
import { uncounted } from "./support/meter.js";

const call: Invocation = { instance: "a:b/c", func: "f", params: Uint8Array.of(1), channels: [] };
const forever = (signal?: AbortSignal): ReturnType<typeof rootContext> => rootContext(Infinity, signal);
const nothing = (): void => undefined;

/** A client with what it says to its engine; `engine` says the engine's part, `seal` what it has begun at its end. */
function clientOf(host: Partial<EngineOwner> = {}, load: EnginePort["load"] = async () => 1, seal: (engine: EngineListener) => void = nothing) {
  const said: unknown[][] = [];
  const lost: Error[] = [];
  const say = (name: string) => (...args: unknown[]): void => void said.push([name, ...args]);
  let engine!: EngineListener;
  const names = ["unload", "trim", "invoke", "abort", "push", "end", "credit", "cancel", "reply", "fail"] as const;
  const commands = Object.fromEntries(names.map((name) => [name, say(name)])) as unknown as EnginePort;
  const port: EnginePort = { ...commands, suspension: "jspi", load, responsive: async () => false, busy: nothing, hear: nothing, seal: () => seal(engine), close: async () => undefined };
  const base: EngineOwner = {
    guestCalls: async () => ({ results: new Uint8Array() }), meter: uncounted, deadline: 60_000, log: nothing, stdio: nothing, struck: nothing,
    ready: nothing, idle: nothing, stats: nothing, lost: (error) => lost.push(error),
  };
  const client = new EngineClient((listener) => ((engine = listener), port), { ...base, ...host });
  return { client, engine, said, lost };
}

const wire = (code: string): WireError => ({ code, message: code });
const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

test("answers find their calls, in whatever order", async () => {
  const { client, engine, said } = clientOf();
  const first = invoke(client, 1, call, forever());
  const second = invoke(client, 2, call, forever());
  const [one, two] = said.map((message) => message[1] as number) as [number, number];
  engine.settled(two, Uint8Array.of(2), []);
  engine.failed(one, wire("guest-trap"));
  engine.finished(one);
  engine.finished(two);
  assert.deepEqual([...(await second).results], [2]);
  await assert.rejects(first, GuestTrapError);
});

test("a channel to the guest is read as the guest takes it, and starts when the call is taken up", async () => {
  const { client, engine, said } = clientOf();
  let reads = 0;
  const body = { read: async () => (reads++ < 5 ? new Uint8Array(65_536) : undefined), cancel: nothing };
  void invoke(client, 1, { ...call, channels: [{ path: [0], body }] }, forever());
  const [, id, , , , , refs] = said[0] as [string, number, number, string, string, Uint8Array, { id: number; path: number[] }[]];
  const channel = refs[0]?.id as number;
  await tick();
  assert.equal(reads, 0);
  engine.began(id);
  await tick();
  assert.deepEqual(said.slice(1).map(([name, at]) => [name, at]), [["push", channel]]);
  engine.credit(channel, 131_072);
  await tick();
  assert.equal(said.length, 4);
  engine.credit(channel, 1_000_000);
  await tick();
  assert.deepEqual(said.slice(4).map(([name]) => name), ["push", "push", "end"]);
  assert.equal(reads, 6);
});

test("a channel from the guest grants credit as it is read", async () => {
  const { client, engine, said } = clientOf();
  const outcome = invoke(client, 1, call, forever());
  const id = said[0]?.[1] as number;
  engine.settled(id, new Uint8Array(), [{ path: [0], id: 1 }, { path: [1], id: 3, ready: Uint8Array.of(7) }]);
  engine.push(1, new Uint8Array(10));
  const [pending, ready] = (await outcome).channels;
  assert.ok(pending && ready);
  assert.deepEqual([...(await ready.body.read()) ?? []], [7]);
  assert.equal(await ready.body.read(), undefined);
  assert.equal((await pending.body.read())?.length, 10);
  assert.deepEqual(said.slice(1), [["credit", 1, 10]]);
  pending.body.cancel();
  pending.body.cancel();
  assert.deepEqual(said.slice(2), [["cancel", 1]]);
});

test("what a call that is given up still sends is cancelled: it would wait for credit for ever", async () => {
  const { client, engine, said } = clientOf();
  const controller = new AbortController();
  const outcome = invoke(client, 1, call, forever(controller.signal));
  const id = said[0]?.[1] as number;
  engine.settled(id, new Uint8Array(), [{ path: [0], id: 1 }, { path: [1], id: 3 }]);
  await outcome;
  engine.end(3);
  controller.abort();
  assert.deepEqual(said.slice(1), [["abort", id], ["cancel", 1]]);
});

test("all bodies of a call that cannot be sent are given up, also those that were not reached", async () => {
  const { client } = clientOf({ meter: { ...uncounted, open: () => {
    throw new LimitError("too many");
  } } });
  const cancelled: number[] = [];
  const channels = [0, 1].map((path) => ({ path: [path], body: { read: async () => undefined, cancel: () => void cancelled.push(path) } }));
  await assert.rejects(invoke(client, 1, { ...call, channels }, forever()), LimitError);
  assert.deepEqual(cancelled, [0, 1]);
});

test("a call that was not taken up when its engine is lost can be made again; others are told", async () => {
  const { client, engine, said } = clientOf();
  const begun = invoke(client, 1, call, forever());
  const unbegun = invoke(client, 1, call, forever());
  engine.began(said[0]?.[1] as number);
  const told = [assert.rejects(begun, WorkerLostError), assert.rejects(unbegun, NotBegun)];
  await client.close(new WorkerLostError("gone"));
  await Promise.all(told);
  assert.throws(() => invoke(client, 1, call, forever()), NotBegun);
});

test("a call that has begun when its engine is lost is not made again, though nothing was heard of that", async () => {
  const { client, engine, said } = clientOf({}, undefined, (sealed) => sealed.began(said[1]?.[1] as number));
  const unbegun = invoke(client, 1, call, forever());
  const begun = invoke(client, 1, call, forever());
  const told = [assert.rejects(unbegun, NotBegun), assert.rejects(begun, WorkerLostError)];
  await client.close(new WorkerLostError("gone"));
  await Promise.all(told);
  // What it said arrives afterwards.
  engine.began(said[1]?.[1] as number);
});

test("an engine that has not started is not taken for one that is stuck", async () => {
  const { client, lost } = clientOf();
  await assert.rejects(invoke(client, 1, call, rootContext(10, undefined)), TimeoutError);
  await tick();
  assert.deepEqual(lost, []);
});

test("the body of a call that is made again goes along with it; that of another is cancelled", async () => {
  const { client, engine, said } = clientOf();
  const cancelled: string[] = [];
  const withBody = (name: string): Invocation =>
    ({ ...call, channels: [{ path: [0], body: { read: async () => undefined, cancel: () => void cancelled.push(name) } }] });
  const begun = invoke(client, 1, withBody("begun"), forever());
  const unbegun = invoke(client, 1, withBody("unbegun"), forever());
  const told = [assert.rejects(begun, WorkerLostError), assert.rejects(unbegun, NotBegun)];
  engine.began(said[0]?.[1] as number);
  await client.close(new WorkerLostError("gone"));
  await Promise.all(told);
  assert.deepEqual(cancelled, ["begun"]);
});

test("a call given up before it began does not cost the guest before it the engine", async () => {
  const { client, engine, said, lost } = clientOf();
  void invoke(client, 1, call, forever());
  engine.began(said[0]?.[1] as number);
  const controller = new AbortController();
  const queued = assert.rejects(invoke(client, 1, call, forever(controller.signal)), AbortedError);
  controller.abort();
  await queued;
  await tick();
  assert.equal(said.at(-1)?.[0], "abort");
  assert.deepEqual(lost, []);
});

test("what cannot be loaded since the engine was lost can be loaded elsewhere", async () => {
  const { client } = clientOf({}, () => new Promise((_, reject) => setTimeout(() => reject(new Error("ended")), 0)));
  const told = assert.rejects(client.load(1, new Uint8Array(), [], { name: "a", args: [], env: [], config: [] }), { blamed: false });
  await client.close(new WorkerLostError("gone"));
  await told;
});

test("what cannot be loaded since another's guest had to be ended hears of that", async () => {
  const { client } = clientOf({}, () => new Promise((_, reject) => setTimeout(() => reject(new Error("ended")), 0)));
  const load = client.load(1, new Uint8Array(), [], { name: "a", args: [], env: [], config: [] });
  const told = assert.rejects(load, (error) => error instanceof NotBegun && error.blamed);
  await client.close(new WorkerLostError("gone"), true);
  await told;
});

test("an engine that does not answer after a deadline is given up", async () => {
  const { client, engine, said, lost } = clientOf();
  engine.ready();
  await assert.rejects(invoke(client, 1, call, rootContext(10, undefined)), TimeoutError);
  await tick();
  assert.equal(said.at(-1)?.[0], "abort");
  assert.ok(lost[0] instanceof WorkerLostError && lost[0].cause instanceof TimeoutError);
});

test("a guest's call is answered, unless the guest is gone by then", async () => {
  const answer = deferred<{ results: Uint8Array }>();
  const { client, engine, said } = clientOf({ guestCalls: () => answer.promise });
  const outcome = invoke(client, 1, call, forever());
  const id = said[0]?.[1] as number;
  engine.invoke(1, 1, "x:y/z", "g", new Uint8Array(), [], id);
  engine.invoke(2, 1, "x:y/z", "g", new Uint8Array(), [], 999);
  await tick();
  assert.deepEqual(said.slice(1).map(([name, of]) => [name, of]), [["fail", 2]]);
  engine.failed(id, wire("guest-trap"));
  engine.finished(id);
  await assert.rejects(outcome, GuestTrapError);
  answer.resolve({ results: new Uint8Array() });
  await tick();
  assert.equal(said.length, 2);
});

/** A meter that takes so many channels and futures, and what is open and has struck. */
function counting(most: number) {
  const counts = { open: 0, struck: [] as string[] };
  const meter = {
    ...uncounted,
    struck: (component: number, limit: string, detail: string) => (counts.struck.push(limit), uncounted.struck(component, limit, detail)),
    open: (component: number) => {
      if (counts.open >= most) throw meter.struck(component, "maxStreamsInFlight", "too many");
      counts.open++;
    },
    closed: () => {
      counts.open--;
    },
  };
  return { counts, meter };
}

test("calls that a guest makes beside one that is not answered are futures in flight, until they are answered or it is gone", async () => {
  const answers: (() => void)[] = [];
  const { counts, meter } = counting(2);
  const { client, engine, said } = clientOf({
    meter, guestCalls: () => new Promise((resolve) => answers.push(() => resolve({ results: new Uint8Array() }))),
  });
  invoke(client, 1, call, forever()).catch(nothing);
  const id = said[0]?.[1] as number;
  for (let number = 1; number <= 4; number++) engine.invoke(number, 1, "x:y/z", "g", new Uint8Array(), [], id);
  assert.equal(counts.open, 2);
  await tick();
  assert.deepEqual(said.slice(1).map(([name, of]) => [name, of]), [["fail", 4]]);
  assert.deepEqual(counts.struck, ["maxStreamsInFlight"]);
  answers.splice(0).forEach((answer) => answer());
  await tick();
  assert.equal(counts.open, 0);
  for (let number = 5; number <= 6; number++) engine.invoke(number, 1, "x:y/z", "g", new Uint8Array(), [], id);
  assert.equal(counts.open, 1);
  engine.finished(id);
  assert.equal(counts.open, 0);
  answers.forEach((answer) => answer());
  await tick();
  assert.equal(counts.open, 0);
});

test("the futures of a call end with its engine", async () => {
  const { counts, meter } = counting(9);
  const { client, engine, said } = clientOf({ meter, guestCalls: () => new Promise(nothing) });
  invoke(client, 1, call, forever()).catch(nothing);
  const id = said[0]?.[1] as number;
  engine.began(id);
  for (let number = 1; number <= 2; number++) engine.invoke(number, 1, "x:y/z", "g", new Uint8Array(), [], id);
  assert.equal(counts.open, 1);
  await client.close(new WorkerLostError("out of luck"));
  assert.equal(counts.open, 0);
});

test("what a guest asks for and is not answered yet has no more bytes together than a message", async () => {
  const { counts, meter } = counting(9);
  const { client, engine, said } = clientOf({ meter, guestCalls: () => new Promise(nothing) });
  invoke(client, 1, call, forever()).catch(nothing);
  const id = said[0]?.[1] as number;
  // Forty of 64 MiB, twice: the same bytes, which nobody looks at.
  const params = new Uint8Array(40 * 1024 * 1024);
  for (let number = 1; number <= 2; number++) engine.invoke(number, 1, "x:y/z", "g", params, [], id);
  await tick();
  assert.deepEqual(said.slice(1).map(([name, of]) => [name, of]), [["fail", 2]]);
  assert.deepEqual(counts, { open: 0, struck: ["maxMessageBytes"] });
});

test("a call ends what was made during it, and what it was sent", async () => {
  const inner: AbortSignal[] = [];
  const { client, engine, said } = clientOf({
    guestCalls: (_component, _invocation, context) => (context.signal && inner.push(context.signal), new Promise(nothing)),
  });
  const cancelled = deferred<unknown>();
  const body = { read: () => new Promise<undefined>(nothing), cancel: cancelled.resolve };
  const outer = new AbortController();
  const outcome = invoke(client, 1, { ...call, channels: [{ path: [0], body }] }, forever(outer.signal));
  const id = said[0]?.[1] as number;
  engine.began(id);
  engine.invoke(1, 1, "x:y/z", "g", new Uint8Array(), [], id);
  await tick();
  assert.deepEqual(inner.map((signal) => signal.aborted), [false]);
  outer.abort();
  await assert.rejects(outcome, AbortedError);
  await cancelled.promise;
  assert.deepEqual(inner.map((signal) => signal.aborted), [true]);
  // What the engine says of it afterwards means nothing any more.
  engine.settled(id, new Uint8Array(), [{ path: [0], id: 1 }]);
  engine.push(1, new Uint8Array(1));
  engine.finished(id);
});
