/** The help: of all commands, of those that begin with a word, and of one. */

import type { Command } from "./command.js";
import type { Entry } from "./commands.js";
import type { OptionSpec } from "./options.js";
import type { Paint } from "./terminal.js";

const PROGRAM = "trellis-host";

const EXIT_CODES = `  0  all went well
  1  what was asked for could not be done
  2  the command, an option or an argument is wrong
  3  the NATS server cannot be reached, or does not let us in
  4  nobody has answered in time
  128 and the number of the signal: ended at once by one`;

/** The help of the whole program, or of the commands with one first word. */
export function overview(paint: Paint, entries: readonly Entry[]): string {
  const width = Math.max(...entries.map(({ name }) => name.length));
  const lines = entries.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return [
    `${paint("bold", "Usage:")} ${PROGRAM} COMMAND [ARGUMENTS] [OPTIONS]`,
    [paint("bold", "Commands:"), ...lines].join("\n"),
    `${PROGRAM} COMMAND --help tells more; ${PROGRAM} --version the version.`,
    [paint("bold", "Exit codes:"), EXIT_CODES].join("\n"),
  ].join("\n\n");
}

/** The help of one command. */
export function helpOf(paint: Paint, { name, summary }: Entry, { arguments: positionals, options, notes }: Command): string {
  const usage = `${paint("bold", "Usage:")} ${usageOf(name, positionals)}`;
  const specs = Object.entries(options).map(([option, spec]) => optionHelp(paint, option, spec));
  const about = `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
  return [usage, about, ...notes === undefined ? [] : [notes], [paint("bold", "Options:"), ...specs].join("\n")].join("\n\n");
}

/** How a command is written. */
export function usageOf(name: string, positionals: readonly string[]): string {
  return [PROGRAM, name, ...positionals, "[OPTIONS]"].join(" ");
}

function optionHelp(paint: Paint, name: string, { kind, short, value, env, help }: OptionSpec): string {
  const letter = short === undefined ? "" : `-${short}, `;
  const shown = kind === "flag" ? "" : ` ${value ?? { switch: "true|false", text: "TEXT", number: "N", list: "A,B", pairs: "K=V" }[kind]}`;
  const variable = env === undefined ? "" : ` [${env}]`;
  return `  ${paint("cyan", `${letter}--${name}${shown}`)}\n      ${help}${variable}`;
}
