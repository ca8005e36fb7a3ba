/** A structured log: lines for people, or a JSON object a line for programs. */

import { harmless, type Paint } from "./terminal.js";

/** How bad a line is, the worst first. */
export const levels = ["error", "warn", "info", "debug", "trace"] as const;

/** One of them. */
export type Level = (typeof levels)[number];

/** What else a line says. */
export type Fields = Readonly<Record<string, unknown>>;

/** How a log is written. */
export interface LogFormat {
  /** Lines that are less bad are left out. */
  readonly level: Level;
  readonly json: boolean;
  readonly paint: Paint;
  readonly write: (line: string) => void;
}

/** Writes lines. */
export class Log {
  readonly #format: LogFormat;

  /** A log of this format. */
  constructor(format: LogFormat) {
    this.#format = format;
  }

  /** Writes a line. */
  write(level: Level, message: string, fields: Fields = {}): void {
    if (levels.indexOf(level) > levels.indexOf(this.#format.level)) return;
    const timestamp = new Date().toISOString();
    const line = this.#format.json
      ? JSON.stringify({ timestamp, level, message, ...fields })
      : this.#text(timestamp, level, message, fields);
    this.#format.write(`${line}\n`);
  }

  #text(timestamp: string, level: Level, message: string, fields: Fields): string {
    const { paint } = this.#format;
    const style = ({ error: "red", warn: "yellow", info: "green", debug: "cyan", trace: "dim" } as const)[level];
    const rest = Object.entries(fields).map(([name, value]) => ` ${paint("dim", `${name}=`)}${harmless(typeof value === "string" ? value : JSON.stringify(value))}`);
    return `${paint("dim", timestamp)} ${paint(style, level.toUpperCase().padEnd(5))} ${harmless(message)}${rest.join("")}`;
  }
}
