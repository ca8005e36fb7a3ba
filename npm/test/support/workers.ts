/** Workers that do what a test says, and a pool of them. */

import type { Core } from "../../src/core.js";
import { type CallContext, rootContext } from "../../src/engine/context.js";
import type { Deployment } from "../../src/engine/deployment.js";
import type { Outcome } from "../../src/engine/invocation.js";
import type { Lane } from "../../src/engine/lane.js";
import type { FromWorker, ToWorker } from "../../src/engine/messages.js";
import { EnginePool, type Isolation, type PoolOptions } from "../../src/engine/pool.js";
import { StoppedError } from "../../src/errors.js";
import { limitsOf, SERVER_ROOM, totalsOf } from "../../src/host/limits.js";
import { uncounted } from "./meter.js";

/** A worker: what it was told, and what it says. It loads whatever it is told to. */
export class FakeWorker {
  /** What it was told, without its start. */
  readonly told: ToWorker[] = [];
  /** Whether it was ended. */
  ended = false;
  readonly #say: (messages: FromWorker[]) => void;
  readonly #fail: (error: unknown) => void;

  constructor(say: (messages: FromWorker[]) => void, fail: (error: unknown) => void) {
    this.#say = say;
    this.#fail = fail;
  }

  /** Says something to the host. */
  say(...messages: FromWorker[]): void {
    this.#say(messages);
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

  hear(messages: readonly ToWorker[]): void {
    for (const message of messages) {
      if (message[0] !== "start") this.told.push(message);
      if (message[0] === "load") queueMicrotask(() => this.ended || this.say(["loaded", message[1]]));
    }
  }
}

/** A pool of such workers. */
export class FakePool {
  readonly pool: EnginePool;
  /** All workers that were started. */
  readonly workers: FakeWorker[] = [];
  /** The limits that struck. */
  readonly struck: string[] = [];
  #deployments = 0;

  constructor(options: Partial<PoolOptions> & { answer?: () => Promise<Uint8Array> } = {}) {
    const { answer = async () => new Uint8Array(), ...rest } = options;
    const meter = { ...uncounted, struck: (...args: [number, string, string]) => (this.struck.push(args[1]), uncounted.struck(...args)) };
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
        queueMicrotask(() => worker.ended || worker.say(["ready"]));
        return { post: (messages) => worker.hear(messages), keepAlive: () => undefined, terminate: async () => void (worker.ended = true) };
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

  /** A component that is ready to be called. */
  async start(options: { isolation?: Isolation; reuse?: boolean; maxInstances?: number; maxQueue?: number } = {}): Promise<FakeComponent> {
    const { isolation = "worker", reuse = false, ...rest } = options;
    const limits = limitsOf(rest);
    const lane = this.pool.lane(isolation, reuse, limits);
    const number = ++this.#deployments;
    const artifact = { plan: new Uint8Array(), modules: [] };
    const deployment = { number, artifact, limits, settings: { name: `c${number}` }, served: [] } as unknown as Deployment;
    await lane.load(deployment);
    await turn();
    return new FakeComponent(lane, deployment);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.pool.close(new StoppedError("the test is over"));
  }
}

/** A component of such a pool. */
export class FakeComponent {
  readonly lane: Lane;
  readonly deployment: Deployment;

  constructor(lane: Lane, deployment: Deployment) {
    this.lane = lane;
    this.deployment = deployment;
  }

  /** Calls it. A test need not look at what comes of it. */
  call(context: CallContext = rootContext(Infinity, undefined), params: Uint8Array = new Uint8Array()): Promise<Outcome> {
    const outcome = this.lane.invoke(this.deployment, { instance: "a:b/c", func: "f", params, channels: [] }, context);
    outcome.catch(() => undefined);
    return outcome;
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
