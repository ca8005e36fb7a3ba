/** A component, decoded and compiled: its plan and its core modules. Engines in workers share the modules. */

import type { Core } from "../core.js";
import { InvalidComponentError, messageOf } from "../errors.js";
import type { Inspection } from "../inspection.js";
import { guardOf } from "./guard.js";
import { unref } from "./timer.js";
import { Trust } from "./trust.js";

/** A component that was decoded and compiled before. */
export interface Precompiled {
  /** The plan that the core made of it. */
  plan: Uint8Array;
  /** The core modules of the plan, in its order. */
  modules: WebAssembly.Module[];
  /** What `inspect` says about it; without it, only bytes can be exchanged with the component. */
  inspection?: Inspection;
  /** Whether its code counts what it does, as the option `fuel` needs it. Default no. */
  metered?: boolean;
}

/** A component as the host keeps it. */
export class Artifact {
  readonly plan: Uint8Array;
  readonly modules: WebAssembly.Module[];
  /** Whether its code counts what it does. */
  readonly metered: boolean;
  /** How many memories an instance takes, which the first engine that loads it tells. */
  memories = 1;
  /** How far its code is trusted. */
  readonly trust = new Trust();
  readonly #types: Types | undefined;
  #inspection: Inspection | undefined;

  private constructor(plan: Uint8Array, modules: WebAssembly.Module[], metered: boolean, types: Types | Inspection | undefined) {
    this.plan = plan;
    this.modules = modules;
    this.metered = metered;
    if (types instanceof Types) this.#types = types;
    else this.#inspection = types;
  }

  /** Its imports and exports with their types, where they are known. */
  get inspection(): Inspection | undefined {
    return (this.#inspection ??= this.#types?.read());
  }

  /** Decodes and compiles the bytes of a component; `metered` has its code count what it does. */
  static async compile(core: Core, bytes: Uint8Array, metered: boolean): Promise<Artifact> {
    const guard = guardOf(core);
    const { plan, modules } = guard.run(() => core.compile(bytes, metered));
    const compiled = await Promise.all(modules.map(compileModule));
    // No closure of this function may outlive it: it would keep the bytes.
    return new Artifact(plan, compiled, metered, new Types(core, bytes));
  }

  /** Takes what was compiled before. */
  static precompiled({ plan, modules, inspection, metered = false }: Precompiled): Artifact {
    return new Artifact(plan, modules, metered, inspection);
  }
}

/** How long the bytes of a component are kept, in milliseconds. */
const KEPT = 1000;

/**
 * The types of a component. They are read out of its bytes when they are first asked for, or after a while, off the way of
 * its start; then they are kept as text, a fraction of the bytes, until somebody asks.
 */
class Types {
  #read: () => string;

  /** The types of the component with these bytes. */
  constructor(core: Core, bytes: Uint8Array) {
    this.#read = () => JSON.stringify(inspectWith(core, bytes));
    unref(setTimeout(() => this.#letGo(), KEPT));
  }

  /** What they are. */
  read(): Inspection {
    return JSON.parse(this.#condense()) as Inspection;
  }

  #letGo(): void {
    try {
      this.#condense();
    } catch {
      // Who asks for the types is told.
    }
  }

  #condense(): string {
    const text = this.#read();
    this.#read = () => text;
    return text;
  }
}

/** What is in a component. */
export function inspectWith(core: Core, bytes: Uint8Array): Inspection {
  return guardOf(core).run(() => core.inspect(bytes)) as Inspection;
}

async function compileModule(bytes: Uint8Array): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes as Uint8Array<ArrayBuffer>);
  } catch (error) {
    throw new InvalidComponentError(`a core module of the component is not valid: ${messageOf(error)}`, { cause: error });
  }
}
