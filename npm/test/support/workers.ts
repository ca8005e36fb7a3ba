/** Workers that do what a test says, and a pool of them. */

import type { Core } from "../../src/core.js";
import { type CallContext, rootContext } from "../../src/engine/context.js";
import type { Deployment } from "../../src/engine/deployment.js";
import type { Channel, Outcome } from "../../src/engine/invocation.js";
import type { Isolation } from "../../src/engine/isolation.js";
import type { Lane } from "../../src/engine/lane.js";
import { Inbox } from "../../src/engine/inbox.js";
import { LedgerWriter } from "../../src/engine/ledger.js";
import { MailboxReader } from "../../src/engine/mailbox.js";
import type { FromWorker, Posted, ToWorker, WorkerStart } from "../../src/engine/messages.js";
import { EnginePool, type PoolOptions } from "../../src/engine/pool.js";
import { Trust } from "../../src/engine/trust.js";
import { StoppedError } from "../../src/errors.js";
import { type Limits, limitsOf, SERVER_ROOM, totalsOf } from "../../src/host/limits.js";
import type { Meter } from "../../src/host/meter.js";
import { uncounted } from "./meter.js";

/** A worker: what it was told, and what it says. It loads whatever it is told to, unless a test says otherwise. */
export class FakeWorker {
  /** What it was told, without its start. */
  readonly told: ToWorker[] = [];
  /** What it was started with. */
  started: WorkerStart | undefined;
  /** Whether it was ended. */
  ended = false;
  /** What it answers to a component. */
  load: (component: number) => FromWorker = (component) => ["loaded", component, 1];
  readonly #entered = new Set<number>();
  #inbox = new Inbox<ToWorker>();
  readonly #say: (messages: FromWorker[]) => void;
  readonly #fail: (error: unknown) => void;

  constructor(say: (messages: FromWorker[]) => void, fail: (error: unknown) => void) {
    this.#say = say;
    this.#fail = fail;
  }

  /** Says something to the host. */
  say(...messages: FromWorker[]): void {
    for (const [name, call] of messages) if (name === "began") this.enter(call);
    this.#say(messages);
  }

  /** Begins a call, where that has not been done, and says nothing of it yet. */
  enter(call: number): void {
    const memory = this.started?.shared?.ledger;
    if (memory === undefined || this.ended || this.#entered.has(call)) return;
    this.#entered.add(call);
    new LedgerWriter(memory).enter(call);
  }

  /** Dies. */
  die(): void {
    this.#fail(new Error("out of luck"));
  }

  /** The calls it was given, by their numbers. */
  get calls(): number[] {
    return this.told.flatMap((message) => (message[0] === "invoke" ? [message[1]] : []));
  }

  /** The components it was given. */
  get components(): number[] {
    return this.told.flatMap((message) => (message[0] === "load" ? [message[1]] : []));
  }

  /** Answers a call. */
  answer(call: number): void {
    this.say(["began", call], ["settled", call, Uint8Array.of(1), []], ["finished", call]);
  }

  /** Hears messages as a worker does: clones of them. */
  hear(messages: readonly Posted<ToWorker>[], transfer: ArrayBuffer[]): void {
    const [first] = messages;
    if (first?.[0] === "start") return this.#start(first[1]);
    this.#inbox.receive(structuredClone(messages, { transfer }));
    do {
      for (let message = this.#inbox.next(); message !== undefined; message = this.#inbox.next()) this.#take(message);
    } while (!this.#inbox.rest());
  }

  #start(start: WorkerStart): void {
    this.started = start;
    this.#inbox = new Inbox(start.shared && new MailboxReader(start.shared.commands));
  }

  #take(message: ToWorker): void {
    this.told.push(message);
    if (message[0] === "load") queueMicrotask(() => this.ended || this.say(this.load(message[1])));
  }
}

/** What a pool of such workers is made of. */
export type FakePoolOptions = Partial<PoolOptions> & {
  answer?: () => Promise<Uint8Array>;
  starts?: boolean;
  set?: (worker: FakeWorker, index: number) => void;
};

/** What a component is started with. */
export interface FakeComponentOptions {
  isolation?: Isolation;
  reuse?: boolean;
  trusted?: boolean;
  maxInstances?: number;
  maxQueue?: number;
}

/** A pool of such workers. */
export class FakePool {
  readonly pool: EnginePool;
  /** All workers that were started. */
  readonly workers: FakeWorker[] = [];
  /** The limits that struck. */
  readonly struck: string[] = [];
  /** The deployments that nothing more is counted for. */
  readonly released: number[] = [];
  #deployments = 0;

