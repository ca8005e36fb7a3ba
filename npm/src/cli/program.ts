/** The program: finds the command that a command line means, runs it, and says what went wrong. */

import { GuestError, messageOf, TrellisError } from "../errors.js";
import { VERSION } from "../version.js";
import type { Command } from "./command.js";
import { commands, type Entry } from "./commands.js";
import { RefusedError, UsageError } from "./errors.js";
import { exitCodeOf, OK, USAGE } from "./exit-code.js";
import { helpOf, overview, usageOf } from "./help.js";
import { parseOptions } from "./options.js";
import { didYouMean } from "./suggest.js";
import { harmless, hasColours, paintOf, type Terminal } from "./terminal.js";
import { plain } from "./values.js";

/** Runs a command line. Resolves with the exit code; never rejects. */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    return await dispatch(args, terminal);
  } catch (error) {
    report(error, args, terminal);
    return exitCodeOf(error);
  }
}

async function dispatch(args: readonly string[], terminal: Terminal): Promise<number> {
  const [first, ...rest] = args;
  if (first === "--version" || first === "-V") return say(terminal, VERSION);
  if (first === "help") return dispatch([...rest, "--help"], terminal);
  const paint = paintOf(hasColours(terminal.out, terminal.env));
  if (first === "--help" || first === "-h") return say(terminal, overview(paint, commands));
  if (first === undefined) {
    terminal.err.write(`${overview(paintOf(hasColours(terminal.err, terminal.env)), commands)}\n`);
    return USAGE;
  }
  const { entry, left } = commandOf(args);
  if (Array.isArray(entry)) return say(terminal, overview(paint, entry));
  const loaded = await entry.load();
  if (wantsHelp(left)) return say(terminal, helpOf(paint, entry, loaded));
  const { values, positionals } = parseOptions(loaded.options, left, terminal.env, (option) => loaded.foreign?.(option));
  checkPositionals(entry.name, loaded, positionals);
  await loaded.run(values, positionals, terminal);
  return OK;
}

function say(terminal: Terminal, text: string): number {
  terminal.out.write(`${text}\n`);
  return OK;
}

/** Before `--`, which begins the arguments that may look like options. */
function wantsHelp(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return (end < 0 ? args : args.slice(0, end)).some((arg) => arg === "--help" || arg === "-h");
}

/** The command that a line begins with; all of a group where only that is named and help is asked for. */
function commandOf(args: readonly string[]): { entry: Entry | Entry[]; left: readonly string[] } {
  const [first = "", second = ""] = args;
  const single = commands.find(({ name }) => name === first);
  if (single !== undefined) return { entry: single, left: args.slice(1) };
  const group = commands.filter(({ name }) => name.startsWith(`${first} `));
  const entry = group.find(({ name }) => name === `${first} ${second}`);
  if (entry !== undefined) return { entry, left: args.slice(2) };
  if (group.length > 0 && (second === "--help" || second === "-h")) return { entry: group, left: [] };
  if (group.length > 0) {
    const seconds = group.map(({ name }) => name.slice(first.length + 1));
    const advice = didYouMean(second, seconds) || ` There are ${seconds.join(", ")}.`;
    throw new UsageError(second === "" ? `${first} needs a second word.${advice}` : `there is no command ${first} ${second}.${advice}`);
  }
  const firsts = [...new Set(commands.map(({ name }) => name.split(" ")[0] ?? ""))];
  throw new UsageError(`there is no command ${first}.${didYouMean(first, firsts) || " trellis-host --help lists them."}`);
}

function checkPositionals(name: string, { arguments: expected }: Command, given: readonly string[]): void {
  const needed = expected.filter((each) => !each.startsWith("[")).length;
  const most = expected.some((each) => each.includes("...")) ? Infinity : expected.length;
  if (given.length < needed) throw new UsageError(`${expected[given.length] ?? ""} is missing: ${usageOf(name, expected)}`);
  if (given.length > most) throw new UsageError(`${JSON.stringify(given[most])} is one argument too many: ${usageOf(name, expected)}`);
}

/** Says what went wrong; as JSON, where the results would have been JSON. */
function report(error: unknown, args: readonly string[], { err, env }: Terminal): void {
  const message = messageOf(error);
  const isOurs = error instanceof TrellisError || error instanceof UsageError || error instanceof RefusedError;
  const code = isOurs ? error.code : "internal";
  if (wantsJson(args)) {
    const payload = error instanceof GuestError ? { payload: plain(error.payload) } : {};
    err.write(`${JSON.stringify({ error: { code, message, ...payload } })}\n`);
    return;
  }
  const paint = paintOf(hasColours(err, env));
  err.write(`${paint("red", "error:")} ${harmless(message)}\n`);
  if (!isOurs && error instanceof Error) err.write(`This is a defect of trellis-host; please report it.\n${error.stack ?? ""}\n`);
}

/** Whether JSON is asked for, also on a command line that cannot be read. */
function wantsJson(args: readonly string[]): boolean {
  return args.some((arg, index) => /^(?:--output=|-o=?)json$/.test(arg) || (arg === "json" && /^(?:--output|-o)$/.test(args[index - 1] ?? "")));
}
