/** How many lines may be logged: so many in a second, and as many at once. */

/** A line longer than this counts for several, in bytes. */
const LINE = 4096;

/** Lets lines through as long as there are not too many. */
export class LogRate {
  readonly #perSecond: number;
  #room: number;
  #at = 0;

  /** Lets so many lines through in a second. */
  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#room = perSecond;
  }

  /** Whether so many lines may pass, at a time in milliseconds. Lines that come together may overdraw, at the cost of the next. */
  admits(lines: number, now = performance.now()): boolean {
    if (this.#perSecond === Infinity) return true;
    this.#room = Math.min(this.#room + ((now - this.#at) / 1000) * this.#perSecond, this.#perSecond);
    this.#at = now;
    if (this.#room < 1) return false;
    this.#room -= lines;
    return true;
  }
}

/** As what it counts what a guest prints or logs: by its lines, of which one without an end is one too, and by its length. */
export function linesOf(text: Uint8Array | string): number {
  const ends = typeof text === "string" ? text.split("\n").length : endsOf(text);
  return Math.max(ends, 1) + Math.floor(text.length / LINE);
}

function endsOf(bytes: Uint8Array): number {
  let ends = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) ends++;
  return ends;
}
