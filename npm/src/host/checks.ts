/**
 * Checks of what programs without types, or with casts, may hand in. What is wrong is refused where it enters, by the
 * name of the option, before it can mean something else further in.
 */

import { show } from "../codec/located.js";
import { InvalidArgumentError } from "../errors.js";
import type { LimitName } from "./limits.js";
import { checkName } from "./names.js";
import type { ComponentOptions, HostOptions } from "./options.js";

/** Checks the options of a host. */
export function checkHostOptions({ lattice = "default", labels, isolation, deadline, limits, ...buses }: HostOptions): void {
  checkBuses(buses);
  checkName("lattice", lattice);
  if (labels !== undefined) checkStrings("labels", labels);
  checkIsolation(isolation);
  checkDeadline(deadline);
  if (limits !== undefined) checkTotals(limits);
}

function checkBuses({ bus, nats, rpcBus, rpcNats }: HostOptions): void {
  if (bus !== undefined && nats !== undefined) throw new InvalidArgumentError("a host has one bus: give `bus` or `nats`, not both");
  if (rpcBus !== undefined && rpcNats !== undefined) throw new InvalidArgumentError("calls have one bus: give `rpcBus` or `rpcNats`, not both");
  if (bus !== undefined || nats !== undefined || (rpcBus ?? rpcNats) === undefined) return;
  throw new InvalidArgumentError("`rpcBus` and `rpcNats` are for calls only: give the bus of the lattice as well, as `bus` or `nats`");
}

/** Checks the options of a component. */
export function checkComponentOptions(options: ComponentOptions): void {
  const { config, env, args, deadline, isolation } = options;
  if (config !== undefined) checkConfig(config);
  if (env !== undefined) checkStrings("env", env);
  if (args !== undefined) checkList("args", "a list of strings", args);
  checkDeadline(deadline);
  checkIsolation(isolation);
  for (const name of Object.keys(LEAST) as LimitName[]) checkLimit(name, LEAST[name], options[name]);
}

/** Checks a deadline, where there is one. */
export function checkDeadline(deadline: unknown): void {
  if (deadline === null || deadline === undefined || (typeof deadline === "number" && deadline >= 0)) return;
  refuse("deadline", "milliseconds, 0 or more, or null for no end", deadline);
}

/** Checks a record of strings. */
export function checkStrings(what: string, record: unknown): void {
  if (typeof record !== "object" || record === null || Array.isArray(record)) refuse(what, "a record of strings", record);
  for (const [key, value] of Object.entries(record)) {
    if (typeof value !== "string") refuse(`${what}[${JSON.stringify(key)}]`, "a string, as all values are", value);
  }
}

/** Checks a list of strings; `expected` says of which. */
export function checkList(what: string, expected: string, list: unknown): void {
  if (!Array.isArray(list)) refuse(what, expected, list);
  list.forEach((each: unknown, index) => checkString(`${what}[${index}]`, each));
}

/** Checks a string. */
export function checkString(what: string, text: unknown): void {
  if (typeof text !== "string") refuse(what, "a string", text);
}

/** Checks bytes. */
export function checkBytes(what: string, bytes: unknown): void {
  if (!(bytes instanceof Uint8Array)) refuse(what, "a Uint8Array", bytes);
}

/** The least that makes sense of each limit. */
const LEAST: Readonly<Record<LimitName, number>> = {
  maxMemory: 1,
  maxInstances: 1,
  fuel: 1,
  maxQueue: 0,
  maxStreamsInFlight: 0,
  maxMessageBytes: 0,
  maxTables: 0,
  maxLogRate: 0,
};

/** The limits that a host has, too. */
const TOTALS = ["maxMemory", "maxInstances", "maxQueue", "maxStreamsInFlight", "maxLogRate"] as const;

/** A name that is none would leave the host without the limit that was meant. */
function checkTotals(limits: unknown): void {
  if (typeof limits !== "object" || limits === null || Array.isArray(limits)) refuse("limits", "a record of limits", limits);
  for (const [key, value] of Object.entries(limits)) {
    const name = TOTALS.find((each) => each === key);
    if (name === undefined) throw new InvalidArgumentError(`limits.${key}: a host has no such limit; it has ${TOTALS.join(", ")}`);
    checkLimit(`limits.${name}`, LEAST[name], value);
  }
}

function checkLimit(what: string, least: number, value: unknown): void {
  if (value === undefined || value === null || (Number.isSafeInteger(value) && (value as number) >= least)) return;
  refuse(what, `an integer of ${least} or more, or null for no limit`, value);
}

function checkConfig(config: unknown): void {
  if (Array.isArray(config)) checkList("config", "a list of names", config);
  else checkStrings("config", config);
}

function checkIsolation(isolation: unknown): void {
  if (isolation === undefined || isolation === "worker" || isolation === "dedicated" || isolation === "inline") return;
  refuse("isolation", '"worker", "dedicated" or "inline"', isolation);
}

/** Refuses what was handed in. */
export function refuse(what: string, expected: string, got: unknown): never {
  throw new InvalidArgumentError(`${what}: expected ${expected}, got ${show(got)}`);
}
