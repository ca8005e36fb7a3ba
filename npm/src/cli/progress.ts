/** How far a transfer is: one line on a terminal that writes over itself, and nothing elsewhere. */

import type { PullProgress } from "../artifacts/options.js";
import { size } from "./size.js";
import type { Stream } from "./terminal.js";

/** Clears the line, and goes to its beginning. */
const CLEAR = "\r\u001b[K";
/** Milliseconds between two lines, so that writing them costs nothing. */
const PAUSE = 50;

/** Shows transfers on a stream. */
export class Progress {
  readonly #stream: Stream;
  readonly #what: string;
  #last = 0;
  #shown = false;

  /** Of a transfer of `what`. */
  constructor(stream: Stream, what: string) {
    this.#stream = stream;
    this.#what = what;
  }

  /** It is so far. */
  readonly show = ({ bytes, total }: PullProgress): void => {
    const now = performance.now();
    if (this.#stream.isTTY !== true || (now - this.#last < PAUSE && bytes !== total)) return;
    this.#last = now;
    this.#shown = true;
    const share = total === undefined ? "" : ` of ${size(total)} (${Math.floor((bytes / Math.max(total, 1)) * 100)} %)`;
    this.#stream.write(`${CLEAR}${this.#what}: ${size(bytes)}${share}`.slice(0, CLEAR.length + (this.#stream.columns ?? 80) - 1));
  };

  /** It is over: the line goes. */
  end(): void {
    if (this.#shown) this.#stream.write(CLEAR);
  }
}
