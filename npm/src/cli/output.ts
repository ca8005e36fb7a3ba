/** The results of a command: text for people, or one JSON document for programs. */

import { UsageError } from "./errors.js";
import type { Specs } from "./options.js";
import { hasColours, type Paint, paintOf, type Terminal } from "./terminal.js";

/** The option by which results become JSON. */
export const outputOption = {
  output: { kind: "text", short: "o", value: "text|json", help: "how results are written: for people, or as JSON. Default text" },
} as const satisfies Specs;

/** Writes results. */
export class Output {
  readonly #terminal: Terminal;
  readonly #json: boolean;
  readonly #paint: Paint;

  /** What `--output` says. */
  constructor(terminal: Terminal, { output = "text" }: { readonly output: string | undefined }) {
    if (output !== "text" && output !== "json") throw new UsageError(`--output is text or json, not ${JSON.stringify(output)}`);
    this.#terminal = terminal;
    this.#json = output === "json";
    this.#paint = paintOf(hasColours(terminal.out, terminal.env));
  }

  /** Writes a result: as it is, or as people read it. */
  show(value: unknown, text: (paint: Paint) => string): void {
    this.#terminal.out.write(`${this.#json ? JSON.stringify(value, null, 2) : text(this.#paint)}\n`);
  }

  /** The same for one of many results: JSON of one line. */
  showNext(value: unknown, text: (paint: Paint) => string): void {
    this.#terminal.out.write(`${this.#json ? JSON.stringify(value) : text(this.#paint)}\n`);
  }
}