  /** `starts` says whether a worker gets ready; `set` prepares each before it is told anything. */
  constructor(options: FakePoolOptions = {}) {
    const { answer = async () => new Uint8Array(), starts = true, set = () => undefined, ...rest } = options;
    const meter: Meter = {
      ...uncounted,
      struck: (...args) => (this.struck.push(args[1]), uncounted.struck(...args)),
      release: (number) => void this.released.push(number),
    };
    this.pool = new EnginePool({
      core: {} as Core,
      module: {},
      suspension: "jspi",
      limits: totalsOf({}, SERVER_ROOM),
      host: {
        meter, deadline: 60_000, log: () => undefined, stdio: () => undefined,
        guestCalls: async () => ({ results: await answer() }),
      },
      spawn: (onMessages, onError) => {
        const worker = new FakeWorker(onMessages, onError);
        this.workers.push(worker);
        set(worker, this.workers.length - 1);
        if (starts) queueMicrotask(() => worker.ended || worker.say(["ready"]));
        return { post: (...args) => worker.hear(...args), keepAlive: () => undefined, terminate: async () => void (worker.ended = true) };
      },
      ...rest,
    });
  }

  /** A worker that was started. */
  worker(index: number): FakeWorker {
    const worker = this.workers[index];
    if (worker === undefined) throw new Error(`only ${this.workers.length} workers were started`);
    return worker;
  }

  /** A component that is ready to be called. It is trusted, unless a test says otherwise. */
  async start(options: FakeComponentOptions = {}): Promise<FakeComponent> {
    const { isolation = "worker", reuse = false, trusted = true, ...rest } = options;
    const limits = limitsOf(rest);
    const trust = new Trust();
    while (trusted && trust.standing !== "trusted") trust.answered();
    const lane = this.pool.lane({ isolation, keeps: reuse, limits, trust });
    const component = new FakeComponent(lane, this.deployment(trust, limits));
    await lane.load(component.deployment);
    await turn();
    return component;
  }

  /** Code for a component. */
  deployment(trust: Trust, limits: Limits): Deployment {
    const number = ++this.#deployments;
    const artifact = { plan: new Uint8Array(), modules: [], memories: 1, trust };
    return { number, artifact, limits, settings: { name: `c${number}` }, served: [] } as unknown as Deployment;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.pool.close(new StoppedError("the test is over"));
  }
}

/** A component of such a pool. */
export class FakeComponent {
  readonly lane: Lane;
  deployment: Deployment;

  constructor(lane: Lane, deployment: Deployment) {
    this.lane = lane;
    this.deployment = deployment;
  }

  /** Calls it. A test need not look at what comes of it. */
  call(
    context: CallContext = rootContext(Infinity, undefined), params: Uint8Array = new Uint8Array(), channels: readonly Channel[] = [],
  ): Promise<Outcome> {
    const outcome = this.lane.invoke(this.deployment, { instance: "a:b/c", func: "f", params, channels }, context);
    outcome.catch(() => undefined);
    return outcome;
  }

  /** Gives it other code. */
  async update(deployment: Deployment): Promise<void> {
    await this.lane.load(deployment);
    this.lane.unload(this.deployment);
    this.deployment = deployment;
  }

  /** Stops it. */
  stop(): void {
    this.lane.unload(this.deployment);
  }
}

/** Lets everything that is due in this turn happen. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
