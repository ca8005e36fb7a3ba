/** The mailbox of a blocked worker: frames and the ring they go through. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { decodeFrame, encodeFrame } from "../src/engine/frame.js";
import { createMailbox, MailboxReader, MailboxWriter } from "../src/engine/mailbox.js";
import { hasSharedMemory } from "./support/hosts.js";

const skip = !hasSharedMemory();

/** A mailbox whose ring is tiny, with what its ends tell each other. */
function mailbox(bytes = 64): { writer: MailboxWriter; reader: MailboxReader; told: string[] } {
  const memory = createMailbox(bytes);
  const told: string[] = [];
  const reader = new MailboxReader(memory, () => told.push("drained"));
  return { writer: new MailboxWriter(memory, () => told.push("nudge")), reader, told };
}

function all(reader: MailboxReader): unknown[] {
  const messages: unknown[] = [];
  for (let message = reader.next(); message !== undefined; message = reader.next()) messages.push(message);
  return messages;
}

test("a message survives as a frame", () => {
  const messages: unknown[][] = [
    ["ping", 1],
    ["reply", 3, Uint8Array.of(1, 2), [{ path: [0, 1], id: 2, ready: Uint8Array.of(9) }, { path: [], id: 4 }]],
    ["push", 2, new Uint8Array(100_000).fill(7)],
    ["fail", 1, { code: "guest-error", message: "\u0000 €" }],
    ["end", 2, undefined],
  ];
  for (const message of messages) assert.deepEqual(decodeFrame(encodeFrame(message)), message);
});

test("messages come in order, also those larger than the ring", { skip }, () => {
  const { writer, reader, told } = mailbox();
  const messages = Array.from({ length: 20 }, (_, index) => ["push", index, new Uint8Array((index * 37) % 300).fill(index)]);
  messages.forEach((message) => writer.post(message));
  const received = all(reader);
  // The writer goes on when it hears of room, and is told so as often as it waits.
  for (let rounds = 0; received.length < messages.length; rounds++) {
    assert.ok(rounds < 1000 && told.includes("drained"));
    told.length = 0;
    writer.flush();
    received.push(...all(reader));
  }
  assert.deepEqual(received, messages);
});

test("an idle reader is nudged once, until it has looked", { skip }, () => {
  const { writer, reader, told } = mailbox(1024);
  writer.post(["ping", 1]);
  writer.post(["ping", 2]);
  assert.deepEqual(told, ["nudge"]);
  reader.nudged();
  assert.deepEqual(all(reader), [["ping", 1], ["ping", 2]]);
  writer.post(["ping", 3]);
  assert.deepEqual(told, ["nudge", "nudge"]);
});

test("a reader is not told of room that nobody waits for", { skip }, () => {
  const { writer, reader, told } = mailbox(1024);
  writer.post(["ping", 1]);
  assert.equal(all(reader).length, 1);
  assert.deepEqual(told, ["nudge"]);
});
