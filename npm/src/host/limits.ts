/** Limits of what guests may take of what they share with others. Every default stands here. */

/** The limits of a component. `null` lifts one, where the guest is trusted. */
export interface ComponentLimits {
  /** Bytes of memory an instance may have, in pages of 64 KiB. A guest that wants more is told so by `memory.grow`. Default 256 MiB. */
  maxMemory?: number | null;
  /** How many calls may be at work at once on this host, each with an instance of its own; further ones wait. Default 32. */
  maxInstances?: number | null;
  /**
   * How much a call may do, in steps: a step is a function's entry or an iteration of a loop, of 512 instructions at most;
   * what has more takes more steps. A guest that runs out is stopped and nobody else is harmed. Counting costs about a
   * tenth of its speed. Default none.
   */
  fuel?: number | null;
  /** How many calls may wait for their turn; further ones are refused. Default 1024. */
  maxQueue?: number | null;
  /**
   * How many streams and futures may be open, those to the component and those from it. Calls that a guest makes while
   * others are not answered yet, such as HTTP requests, are futures. Default 256.
   */
  maxStreamsInFlight?: number | null;
  /**
   * Bytes that the parameters or the results of one call may have, streams not counted; also those of the calls together
   * that a guest makes during one and that are not answered yet. Default 64 MiB.
   */
  maxMessageBytes?: number | null;
  /** How many elements the tables of an instance may have. Default 1 000 000. */
  maxTables?: number | null;
  /** How many lines it may log and print in a second, and as many at once; further ones are dropped. Default 1000. */
  maxLogRate?: number | null;
}

/** The limits of a host: of all its components together. `null` lifts one. */
export interface HostLimits {
  /**
   * Bytes of memory that all instances may have, but for those in dedicated workers. In equal parts, which nobody exceeds:
   * one for each worker of the pool (`navigator.hardwareConcurrency`, 8 at most), one for newcomers, one for suspects and
   * one for the thread of the host. Each component with `isolation: "dedicated"` has one more such part on top, so that `n`
   * of them on a machine with eight processors raise the sum by `n / 11`. Default 4 GiB, in browsers 1 GiB.
   */
  maxMemory?: number | null;
  /**
   * How many instances may live; one that has several memories counts for as many. In parts as `maxMemory`; of those in
   * which calls are at work, dedicated ones too, no more are in all. Default what the platform has room for:
   * Node 8000, Firefox 800, other browsers 96.
   */
  maxInstances?: number | null;
  /** How many calls may wait for their turn. Default 10 000. */
  maxQueue?: number | null;
  /** How many streams and futures may be open. Default 10 000. */
  maxStreamsInFlight?: number | null;
  /** How many lines may be logged and printed in a second. Default no limit. */
  maxLogRate?: number | null;
}

/** The name of a limit, as the option is called. */
export type LimitName = keyof ComponentLimits;

/** The limits of a component, all of them: `Infinity` for none. */
export type Limits = Readonly<Record<LimitName, number>>;

/** The limits of a host, all of them: `Infinity` for none. */
export type Totals = Readonly<Record<keyof HostLimits, number>>;

/** What a platform has room for. */
export type Room = Pick<Totals, "maxMemory" | "maxInstances">;

/** Milliseconds that a call may take. */
export const DEADLINE = 30_000;

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

/** Node, and what is like it. */
export const SERVER_ROOM: Room = { maxMemory: 4 * GIB, maxInstances: 8000 };

/** Browsers: Chromium allows 125 memories in a renderer, and some of them are not the guests'. */
export const BROWSER_ROOM: Room = { maxMemory: GIB, maxInstances: 96 };

/** Firefox: its memories share the address space with all else of a tab. */
export const FIREFOX_ROOM: Room = { maxMemory: GIB, maxInstances: 800 };

const COMPONENT: Limits = {
  maxMemory: 256 * MIB,
  maxInstances: 32,
  fuel: Infinity,
  maxQueue: 1024,
  maxStreamsInFlight: 256,
  maxMessageBytes: 64 * MIB,
  maxTables: 1_000_000,
  maxLogRate: 1000,
};

const HOST: Omit<Totals, keyof Room> = { maxQueue: 10_000, maxStreamsInFlight: 10_000, maxLogRate: Infinity };

/** The limits that a component's options mean. */
export function limitsOf(options: ComponentLimits): Limits {
  return filledIn(COMPONENT, options);
}

/** The limits that a host's options mean. */
export function totalsOf(options: HostLimits, room: Room): Totals {
  return filledIn({ ...HOST, ...room }, options);
}

/** What an option means: `null` is `Infinity`. */
export function orElse(option: number | null | undefined, otherwise: number): number {
  return option === undefined ? otherwise : option ?? Infinity;
}

/** Limits as options tell them: `null` for none. */
export function nullable<K extends string>(limits: Readonly<Record<K, number>>): Record<K, number | null> {
  const names = Object.keys(limits) as K[];
  return Object.fromEntries(names.map((name) => [name, limits[name] === Infinity ? null : limits[name]])) as Record<K, number | null>;
}

function filledIn<K extends string>(defaults: Readonly<Record<K, number>>, given: Partial<Record<K, number | null>>): Record<K, number> {
  const names = Object.keys(defaults) as K[];
  const values = names.map((name) => [name, orElse(given[name], defaults[name])]);
  return Object.fromEntries(values) as Record<K, number>;
}
