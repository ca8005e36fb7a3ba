/**
 * Frames of the worker's mailbox: a message survives as a frame and through a ring of any size, whatever its texts and
 * keys are; bytes that are no frame are an error or a message.
 */

import assert from "node:assert/strict";

import { FrameDecoder } from "../../../src/engine/frame-decoder.js";
import { FrameEncoder } from "../../../src/engine/frame-encoder.js";
import { createMailbox, MailboxReader, MailboxWriter } from "../../../src/engine/mailbox.js";
import { frameOf } from "../../support/frames.js";
import type { FuzzTarget } from "../target.js";

const keys = ["", "push", "__proto__", "length", "constructor", "toJSON", "\u0000 € 🍰", "\"\\"];

/** Makes a message as the bytes say. */
class Maker {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  next(): number {
    return this.#bytes[this.#at++] ?? 0;
  }

  message(): unknown[] {
    return Array.from({ length: 1 + (this.next() % 5) }, () => this.#value(4));
  }

  #text(): string {
    const kind = this.next();
    return keys[kind] ?? String.fromCodePoint(...Array.from({ length: kind % 7 }, () => this.next() * 3));
  }

  #value(depth: number): unknown {
    const kind = this.next() % (depth > 0 ? 7 : 4);
    switch (kind) {
      case 0: return this.next() * 1e3 - this.next() / 4;
      case 1: return this.#text();
      case 2: return undefined;
      case 3: return Uint8Array.from({ length: this.next() }, () => this.next());
      case 4: return this.next() % 2 === 0;
      case 5: return Array.from({ length: this.next() % 4 }, () => this.#value(depth - 1) ?? 0);
      default: return Object.fromEntries(Array.from({ length: this.next() % 4 }, () => [keys[this.next() % keys.length], this.#value(depth - 1) ?? ""]));
    }
  }
}

function hostile(bytes: Uint8Array): void {
  try {
    assert.ok(Array.isArray(new FrameDecoder().decode(Uint8Array.from(bytes))));
  } catch (error) {
    assert.ok(error instanceof RangeError, String(error));
  }
}

/** Sends messages through a ring; the writer goes on whenever it hears of room. */
function throughRing(messages: unknown[][], ringBytes: number): void {
  const memory = createMailbox(ringBytes);
  const told = { room: true };
  const writer = new MailboxWriter(memory, () => undefined);
  const reader = new MailboxReader(memory, () => (told.room = true));
  for (const message of messages) writer.post(message);
  const received: unknown[][] = [];
  while (told.room) {
    told.room = false;
    writer.flush();
    for (let message = reader.next(); message !== undefined; message = reader.next()) received.push(message);
  }
  assert.deepEqual(received, messages);
}

export const frame: FuzzTarget = {
  run(bytes) {
    hostile(bytes);
    const maker = new Maker(bytes);
    const ringBytes = 1 << (3 + (maker.next() % 8));
    const messages = Array.from({ length: 1 + (maker.next() % 4) }, () => maker.message());
    const [encoder, decoder] = [new FrameEncoder(), new FrameDecoder()];
    for (const message of messages) assert.deepEqual(decoder.decode(frameOf(encoder, message)), message);
    throughRing(messages, ringBytes);
  },

  async seeds() {
    const messages: unknown[][] = [
      ["reply", 3, Uint8Array.of(1, 2), [{ path: [0, 1], id: 2, ready: Uint8Array.of(9) }, { path: [], id: 4 }]],
      ["fail", 1, { code: "guest-error", message: "\u0000 €" }],
      ["push", 2, new Uint8Array(300).fill(7)],
    ];
    const frames = messages.map((message) => frameOf(new FrameEncoder(), message));
    return [...frames, Uint8Array.from({ length: 250 }, (_, index) => index * 91)];
  },
};
