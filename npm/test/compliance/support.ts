/** What the tests of a bus share. */

import assert from "node:assert/strict";
import { test } from "node:test";

import type { Bucket, Bus, Message, SubscribeOptions } from "../../src/bus.js";

/** Makes a bus. */
export type MakeBus = () => Bus | Promise<Bus>;

/** A request that is not answered in this time would keep the process alive: nothing may be left of it. */
export const hour = 3_600_000;

/** No bytes. */
export const nothing = new Uint8Array(0);

let names = 0;

/** A token that no other test uses, neither in this run nor in another against the same server. */
export function unique(): string {
  names += 1;
  return `t${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}-${names}`;
}

/** Declares a test with a bus of its own and a token to begin its subjects and buckets with. */
export function busTest(makeBus: MakeBus, name: string, body: (bus: Bus, at: string) => Promise<void>): void {
  test(name, async () => {
    const bus = await makeBus();
    try {
      await body(bus, unique());
    } finally {
      await bus.close();
    }
  });
}

/** Declares a test with a new bucket. */
export function bucketTest(makeBus: MakeBus, name: string, body: (bucket: Bucket, bus: Bus) => Promise<void>): void {
  busTest(makeBus, name, async (bus, at) => body(await bus.bucket(at), bus));
}

/** The bytes of a text. */
export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The text of bytes. */
export function text(payload: Uint8Array): string {
  return new TextDecoder().decode(payload);
}

/** Subscribes and keeps what arrives, as text. */
export function keep(bus: Bus, subject: string, options: SubscribeOptions = {}): string[] {
  const kept: string[] = [];
  bus.subscribe(subject, { ...options, callback: (message) => kept.push(text(message.payload)) });
  return kept;
}

/** Subscribes and answers each request with what `answer` makes of it. */
export function serve(bus: Bus, subject: string, answer: (message: Message) => string, queue?: string): void {
  const callback = (message: Message): void => {
    if (message.reply !== undefined) bus.publish(message.reply, bytes(answer(message)));
  };
  bus.subscribe(subject, queue === undefined ? { callback } : { callback, queue });
}

/**
 * Resolves when everything published before has been delivered: a bus keeps the order of one publisher, so what comes
 * after it proves that it came, or that it never will.
 */
export async function settle(bus: Bus): Promise<void> {
  const subject = unique();
  const arrived = new Promise<void>((resolve) => {
    bus.subscribe(subject, { max: 1, callback: () => resolve() });
  });
  bus.publish(subject, nothing);
  await bus.flush();
  await arrived;
}

/** The next item of an iterator that has one. */
export async function next<T>(iterator: AsyncIterator<T>): Promise<T> {
  const result = await iterator.next();
  assert.ok(result.done !== true, "the iteration has ended");
  return result.value;
}

/** All items to the end of the iteration. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
