/**
 * Where the calls of guests go: by the link of the import to a component or a provider, on this host where it runs
 * here, otherwise over the bus. Facts: the lattice protocol 1.x, section 7.1.
 */

import { bounded, type CallContext } from "../engine/context.js";
import type { Answer, Invocation } from "../engine/invocation.js";
import { ConflictError, NotFoundError } from "../errors.js";
import type { Provider } from "../providers/provider.js";
import type { Component } from "./component.js";
import { GuestInterfaces } from "./guest-interfaces.js";
import type { LatticeView } from "./lattice.js";
import { resolveLink } from "./links.js";
import { checkName, linkKey } from "./names.js";
import type { LinkCall } from "./options.js";

/** Carries a call to a target on another host. */
export type Elsewhere = (route: Route, invocation: Invocation, context: CallContext) => Promise<Answer>;

/** How a call goes. */
export interface Route {
  /** The component or provider that is called. */
  readonly target: string;
  /** Who calls. */
  readonly source: string;
  /** The link by which it calls. */
  readonly link: string;
}

/** The components and providers of a host, by id. */
export class Router {
  readonly components = new Map<string, Component>();
  readonly providers = new Map<string, Provider>();
  /** The ids of components that are being started. */
  readonly starting = new Set<string>();
  /** The ids of components whose start is asked for. */
  readonly expected = new Set<string>();
  /** Asked before a guest calls a component of this host, where there is somebody to be asked. */
  permit: ((source: string, id: string, invocation: Invocation) => Promise<void>) | undefined;
  readonly #view: LatticeView;
  readonly #own: GuestInterfaces;
  readonly #elsewhere: Elsewhere | undefined;
  readonly #onCall: ((call: LinkCall) => void) | undefined;

  /** A router that goes by the links of a lattice, tells `onCall` of each call, and gives to `elsewhere` what does not run here. */
  constructor(view: LatticeView, onCall?: (call: LinkCall) => void, elsewhere?: Elsewhere) {
    this.#view = view;
    this.#own = new GuestInterfaces(view);
    this.#onCall = onCall;
    this.#elsewhere = elsewhere;
  }

  /** Fails where an id is no id, or in use. */
  reserve(id: string): void {
    checkName("id", id);
    if ([this.components, this.providers, this.starting, this.expected].some((ids) => ids.has(id))) {
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
    const results = this.#own.answer(source, invocation, context);
    if (results !== undefined) return { results };
    const { instance } = invocation;
    const link = resolveLink(source, this.#view.links(source), instance, this.#own.linkName(context, linkKey(instance)));
    this.#onCall?.({ source, target: link.target, instance: invocation.instance, func: invocation.func });
    if (this.permit !== undefined && this.components.has(link.target)) await this.permit(source, link.target, invocation);
    const component = this.components.get(link.target);
    if (component !== undefined) return component.invoke(invocation, bounded(component.placement.deadline, context));
    const provider = this.providers.get(link.target);
    if (provider !== undefined) {
      return provider.call(invocation, { source, link: link.name, config: this.#view.targetConfig(link), signal: context.signal });
    }
    if (this.#elsewhere === undefined) {
      throw new NotFoundError(`${source} is linked to ${link.target} for ${invocation.instance}, which does not run on this host`);
    }
    return this.#elsewhere({ target: link.target, source, link: link.name }, invocation, context);
  }
}
