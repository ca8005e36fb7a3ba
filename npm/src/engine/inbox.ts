/** Messages from another thread, in the order in which they were sent: by the port, and by a mailbox where there is one. */

import type { MailboxReader } from "./mailbox.js";
import type { Posted } from "./messages.js";

/** What has come. */
export class Inbox<M extends readonly [name: string, ...rest: unknown[]]> {
  readonly #mailbox: MailboxReader | undefined;
  /** Messages of the port that stand by themselves, and those whose place is in the mailbox. */
  readonly #posted: M[] = [];
  readonly #inOrder: (M | undefined)[] = [];
  #awaited = false;

  /** Nothing yet. */
  constructor(mailbox?: MailboxReader) {
    this.#mailbox = mailbox;
  }

  /** The port has brought messages. */
  receive([first, ...rest]: readonly Posted<M>[]): void {
    if (first === undefined || first[0] === "mail") return;
    if (first[0] === "in-order") this.#inOrder.push(rest[0] as M | undefined);
    else this.#posted.push(first as M, ...rest as M[]);
  }

  /** Whether the port has to bring something first. */
  get waits(): boolean {
    return this.#awaited;
  }

  /** The next message, where it has come. */
  next(): M | undefined {
    const posted = this.#posted.shift();
    if (posted !== undefined) return posted;
    for (;;) {
      if (!this.#awaited) {
        const message = this.#mailbox?.next() as M | [name: "by-port"] | undefined;
        if (message?.[0] !== "by-port") return message as M | undefined;
        this.#awaited = true;
      }
      if (this.#inOrder.length === 0) return undefined;
      this.#awaited = false;
      const message = this.#inOrder.shift();
      if (message !== undefined) return message;
    }
  }

  /** Nobody looks any more before the port brings something. `false` where something has come meanwhile. */
  rest(): boolean {
    return this.#awaited || this.#mailbox === undefined || this.#mailbox.rest();
  }
}
