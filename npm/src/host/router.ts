/**
 * Where the calls of guests go: by the link of the import to a component or a provider on this host. Facts: the
 * lattice protocol 1.x, section 7.1.
 */

import { bounded, type CallContext } from "../engine/context.js";
import type { Answer, Invocation } from "../engine/invocation.js";
import { ConflictError, NotFoundError } from "../errors.js";
import type { Provider } from "../providers/provider.js";
import type { Component } from "./component.js";
import { resolveLink } from "./links.js";
import { checkName } from "./names.js";
import type { LinkCall } from "./options.js";
import type { LatticeStore } from "./store.js";

/** The components and providers of a host, by id. */
export class Router {
  readonly components = new Map<string, Component>();
  readonly providers = new Map<string, Provider>();
  /** The ids of components that are being started. */
  readonly starting = new Set<string>();
  readonly #store: LatticeStore;
  readonly #onCall: ((call: LinkCall) => void) | undefined;

  /** A router that goes by the links of a lattice and tells `onCall` of each call. */
  constructor(store: LatticeStore, onCall?: (call: LinkCall) => void) {
    this.#store = store;
    this.#onCall = onCall;
  }

  /** Fails where an id is no id, or in use. */
  reserve(id: string): void {
    checkName("id", id);
    if (this.components.has(id) || this.providers.has(id) || this.starting.has(id)) {
      throw new ConflictError(`the id ${id} is in use on this host`);
    }
  }

  /** A component that runs here. */
  component(id: string): Component {
    const component = this.components.get(id);
    if (component === undefined) throw new NotFoundError(`no component ${id} runs on this host`);
    return component;
  }

  /** Carries a guest's call to its target. */
  async route(source: string, invocation: Invocation, context: CallContext): Promise<Answer> {
    const link = resolveLink(source, this.#store.links(source), invocation.instance);
    this.#onCall?.({ source, target: link.target, instance: invocation.instance, func: invocation.func });
    const component = this.components.get(link.target);
    if (component !== undefined) return component.invoke(invocation, bounded(component.placement.deadline, context));
    const provider = this.providers.get(link.target);
    if (provider === undefined) {
      throw new NotFoundError(`${source} is linked to ${link.target} for ${invocation.instance}, which does not run on this host`);
    }
    const config = this.#store.mergedNow(link.target_config);
    return provider.call(invocation, { source, link: link.name, config, signal: context.signal });
  }
}
