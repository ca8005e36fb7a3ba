/** Which subjects, buckets and keys are valid: the rules of nats-server, as `host-wasm/lattice` has them. */

import { InvalidArgumentError } from "../errors.js";

/** No subject or pattern is longer than this, in UTF-16 units. */
const MAX_LENGTH = 2048;

const malformed = /[ \t\r\n\f\0]|^\.|\.\.|\.$|^$/;
const wildcard = /(?:^|\.)[*>](?:\.|$)/;
const earlyEnd = /(?:^|\.)>\./;
const bucketName = /^[-_a-zA-Z0-9]+$/;
const keyName = /^[-/_=a-zA-Z0-9]+(?:\.[-/_=a-zA-Z0-9]+)*$/;
const keyPattern = /^(?:>|(?:(?:\*|[-/_=a-zA-Z0-9]+)\.)*(?:\*|>|[-/_=a-zA-Z0-9]+))$/;

/** Fails unless a message may be published to `subject`. */
export function checkSubject(subject: string): void {
  checkTokens(subject);
  if (wildcard.test(subject)) throw invalid(subject, "a message cannot be published to a wildcard");
}

/** Fails unless one may subscribe to `pattern`. */
export function checkPattern(pattern: string): void {
  checkTokens(pattern);
  if (earlyEnd.test(pattern)) throw invalid(pattern, "> can only be the last token");
}

/** Fails unless `name` can be the name of a queue group. */
export function checkGroup(name: string): void {
  if (malformed.test(name)) throw new InvalidArgumentError(`\`${name}\` is not a valid queue group: it is empty or has white space`);
}

/** Fails unless `name` can be the name of a bucket. */
export function checkBucket(name: string): void {
  if (!bucketName.test(name)) throw new InvalidArgumentError(`\`${name}\` is not a valid bucket: use letters, digits, - and _`);
}

/** Fails unless `key` can be a key. */
export function checkKey(key: string): void {
  if (!keyName.test(key)) throw new InvalidArgumentError(`\`${key}\` is not a valid key: use letters, digits and -/_=, in tokens joined by dots`);
}

/** Fails unless `pattern` is a key, or one with wildcards for whole tokens. */
export function checkKeyPattern(pattern: string): void {
  if (!keyPattern.test(pattern)) throw new InvalidArgumentError(`\`${pattern}\` is not a valid pattern of keys`);
}

function checkTokens(subject: string): void {
  if (subject.length > MAX_LENGTH) throw new InvalidArgumentError(`a subject is longer than ${MAX_LENGTH} characters`);
  if (malformed.test(subject)) throw invalid(subject, "it has an empty token or white space");
}

function invalid(subject: string, reason: string): InvalidArgumentError {
  return new InvalidArgumentError(`\`${subject}\` is not a valid subject: ${reason}`);
}
