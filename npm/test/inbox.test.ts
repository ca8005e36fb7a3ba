/** Messages that go partly by a mailbox and partly by the port arrive in their order. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Inbox } from "../src/engine/inbox.js";
import { createMailbox, MailboxReader, MailboxWriter } from "../src/engine/mailbox.js";
import type { Posted } from "../src/engine/messages.js";
import { RingOutbox } from "../src/engine/ring-outbox.js";
import { hasSharedMemory } from "./support/hosts.js";

type Message = [name: string, ...rest: unknown[]];

const skip = !hasSharedMemory();
const LARGE = new Uint8Array(100_000).fill(7);

/** Both ends. What is posted is a clone, and arrives when a test says so. */
class Ends {
  readonly posted: Posted<Message>[][] = [];
  readonly refused: Message[] = [];
  readonly outbox: RingOutbox<Message>;
  readonly inbox: Inbox<Message>;

  constructor(blocks = false) {
    const memory = createMailbox(1024);
    const post = (messages: Posted<Message>[]): void => void this.posted.push(structuredClone(messages));
    const writer = new MailboxWriter(memory, () => post([["mail"]]));
    this.outbox = new RingOutbox(writer, post, (message) => this.refused.push(message), blocks);
    this.inbox = new Inbox(new MailboxReader(memory));
  }

  /** Sends a message in a turn of its own. */
  push(message: Message): void {
    this.outbox.push(message);
    this.outbox.flush();
  }

  arrive(): void {
    this.outbox.flush();
    const messages = this.posted.shift();
    assert.ok(messages !== undefined);
    this.inbox.receive(messages);
  }

  get names(): string[] {
    this.outbox.flush();
    const names: string[] = [];
    for (let message = this.inbox.next(); message !== undefined; message = this.inbox.next()) names.push(message[0]);
    return names;
  }
}

test("what the mailbox carries waits for what went by the port before it, and not the other way round", { skip }, () => {
  const ends = new Ends();
  for (const message of [["a"], ["b", LARGE], ["c", LARGE], ["d"]] as Message[]) ends.push(message);
  ends.arrive();
  assert.deepEqual(ends.names, ["a"]);
  assert.ok(ends.inbox.rest());
  ends.arrive();
  assert.deepEqual(ends.names, ["b"]);
  ends.arrive();
  assert.deepEqual(ends.names, ["c", "d"]);
  assert.ok(ends.inbox.rest());
  ends.outbox.push(["e"]);
  ends.arrive();
  assert.deepEqual(ends.names, ["e"]);
});

test("what arrives before its turn waits for it", { skip }, () => {
  const ends = new Ends();
  ends.push(["a"]);
  ends.outbox.pushByPort(["b"]);
  ends.posted.shift();
  ends.arrive();
  assert.deepEqual(ends.names, ["a", "b"]);
});

test("what cannot be sent is refused, and nothing waits for it", { skip }, () => {
  const ends = new Ends();
  const [one, other]: Message[] = [["a", () => undefined], ["b", LARGE, () => undefined]];
  for (const message of [one, other, ["c"]] as Message[]) ends.outbox.push(message);
  ends.outbox.flush();
  while (ends.posted.length > 0) ends.arrive();
  assert.deepEqual(ends.names, ["c"]);
  assert.deepEqual(ends.refused, [one, other]);
});

test("what a thread that blocks may wait for is all in the mailbox", { skip }, () => {
  const ends = new Ends(true);
  ends.outbox.pushByPort(["load"]);
  ends.outbox.push(["reply", new Uint8Array(500).fill(7)]);
  assert.deepEqual(ends.names, ["reply"]);
  ends.arrive();
  assert.deepEqual(ends.names, ["load"]);
});
