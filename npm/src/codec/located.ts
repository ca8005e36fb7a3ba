/**
 * Where within a value an error is: collected on the way out, so that the good way costs nothing.
 */

import { DecodeError, InvalidArgumentError, messageOf } from "../errors.js";

/** What is wrong, with the path to it as far as it is known. */
class Located extends Error {
  readonly path: string;

  constructor(message: string, path: string) {
    super(message);
    this.path = path;
  }
}

/** Fails because a value of JavaScript is not what its type asks for. */
export function expected(what: string, got: unknown): never {
  throw new Located(`expected ${what}, got ${show(got)}`, "");
}

/** The error with one step put before its path: a key such as `.name`, or an index. */
export function within(step: string | number, error: unknown): Located {
  const here = typeof step === "number" ? `[${step}]` : step;
  return new Located(messageOf(error), error instanceof Located ? here + error.path : here);
}

/** Runs an encoder of JavaScript values; its errors name the place. */
export function encoding<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw error instanceof Located ? new InvalidArgumentError(`${error.path}: ${error.message}`) : error;
  }
}

/** Runs a decoder of bytes; its errors name the place. */
export function decoding<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw error instanceof Located ? new DecodeError(`${error.path}: ${error.message}`) : error;
  }
}

/** A value as messages show it. */
export function show(value: unknown): string {
  switch (typeof value) {
    case "string": return value.length > 40 ? `${JSON.stringify(value.slice(0, 40))}…` : JSON.stringify(value);
    case "bigint": return `${value}n`;
    case "object": return value === null ? "null" : Object.prototype.toString.call(value);
    case "function": return "a function";
    default: return String(value);
  }
}
