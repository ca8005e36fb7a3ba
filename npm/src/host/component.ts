/**
 * A component that runs on this host: which code answers its calls, where, and under what settings. Code and settings
 * change by deploying anew: new calls go to the new deployment, calls in flight end on the old one.
 */

import { FunctionCodec } from "../codec/function.js";
import type { ComponentSettings } from "../core.js";
import type { Artifact } from "../engine/artifact.js";
import type { CallContext } from "../engine/context.js";
import type { Deployment } from "../engine/deployment.js";
import { held, type Invocation, type Outcome } from "../engine/invocation.js";
import type { Isolation } from "../engine/isolation.js";
import type { Lane } from "../engine/lane.js";
import { sourceOf } from "../engine/source.js";
import { NotFoundError, type TrellisError, UnsupportedError } from "../errors.js";
import type { Inspection } from "../inspection.js";
import { exportedFunction } from "./exports.js";
import { type Limits, nullable } from "./limits.js";
import type { ComponentMeter } from "./meter.js";
import type { ComponentOptions } from "./options.js";

/** A component's options, with what was left out filled in. */
export interface Placement {
  readonly id: string;
  readonly options: ComponentOptions;
  readonly isolation: Isolation;
  /** Milliseconds; `Infinity` for no end. */
  readonly deadline: number;
  readonly limits: Limits;
}

class Stage {
  readonly deployment: Deployment;
  readonly codecs = new Map<string, { instance: string; codec: FunctionCodec }>();
  calls = 0;
  readonly emptied: Promise<void>;
  #retired = false;
  #empty!: () => void;

  constructor(deployment: Deployment) {
    this.deployment = deployment;
    this.emptied = new Promise((resolve) => (this.#empty = resolve));
  }

  /** No more calls will come. */
  retire(): void {
    this.#retired = true;
    this.left();
  }

  left(): void {
    if (this.#retired && this.calls === 0) this.#empty();
  }
}

/** A running component. */
export class Component {
  readonly placement: Placement;
  /** The reference of its artifact. */
  reference: string;
  /** Counts what it does. */
  readonly meter: ComponentMeter;
  /** Its calls. */
  readonly lane: Lane;
  #stage: Stage;
  /** Those that are retired but still have calls in flight, and the one that takes calls. */
  readonly #stages = new Set<Stage>();
  #stopped = false;
  /** Resolves when the replacements asked for so far are done. */
  #replaced: Promise<unknown> = Promise.resolve();

  /** A component whose deployment the lane has loaded. */
  constructor(placement: Placement, reference: string, meter: ComponentMeter, lane: Lane, deployment: Deployment) {
    this.placement = placement;
    this.reference = reference;
    this.meter = meter;
    this.lane = lane;
    this.#stage = this.#enter(deployment);
  }

  /** Its artifact. */
  get artifact(): Artifact {
    return this.#stage.deployment.artifact;
  }

  /** Whether it takes no more calls. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** What it is loaded with. */
  get deployment(): Deployment {
    return this.#stage.deployment;
  }

  /**
   * Puts what `deploy` loads in the place of the old deployment, which stays in force where that fails. One replacement
   * begins when the one before is done, so that each builds on the one before; `deploy` gives nothing where there is
   * nothing to be done.
   */
  replace(deploy: () => Promise<Deployment | undefined>): Promise<void> {
    const replaced = this.#replaced.then(() => this.#replace(deploy));
    this.#replaced = replaced.catch(() => undefined);
    return replaced;
  }

  /** Calls it. */
  async invoke(invocation: Invocation, context: CallContext): Promise<Outcome> {
    const stage = this.#stage;
    stage.calls++;
    this.meter.begun();
    try {
      this.#checkSize(invocation);
      const outcome = await this.lane.invoke(stage.deployment, invocation, context);
      this.meter.succeeded();
      return outcome;
    } catch (error) {
      this.meter.failed(error);
      throw error;
    } finally {
      stage.calls--;
      stage.left();
    }
  }

  /** Takes no more calls. Resolves when those in flight are answered. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all([...this.#stages].map((stage) => this.#retire(stage)));
  }

  /** Gives up the calls in flight. */
  giveUp(error: TrellisError): void {
    this.#stages.forEach(({ deployment }) => this.lane.giveUpAll(deployment, error));
  }

  /** The full name and the codec of a function it exports. */
  function(instance: string, func: string): { instance: string; codec: FunctionCodec } {
    const { codecs } = this.#stage;
    const key = `${instance} ${func}`;
    let found = codecs.get(key);
    if (found === undefined) codecs.set(key, (found = this.#find(instance, func)));
    return found;
  }

  #find(instance: string, name: string): { instance: string; codec: FunctionCodec } {
    const inspection = this.#inspection();
    const { instance: full, func } = exportedFunction(inspection, instance, name);
    return { instance: full, codec: new FunctionCodec(inspection, func) };
  }

  #checkSize({ params, channels }: Invocation): void {
    try {
      this.meter.checkMessage("the parameters", params);
    } catch (error) {
      channels.map(held).forEach(({ body }) => sourceOf(body).cancel(error));
      throw error;
    }
  }

  async #replace(deploy: () => Promise<Deployment | undefined>): Promise<void> {
    this.#checkRunning();
    const deployment = await deploy();
    if (deployment === undefined) return;
    if (this.#stopped) this.lane.unload(deployment);
    this.#checkRunning();
    const old = this.#stage;
    this.#stage = this.#enter(deployment);
    void this.#retire(old);
  }

  #enter(deployment: Deployment): Stage {
    const stage = new Stage(deployment);
    this.#stages.add(stage);
    return stage;
  }

  #checkRunning(): void {
    if (this.#stopped) throw new NotFoundError(`${this.placement.id} has been stopped`);
  }

  async #retire(stage: Stage): Promise<void> {
    stage.retire();
    await stage.emptied;
    if (this.#stages.delete(stage)) this.lane.unload(stage.deployment);
  }

  #inspection(): Inspection {
    const { inspection } = this.artifact;
    if (inspection === undefined) {
      throw new UnsupportedError(`${this.placement.id} was started without its inspection: its types are not known; use invokeRaw`);
    }
    return inspection;
  }
}

/** The settings that a component's options mean. */
export function settingsOf({ id, options, limits }: Placement, config: Readonly<Record<string, string>>): ComponentSettings {
  const { env = {}, args, filesystem, reuse } = options;
  const { maxMemory, maxTables, fuel, maxMessageBytes, maxLogRate } = nullable(limits);
  return {
    name: id,
    args: [...(args ?? ["main.wasm"])],
    env: Object.entries(env),
    config: Object.entries(config),
    ...filesystem !== undefined && { filesystem },
    ...reuse !== undefined && { reuse },
    maxMemory,
    maxTables,
    fuel,
    maxMessageBytes,
    maxLogRate,
  };
}
