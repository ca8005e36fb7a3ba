/** The options of a command: how they are declared, and what the command line and the environment say of them. */

import { parseArgs } from "node:util";

import { UsageError } from "./errors.js";
import { didYouMean } from "./suggest.js";

/**
 * What an option takes: nothing (`flag`), `true` or `false` (`switch`), a text, an integer of 0 or more (`number`), texts
 * with commas between them or more than once (`list`), or `key=value` more than once (`pairs`).
 */
export type OptionKind = "flag" | "switch" | "text" | "number" | "list" | "pairs";

/** An option. */
export interface OptionSpec {
  readonly kind: OptionKind;
  /** One letter. */
  readonly short?: string;
  /** What a value is called in the help. */
  readonly value?: string;
  /** The variable of the environment that stands in for it. */
  readonly env?: string;
  /** What it is for. */
  readonly help: string;
}

/** Options by name. */
export type Specs = Readonly<Record<string, OptionSpec>>;

interface Kinds {
  flag: boolean;
  switch: boolean | undefined;
  text: string | undefined;
  number: number | undefined;
  list: readonly string[];
  pairs: Readonly<Record<string, string>>;
}

/** What was said of options. */
export type Values<S extends Specs> = { readonly [K in keyof S]: Kinds[S[K]["kind"]] };

/** A command line that was read. */
export interface Parsed<S extends Specs> {
  readonly values: Values<S>;
  readonly positionals: readonly string[];
}

/** The environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads a command line. Variables of the environment stand in for options that are not on it. `foreign` explains options
 * that others have and this command does not.
 */
export function parseOptions<S extends Specs>(
  specs: S, args: readonly string[], env: Environment, foreign: (option: string) => string | undefined = () => undefined,
): Parsed<S> {
  const { tokens, positionals } = parseArgs({ args: [...args], options: settingsOf(specs), strict: false, allowPositionals: true, tokens: true });
  const given = new Map<string, string[]>();
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const spec = specs[token.name];
    if (spec === undefined) throw new UsageError(foreign(token.name) ?? unknownOption(token.rawName, specs));
    const text = textOf(token.rawName, spec, token.value, token.inlineValue === true);
    given.set(token.name, [...given.get(token.name) ?? [], text]);
  }
  const values = Object.entries(specs).map(([name, spec]) => {
    const texts = given.get(name);
    if (texts !== undefined) return [name, valueOf(`--${name}`, spec.kind, texts)];
    const variable = spec.env === undefined ? undefined : env[spec.env];
    // An empty variable is none: that is how it is unset in many places.
    return [name, valueOf(spec.env ?? "", spec.kind, variable ? [variable] : [])];
  });
  return { values: Object.fromEntries(values) as Values<S>, positionals };
}

type Settings = Record<string, { type: "boolean" | "string"; short?: string; multiple: true }>;

function settingsOf(specs: Specs): Settings {
  const entries = Object.entries(specs).map(([name, { kind, short }]) =>
    [name, { type: kind === "flag" ? "boolean" : "string", multiple: true, ...short !== undefined && { short } }]);
  return Object.fromEntries(entries) as Settings;
}

function unknownOption(raw: string, specs: Specs): string {
  if (/^-\d/.test(raw)) return `there is no option ${raw}. Put -- before arguments that begin with a dash`;
  const names = Object.keys(specs).map((name) => `--${name}`);
  return `there is no option ${raw}.${didYouMean(raw, [...names, "--help"])}`;
}

function textOf(raw: string, { kind }: OptionSpec, value: string | undefined, inline: boolean): string {
  if (kind === "flag") return value ?? "true";
  if (value === undefined) throw new UsageError(`${raw} needs a value`);
  if (!inline && value.startsWith("-") && value !== "-") throw new UsageError(`${raw} needs a value; if it is ${value}, write ${raw}=${value}`);
  return value;
}

function valueOf(where: string, kind: OptionKind, texts: readonly string[]): Kinds[OptionKind] {
  const last = texts.at(-1);
  switch (kind) {
    case "flag": return last !== undefined && truth(where, last);
    case "switch": return last === undefined ? undefined : truth(where, last);
    case "text": return last;
    case "number": return last === undefined ? undefined : integer(where, last);
    case "list": return texts.flatMap((text) => text.split(",")).map((text) => text.trim()).filter((text) => text !== "");
    case "pairs": return Object.fromEntries(texts.map((text) => pairOf(where, text)));
  }
}

function truth(where: string, text: string): boolean {
  if (/^(?:true|1|yes|on)$/i.test(text)) return true;
  if (/^(?:false|0|no|off)$/i.test(text)) return false;
  throw new UsageError(`${where} is true or false, not ${JSON.stringify(text)}`);
}

function integer(where: string, text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(number)) return number;
  throw new UsageError(`${where} is a whole number, not ${JSON.stringify(text)}`);
}

/** `key=value`; what follows the first `=` belongs to the value. */
export function pairOf(where: string, text: string): [key: string, value: string] {
  const at = text.indexOf("=");
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw new UsageError(`${where} is key=value, not ${JSON.stringify(text)}`);
}
