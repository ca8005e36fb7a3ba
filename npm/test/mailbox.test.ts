/** The mailbox of a blocked worker: frames and the ring they go through. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { FrameDecoder } from "../src/engine/frame-decoder.js";
import { FrameEncoder } from "../src/engine/frame-encoder.js";
import { createMailbox, MailboxReader, MailboxWriter } from "../src/engine/mailbox.js";
import { frameOf } from "./support/frames.js";
import { hasSharedMemory } from "./support/hosts.js";

const skip = !hasSharedMemory();

/** A mailbox whose ring is tiny, with what its ends tell each other. */
function mailbox(bytes = 64): { writer: MailboxWriter; reader: MailboxReader; told: string[] } {
  const memory = createMailbox(bytes);
  const told: string[] = [];
  const reader = new MailboxReader(memory, () => told.push("room"));
  return { writer: new MailboxWriter(memory, () => told.push("nudge")), reader, told };
}

/** What arrives of a message. */
function sent(encoder: FrameEncoder, decoder: FrameDecoder, message: unknown[]): unknown[] {
  return decoder.decode(frameOf(encoder, message));
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
  for (const message of messages) assert.deepEqual(sent(new FrameEncoder(), new FrameDecoder(), message), message);
});

test("texts that were sent before go as numbers, and what is forgotten goes as text again", () => {
  const [encoder, decoder] = [new FrameEncoder(), new FrameDecoder()];
  const lengths = [["push", "once"], ["push", "once"]].map((message) => frameOf(encoder, message)).map((frame) => {
    assert.deepEqual(decoder.decode(frame), ["push", "once"]);
    return frame.length;
  });
  assert.ok(Number(lengths[1]) < Number(lengths[0]));
  const many = Array.from({ length: 1000 }, (_, index) => [`text ${index % 300}`, "push", "x".repeat(index)]);
  for (const message of many) assert.deepEqual(sent(encoder, decoder, message), message);
});

test("what cannot be sent is refused, and those that follow are understood", () => {
  const [encoder, decoder] = [new FrameEncoder(), new FrameDecoder()];
  for (const value of [() => undefined, Symbol("s"), 1n, null]) {
    assert.throws(() => frameOf(encoder, ["fail", "new text", value]), TypeError);
    assert.deepEqual(sent(encoder, decoder, ["fail", "new text"]), ["fail", "new text"]);
  }
});

test("messages come in order, also those larger than the ring", { skip }, () => {
  const { writer, reader, told } = mailbox();
  const messages = Array.from({ length: 20 }, (_, index) => ["push", index, new Uint8Array((index * 37) % 300).fill(index)]);
  messages.forEach((message) => writer.post(message));
  const received = all(reader);
  // The writer goes on when it hears of room, and is told so as often as it waits.
  for (let rounds = 0; received.length < messages.length; rounds++) {
    assert.ok(rounds < 1000 && told.includes("room"));
    told.length = 0;
    writer.flush();
    received.push(...all(reader));
  }
  assert.deepEqual(received, messages);
});

test("a reader is nudged once, until it rests", { skip }, () => {
  const { writer, reader, told } = mailbox(1024);
  writer.post(["ping", 1]);
  writer.post(["ping", 2]);
  assert.deepEqual(all(reader), [["ping", 1], ["ping", 2]]);
  writer.post(["ping", 3]);
  assert.deepEqual(told, ["nudge"]);
  assert.deepEqual(all(reader), [["ping", 3]]);
  assert.ok(reader.rest());
  writer.post(["ping", 4]);
  assert.deepEqual(told, ["nudge", "nudge"]);
});

test("a reader does not rest while there is something that it was nudged for before", { skip }, () => {
  const { writer, reader, told } = mailbox(1024);
  writer.post(["ping", 1]);
  assert.ok(!reader.rest());
  assert.deepEqual(all(reader), [["ping", 1]]);
  assert.ok(reader.rest());
  assert.deepEqual(told, ["nudge"]);
});

test("a reader is not told of room that nobody waits for", { skip }, () => {
  const { writer, reader, told } = mailbox(1024);
  writer.post(["ping", 1]);
  assert.equal(all(reader).length, 1);
  assert.deepEqual(told, ["nudge"]);
});
