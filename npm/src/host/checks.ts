/**
 * Checks of what programs without types, or with casts, may hand in. What is wrong is refused where it enters, by the
 * name of the option, before it can mean something else further in.
 */

import { show } from "../codec/located.js";
import { InvalidArgumentError } from "../errors.js";
import { checkName } from "./names.js";
import type { ComponentOptions, HostOptions } from "./options.js";

/** Checks the options of a host. */
export function checkHostOptions({ lattice = "default", labels, isolation, deadline }: HostOptions): void {
  checkName("lattice", lattice);
  if (labels !== undefined) checkStrings("labels", labels);
  checkIsolation(isolation);
  checkDeadline(deadline);
}

/** Checks the options of a component. */
export function checkComponentOptions({ config, env, args, deadline, maxInstances, isolation }: ComponentOptions): void {
  if (config !== undefined) checkConfig(config);
  if (env !== undefined) checkStrings("env", env);
  if (args !== undefined) checkList("args", "a list of strings", args);
  checkDeadline(deadline);
  if (maxInstances !== undefined && !(Number.isInteger(maxInstances) && maxInstances >= 1)) {
    refuse("maxInstances", "an integer of 1 or more", maxInstances);
  }
  checkIsolation(isolation);
}

/** Checks a deadline, where there is one. */
export function checkDeadline(deadline: unknown): void {
  if (deadline === undefined || (typeof deadline === "number" && deadline >= 0)) return;
  refuse("deadline", "milliseconds, 0 or more", deadline);
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
