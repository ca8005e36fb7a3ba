/** What a command talks to: the streams and the environment of the process. */

import type { Environment } from "./options.js";

/** A stream to write text to. */
export interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Where a command runs. */
export interface Terminal {
  /** For results. */
  readonly out: Stream;
  /** For everything else. */
  readonly err: Stream;
  readonly env: Environment;
}

/** Whether a stream shows colours. `NO_COLOR` (no-color.org) goes before `FORCE_COLOR`. */
export function hasColours({ isTTY }: Stream, { NO_COLOR, FORCE_COLOR, TERM }: Environment): boolean {
  if (NO_COLOR) return false;
  if (FORCE_COLOR) return FORCE_COLOR !== "0";
  return isTTY === true && TERM !== "dumb";
}

const styles = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;

/** Writes text in a style, where there are colours. */
export type Paint = (style: keyof typeof styles, text: string) => string;

/** How to write styles, with or without colours. */
export function paintOf(colours: boolean): Paint {
  return (style, text) => (colours ? `\u001b[${styles[style]}m${text}\u001b[0m` : text);
}

/** Text of others without what would steer the terminal. */
export function harmless(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, (character) => (character === "\n" || character === "\t" ? " " : "\ufffd"));
}
