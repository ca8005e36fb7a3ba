/** Messages on their way: those of one turn go together, since every message that is posted costs both ends. */

/** Bytes up to this are cheaper to copy than to give away. */
const LARGE = 64 * 1024;

/** So many messages wait at most. */
const BATCH = 256;

/** Messages that have not been posted yet. */
export class Outbox<M extends readonly unknown[]> {
  readonly #post: (messages: M[], transfer: ArrayBuffer[]) => void;
  readonly #refused: (message: M, error: unknown) => void;
  readonly #flush = (): void => this.flush();
  #messages: M[] = [];
  #scheduled = false;
  #held = false;

  /** An outbox that `post` empties; `refused` hears of a message that cannot be posted, such as one that cannot be cloned. */
  constructor(post: (messages: M[], transfer: ArrayBuffer[]) => void, refused: (message: M, error: unknown) => void) {
    this.#post = post;
    this.#refused = refused;
  }

  /** Posts a message at the end of this turn. Large byte arrays in it are given away. */
  push(message: M): void {
    if (this.#messages.push(message) >= BATCH) return this.flush();
    if (this.#held || this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(this.#flush);
  }

  /** See {@link push}. */
  pushByPort(message: M): void {
    this.push(message);
  }

  /** Posts nothing before `flush` or `release`. */
  hold(): void {
    this.#held = true;
  }

  /** Posts what was held. */
  release(): void {
    this.#held = false;
    this.flush();
  }

  /** Posts what is there, now. */
  flush(): void {
    this.#scheduled = false;
    const messages = this.#messages;
    if (messages.length === 0) return;
    this.#messages = [];
    try {
      this.#send(messages);
    } catch {
      // Nothing of them has left. One by one, all go but those that cannot.
      for (const message of messages) this.#sendAlone(message);
    }
  }

  #sendAlone(message: M): void {
    try {
      this.#send([message]);
    } catch (error) {
      this.#refused(message, error);
    }
  }

  #send(messages: M[]): void {
    this.#post(messages, messages.flatMap(givenAway));
  }
}

/** The buffers of a message's large byte arrays, where the array has its buffer to itself. */
export function givenAway(message: readonly unknown[]): ArrayBuffer[] {
  const buffers: ArrayBuffer[] = [];
  for (const part of message) {
    if (!(part instanceof Uint8Array) || part.byteLength <= LARGE || part.byteLength < part.buffer.byteLength) continue;
    if (part.buffer instanceof ArrayBuffer) buffers.push(part.buffer);
  }
  return buffers;
}
