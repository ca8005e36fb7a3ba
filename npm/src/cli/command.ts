/** What a command is. */

import type { Specs, Values } from "./options.js";
import type { Terminal } from "./terminal.js";

/** A command with its options. */
export interface Command<S extends Specs = Specs> {
  /** The arguments, as the help names them: `ID`, `[HOST]`, `ARG...`. */
  readonly arguments: readonly string[];
  readonly options: S;
  /** What else there is to know, for the help. */
  readonly notes?: string;
  /** Explains an option that others have and this command does not. */
  foreign?(option: string): string | undefined;
  /** Does it. Resolves when all is done; rejects where it could not be. */
  run(values: Values<S>, positionals: readonly string[], terminal: Terminal): Promise<void>;
}

/** A command, with the types of its options inferred. */
export function command<const S extends Specs>(each: Command<S>): Command {
  return each;
}
