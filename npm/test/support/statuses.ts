/** What a bus tells of its connection, to be awaited. */

import type { NatsStatus } from "trellis-host/nats";

/** A kind of status. */
type Kind = NatsStatus["type"];

/** Listens: give `hear` as `onStatus`. */
export class Statuses {
  readonly all: NatsStatus[] = [];
  #seen = 0;
  #wake: (() => void) | undefined;

  readonly hear = (status: NatsStatus): void => {
    this.all.push(status);
    this.#wake?.();
  };

  /** The next one of this kind, after those that were awaited before. */
  async next<K extends Kind>(kind: K): Promise<Extract<NatsStatus, { type: K }>> {
    for (;;) {
      const found = this.all.findIndex(({ type }, index) => index >= this.#seen && type === kind);
      if (found >= 0) {
        this.#seen = found + 1;
        return this.all[found] as Extract<NatsStatus, { type: K }>;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
