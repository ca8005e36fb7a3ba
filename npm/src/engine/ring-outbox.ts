/**
 * Messages on their way by a mailbox: those of one turn are found together, and cost both ends little. What a mailbox carries
 * badly or not at all goes by the port, and leaves word in the mailbox: all messages arrive in their order (`inbox.ts`).
 */

import type { MailboxWriter } from "./mailbox.js";
import type { Posted } from "./messages.js";
import { givenAway } from "./outbox.js";

/** Byte arrays of more than this are cheaper to post than to copy into the mailbox and out of it. */
const LARGE = 16 * 1024;

/** Messages for the other thread. */
export class RingOutbox<M extends readonly [name: string, ...rest: unknown[]]> {
  readonly #mailbox: MailboxWriter;
  readonly #post: (messages: Posted<M>[], transfer?: ArrayBuffer[]) => void;
  readonly #refused: (message: M, error: unknown) => void;
  readonly #blocks: boolean;
  #held = false;
  #untold = false;
  #scheduled = false;

  /**
   * Sends by the mailbox and by `post`; `refused` hears of a message that cannot be sent, such as one that cannot be cloned.
   * Where the other thread `blocks`, nothing it may wait for goes by the port, and no message waits for one that does.
   */
  constructor(
    mailbox: MailboxWriter, post: (messages: Posted<M>[], transfer?: ArrayBuffer[]) => void,
    refused: (message: M, error: unknown) => void, blocks = false,
  ) {
    this.#mailbox = mailbox;
    this.#post = post;
    this.#refused = refused;
    this.#blocks = blocks;
  }

  /** Sends a message at the end of this turn. */
  push(message: M): void {
    if (!this.#blocks && message.some(isLarge)) return this.pushByPort(message);
    try {
      this.#mailbox.write(message);
    } catch (error) {
      return this.#refused(message, error);
    }
    this.#written();
  }

  /** Sends a message that only the port can carry. */
  pushByPort(message: M): void {
    if (!this.#blocks) {
      this.#mailbox.write(["by-port"]);
      this.#written();
    }
    try {
      this.#post(this.#blocks ? [message] : [["in-order"], message], givenAway(message));
    } catch (error) {
      // What has been announced comes, be it nothing.
      if (!this.#blocks) this.#post([["in-order"]]);
      this.#refused(message, error);
    }
  }

  /** Nothing is there before `flush` or `release`: what is done in one turn is heard of together. */
  hold(): void {
    this.#held = true;
  }

  /** What was held is there. */
  release(): void {
    this.#held = false;
    this.flush();
  }

  /** What was pushed is there, now. */
  flush(): void {
    if (!this.#untold) return;
    this.#untold = false;
    this.#mailbox.tell();
  }

  /** A thread that is woken for one message may have done with it, and sleep again, before the next is written. */
  #written(): void {
    this.#untold = true;
    if (this.#held || this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      if (!this.#held) this.flush();
    });
  }
}

function isLarge(part: unknown): boolean {
  return part instanceof Uint8Array && part.length > LARGE;
}
