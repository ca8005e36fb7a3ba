/**
 * A component that runs on this host: which code answers its calls, where, and under what settings. Code and settings
 * change by deploying anew: new calls go to the new deployment, calls in flight end on the old one.
 */

import { FunctionCodec } from "../codec/function.js";
import type { ComponentSettings } from "../core.js";
import type { Artifact } from "../engine/artifact.js";
import type { CallContext } from "../engine/context.js";
import type { Invocation, Outcome } from "../engine/invocation.js";
import type { Isolation } from "../engine/pool.js";
import type { Deployment, EngineSlot } from "../engine/slot.js";
import { NotFoundError, UnsupportedError } from "../errors.js";
import type { FunctionInfo, Inspection, InterfaceInfo } from "../inspection.js";
import { withoutVersion } from "./names.js";
import type { ComponentOptions } from "./options.js";

/** A component's options, with what was left out filled in. */
export interface Placement {
  readonly id: string;
  readonly options: ComponentOptions;
  readonly isolation: Isolation;
  readonly deadline: number;
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
  readonly #slot: EngineSlot;
  #stage: Stage;

  private constructor(placement: Placement, reference: string, slot: EngineSlot, deployment: Deployment) {
    this.placement = placement;
    this.reference = reference;
    this.#slot = slot;
    this.#stage = new Stage(deployment);
  }

  /** Starts a component. Fails where the engine refuses it. */
  static async start(placement: Placement, reference: string, slot: EngineSlot, deployment: Deployment): Promise<Component> {
    await slot.load(deployment);
    return new Component(placement, reference, slot, deployment);
  }

  /** Its artifact. */
  get artifact(): Artifact {
    return this.#stage.deployment.artifact;
  }

  /** What it is loaded with. */
  get deployment(): Deployment {
    return this.#stage.deployment;
  }

  /** Puts a new deployment in the place of the old one, which stays in force where the new one is refused. */
  async replace(deployment: Deployment): Promise<void> {
    await this.#slot.load(deployment);
    const old = this.#stage;
    this.#stage = new Stage(deployment);
    void this.#retire(old);
  }

  /** Calls it. */
  async invoke(invocation: Invocation, context: CallContext): Promise<Outcome> {
    const stage = this.#stage;
    stage.calls++;
    try {
      return await this.#slot.invoke(stage.deployment, invocation, context);
    } finally {
      stage.calls--;
      stage.left();
    }
  }

  /** Takes no more calls. Resolves when those in flight are answered. */
  async stop(): Promise<void> {
    await this.#retire(this.#stage);
  }

  /** The full name and the codec of a function it exports. */
  function(instance: string, func: string): { instance: string; codec: FunctionCodec } {
    const { codecs } = this.#stage;
    const key = `${instance} ${func}`;
    let found = codecs.get(key);
    if (found === undefined) codecs.set(key, (found = findFunction(this.#inspection(), instance, func)));
    return found;
  }

  async #retire(stage: Stage): Promise<void> {
    stage.retire();
    await stage.emptied;
    this.#slot.unload(stage.deployment);
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
export function settingsOf({ id, options }: Placement, config: Readonly<Record<string, string>>): ComponentSettings {
  const { env = {}, args, filesystem, reuse, maxInstances } = options;
  return {
    name: id,
    args: [...(args ?? ["main.wasm"])],
    env: Object.entries(env),
    config: Object.entries(config),
    ...filesystem !== undefined && { filesystem },
    ...reuse !== undefined && { reuse },
    ...maxInstances !== undefined && { maxInstances },
  };
}

function findFunction(inspection: Inspection, instance: string, name: string): { instance: string; codec: FunctionCodec } {
  const found = findExport(inspection.exports, instance);
  const func = found.functions.find((each: FunctionInfo) => each.name === name);
  if (func === undefined) {
    throw new NotFoundError(`${found.name} has no function ${name}; it has ${list(found.functions.map((each) => each.name))}`);
  }
  return { instance: found.name, codec: new FunctionCodec(inspection, func) };
}

function findExport(exports: readonly InterfaceInfo[], instance: string): InterfaceInfo {
  const exact = exports.find((each) => each.name === instance);
  if (exact !== undefined) return exact;
  const candidates = instance.includes("@") ? [] : exports.filter((each) => withoutVersion(each.name) === instance);
  const [only, another] = candidates;
  if (only !== undefined && another === undefined) return only;
  const why = another === undefined ? `is not exported; ${list(exports.map((each) => each.name))} are` : "is exported in several versions: name one";
  throw new NotFoundError(`${instance} ${why}`);
}

function list(names: readonly string[]): string {
  return names.length === 0 ? "none" : names.join(", ");
}
