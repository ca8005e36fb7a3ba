/** `node:assert/strict` in a page: the part of it that our tests use. */

import { difference } from "./equal.js";

/** What a failed assertion throws. */
export class AssertionError extends Error {
  override name = "AssertionError";
}

type Message = string | Error | undefined;
type Expected = RegExp | ErrorClass | ((error: unknown) => boolean) | object;
type ErrorClass = abstract new (...args: never[]) => Error;

function stop(message: Message, otherwise: string): never {
  throw message instanceof Error ? message : new AssertionError(message ?? otherwise);
}

export function fail(message?: string | Error): never {
  stop(message, "failed");
}

export function ok(value: unknown, message?: string | Error): asserts value {
  if (!value) stop(message, `${show(value)} is not truthy`);
}

export function equal(actual: unknown, expected: unknown, message?: string | Error): void {
  if (!Object.is(actual, expected)) stop(message, `got ${show(actual)}, expected ${show(expected)}`);
}

export function notEqual(actual: unknown, unexpected: unknown, message?: string | Error): void {
  if (Object.is(actual, unexpected)) stop(message, `got ${show(actual)}`);
}

export function deepEqual(actual: unknown, expected: unknown, message?: string | Error): void {
  const where = difference(actual, expected);
  if (where !== undefined) stop(message, `differs at ${where}: got ${show(actual)}, expected ${show(expected)}`);
}

export function notDeepEqual(actual: unknown, unexpected: unknown, message?: string | Error): void {
  if (difference(actual, unexpected) === undefined) stop(message, `got ${show(actual)}`);
}

export function match(text: string, pattern: RegExp, message?: string | Error): void {
  if (!pattern.test(text)) stop(message, `${show(text)} does not match ${String(pattern)}`);
}

export function doesNotMatch(text: string, pattern: RegExp, message?: string | Error): void {
  if (pattern.test(text)) stop(message, `${show(text)} matches ${String(pattern)}`);
}

export function throws(work: () => unknown, ...rest: [(Expected | string)?, Message?]): void {
  const { expected, message } = parse(rest);
  let caught: { error: unknown } | undefined;
  try {
    work();
  } catch (error) {
    caught = { error };
  }
  checkThrown(caught, expected, message);
}

export async function rejects(
  work: Promise<unknown> | (() => Promise<unknown>), ...rest: [(Expected | string)?, Message?]
): Promise<void> {
  const { expected, message } = parse(rest);
  const promise = typeof work === "function" ? work() : work;
  const caught = await promise.then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  checkThrown(caught, expected, message);
}

export async function doesNotReject(work: Promise<unknown> | (() => Promise<unknown>)): Promise<void> {
  await (typeof work === "function" ? work() : work);
}

export function doesNotThrow(work: () => unknown): void {
  work();
}

function parse([first, second]: [(Expected | string)?, Message?]): { expected?: Expected; message: Message } {
  return typeof first === "string" ? { message: first } : { expected: first, message: second };
}

function checkThrown(caught: { error: unknown } | undefined, expected: Expected | undefined, message: Message): void {
  if (!caught) stop(message, "nothing was thrown");
  if (expected !== undefined && !fits(caught.error, expected)) {
    stop(message, `another error was thrown: ${show(caught.error)}, expected ${show(expected)}`);
  }
}

function fits(error: unknown, expected: Expected): boolean {
  if (expected instanceof RegExp) return expected.test(String(error));
  if (isErrorClass(expected)) return error instanceof expected;
  if (typeof expected === "function") return (expected as (error: unknown) => boolean)(error);
  return Object.entries(expected).every(([key, value]: [string, unknown]) => {
    const actual = (error as Record<string, unknown>)[key];
    return value instanceof RegExp ? value.test(String(actual)) : difference(actual, value) === undefined;
  });
}

function isErrorClass(expected: Expected): expected is ErrorClass {
  return expected === Error || (typeof expected === "function" && expected.prototype instanceof Error);
}

function show(value: unknown): string {
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (typeof value === "function") return value.name;
  if (typeof value === "bigint" || typeof value === "symbol") return String(value);
  if (value === undefined) return "undefined";
  const text = JSON.stringify(value, (_, part: unknown) => {
    return typeof part === "bigint" || part instanceof RegExp ? String(part) : part;
  });
  return text.length > 500 ? `${text.slice(0, 500)}...` : text;
}

export { equal as strictEqual, notEqual as notStrictEqual, deepEqual as deepStrictEqual };
export { notDeepEqual as notDeepStrictEqual };

/** `assert(value)` and `assert.equal(...)`. */
const assert = Object.assign(ok, {
  AssertionError, fail, ok, equal, strictEqual: equal, notEqual, notStrictEqual: notEqual, deepEqual,
  deepStrictEqual: deepEqual, notDeepEqual, notDeepStrictEqual: notDeepEqual, match, doesNotMatch, throws, rejects,
  doesNotThrow, doesNotReject,
});
export default assert;
