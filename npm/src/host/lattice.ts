/**
 * What a host asks of its lattice. Alone in memory, or with others of its kind on a bus in memory, it keeps the lattice
 * itself (`alone.ts`); over a network it is a member like any other (`lattice/membership.ts`).
 */

import type { PullOptions } from "../artifacts/options.js";
import type { Isolation } from "../engine/isolation.js";
import type { Provider } from "../providers/provider.js";
import type { ComponentSource, Places } from "./bytes.js";
import type { Placement } from "./component.js";
import type { EventPublisher } from "./events.js";
import type { Link, UnlinkSpec } from "./links.js";
import type { Elsewhere, Router } from "./router.js";
import type { Runner } from "./runner.js";

/** A named config. */
export type Config = Readonly<Record<string, string>>;

/** A secret. */
export type Secret = string | Uint8Array;

/** What the host's components have from their lattice, as it is now. */
export interface LatticeView {
  /** The links of a source. */
  links(source: string): readonly Link[];
  /** The named configs of a component as one, later ones over earlier ones. Where it is `starting`, fails where one does not exist. */
  config(id: string, names: readonly string[], starting: boolean): Config;
  /** A secret of a component, by the name under which it sees it. */
  secret(id: string, name: string): Secret | undefined;
  /** The configs of a link for its target, as one. */
  targetConfig(link: Link): Config;
  /** Notes a component that was started. */
  register(id: string, reference: string): Promise<void>;
}

/** A lattice, as one of its hosts uses it. Each of these tells the lattice what has come of it. */
export interface Lattice {
  /** What the host has to offer. */
  readonly labels: Readonly<Record<string, string>>;
  /** Resolves when the lattice wants the host to stop, where it can. */
  readonly ended?: Promise<void>;
  start(placement: Placement, source: ComponentSource, pull: PullOptions): Promise<void>;
  stop(id: string, signal: AbortSignal | undefined): Promise<void>;
  update(id: string, source: ComponentSource, signal: AbortSignal | undefined): Promise<void>;
  link(link: Link): Promise<void>;
  unlink(spec: UnlinkSpec): Promise<void>;
  putConfig(name: string, config: Config): Promise<void>;
  getConfig(name: string): Promise<Config | undefined>;
  deleteConfig(name: string): Promise<void>;
  /** Resolves where a provider may run here. */
  permitProvider(id: string): Promise<void>;
  /** A provider runs here from now on. Resolves when the lattice has been told. */
  provided(id: string, provider: Provider): Promise<void>;
  /** It does no more. */
  withdrawn(id: string): void;
  /** Takes no more calls; those at work get so many milliseconds. Resolves when they are answered, or their time is up. */
  drain(deadline: number): Promise<void>;
  /** Is no part of it any more. */
  leave(): Promise<void>;
}

/** What a lattice needs of its host. */
export interface HostSide {
  name: string;
  labels: Readonly<Record<string, string>>;
  publisher: EventPublisher;
  router: Router;
  runner: Runner;
  places: Places;
  isolation: Isolation;
  deadline: number;
  /** Says what is left to be said before the host leaves. */
  lastWords(): void;
}

/** What a host has of its lattice before it is there. */
export interface Ground {
  /** Its id. */
  readonly id: string;
  /** The secret of its id, where it has one. */
  readonly seed: string | undefined;
  /** What it is called unless it is told. */
  readonly name: string;
  readonly view: LatticeView;
  /** Where calls go whose target does not run here. */
  readonly elsewhere: Elsewhere | undefined;
  /** The host is there: tells the lattice. */
  enter(side: HostSide): Promise<Lattice>;
}
