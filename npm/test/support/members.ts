/** Hosts that are members of one lattice on a real server, each with a connection of its own, and somebody who calls them. */

import assert from "node:assert/strict";

import { createHost, type Host, type HostOptions } from "trellis-host";
import { natsBus, type NatsBus, type NatsOptions } from "trellis-host/nats";

import type { NatsServer } from "../../../scripts/lib/nats-server.mjs";
import { rootContext } from "../../src/engine/context.js";
import type { Channel, Outcome } from "../../src/engine/invocation.js";
import { readAll, sourceOf } from "../../src/engine/source.js";
import { bodyChannel, encodeRequest } from "../../src/http/message.js";
import { BusCalls } from "../../src/lattice/calls.js";
import { loadMember } from "../../src/load/member-node.js";
import { start, until } from "./hosts.js";
import { Client, freshLattice } from "./lattice.js";
import { Statuses } from "./statuses.js";

const decoder = new TextDecoder();

/** Fast enough for tests. */
export const quick: Omit<NatsOptions, "servers"> = { reconnect: { minDelay: 10, maxDelay: 100 }, timeout: 3000, pingInterval: 200 };

/** A host with its connection. */
export interface Member {
  readonly host: Host;
  readonly bus: NatsBus;
  readonly statuses: Statuses;
}

/** Calls components by wRPC. Every call ends: after so many milliseconds at the latest. */
export class Caller {
  readonly #calls: BusCalls;
  readonly #deadline: number;

  private constructor(calls: BusCalls, deadline: number) {
    this.#calls = calls;
    this.#deadline = deadline;
  }

  /** A caller on a connection. */
  static async on(bus: NatsBus, lattice: string, deadline = 10_000): Promise<Caller> {
    return new Caller(new BusCalls(await loadMember("npm/pkg/trellis_member_bg.wasm"), bus, lattice), deadline);
  }

  /** How many calls are under way. */
  get size(): number {
    return this.#calls.size;
  }

  /** Posts a body. The answer's own body may still be on its way. */
  post(target: string, path: string, body: ReadableStream<Uint8Array> | Uint8Array | undefined, signal?: AbortSignal): Promise<Outcome> {
    const request = encodeRequest({ method: "POST", url: new URL(path, "http://localhost"), headers: new Headers(), body });
    const route = { target, source: "tester", link: "default" };
    return this.#calls.call(route, { instance: "wrpc:http/incoming-handler@0.1.0", func: "handle", ...request }, rootContext(this.#deadline, signal));
  }

  /** Posts a body, and gives what is answered. */
  async ask(target: string, path = "/", body?: Uint8Array): Promise<string> {
    return textOf((await this.post(target, path, body)).channels);
  }

  /** Gives all calls up. */
  close(): void {
    this.#calls.close();
  }
}

/** The body of an answer. */
export async function textOf(channels: readonly Channel[]): Promise<string> {
  return decoder.decode(await readAll(sourceOf(bodyChannel(channels) ?? new Uint8Array())));
}

/** A lattice of hosts. */
export class Lattice {
  readonly name: string;
  readonly members: Member[] = [];
  /** The client's connection, and what it hears of it. */
  readonly bus: NatsBus;
  readonly statuses: Statuses;
  /** Speaks the control interface. */
  readonly client: Client;
  /** Calls components. */
  readonly caller: Caller;
  readonly #server: NatsServer;

  /** A lattice that nobody is in, with a client that is connected to its server. */
  static async on(server: NatsServer, deadline?: number, options: Partial<NatsOptions> = {}): Promise<Lattice> {
    const name = freshLattice();
    const statuses = new Statuses();
    const bus = await natsBus({ ...quick, servers: server.url, onStatus: statuses.hear, ...options });
    await statuses.next("connected");
    return new Lattice(server, name, statuses, bus, await Caller.on(bus, name, deadline));
  }

  private constructor(server: NatsServer, name: string, statuses: Statuses, bus: NatsBus, caller: Caller) {
    this.#server = server;
    this.name = name;
    this.statuses = statuses;
    this.bus = bus;
    this.client = new Client(bus, name);
    this.caller = caller;
  }

  /** Another host, which runs `http-hello` like all of them, and under a name of its own. */
  async join(options: Partial<NatsOptions> = {}, hostOptions: HostOptions = {}): Promise<Member> {
    const statuses = new Statuses();
    const bus = await natsBus({ ...quick, servers: this.#server.url, onStatus: statuses.hear, ...options });
    await statuses.next("connected");
    const host = await createHost({ lattice: this.name, bus, onOutput: () => undefined, ...hostOptions });
    const member = { host, bus, statuses };
    this.members.push(member);
    await start(host, "http-hello");
    await start(host, "http-echo", { id: ownComponent(member) });
    return member;
  }

  /** What hosts run and what they know is as it should be: at once what they run, in a while what they know. */
  async isWell(configs: Readonly<Record<string, unknown>>, links: readonly string[]): Promise<void> {
    for (const member of this.members) assert.equal(await this.caller.ask(ownComponent(member), "/echo", Uint8Array.of(65)), "A");
    for (let call = 0; call < 10; call += 1) assert.match(await this.caller.ask("http-hello"), /Hello/);
    for (const { host } of this.members) {
      for (const [name, config] of Object.entries(configs)) await until(async () => isSame(await host.config.get(name).catch(() => null), config));
    }
    // One of them answers, whichever: in the end all of them the same.
    for (let agreed = 0; agreed < 10; ) agreed = isSame(await this.#targets(), links) ? agreed + 1 : 0;
    assert.deepEqual(await Promise.all(this.members.map(({ host }) => this.#runs(host))), this.members.map(() => 2));
  }

  /** Ends all of it. */
  async end(): Promise<void> {
    for (const { host, bus } of this.members) {
      await host.stop();
      await bus.close();
    }
    this.client.close();
    this.caller.close();
    await this.bus.close();
  }

  /** Nothing is under way any more, nothing is left. */
  async isQuiet(): Promise<void> {
    const open = ({ host }: Member): number => host.metrics().calls.inFlight + host.metrics().calls.waiting + host.metrics().streams.open;
    await until(() => this.caller.size === 0 && this.members.every((member) => open(member) === 0));
  }

  async #targets(): Promise<string[] | undefined> {
    const answer = await this.client.ask("link.get").catch(() => undefined);
    return (answer?.response as { target: string }[] | undefined)?.map(({ target }) => target).sort();
  }

  async #runs(host: Host): Promise<number> {
    const answer = await this.client.ask(`host.get.${host.id}`);
    return (answer.response as { components: unknown[] }).components.length;
  }
}

/** The component that only this host runs. */
export function ownComponent({ host }: Pick<Member, "host">): string {
  return `echo-${host.id.slice(0, 8)}`;
}

function isSame(some: unknown, other: unknown): boolean {
  return JSON.stringify(some) === JSON.stringify(other);
}
