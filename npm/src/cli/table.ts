/** Tables that people read. */

import { harmless, type Paint } from "./terminal.js";

/** Rows under a heading, each column as wide as it has to be. */
export function table(paint: Paint, heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map(harmless));
  const widths = heading.map((title, column) => Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd();
  return [paint("bold", line(heading.map((title) => title.toUpperCase()))), ...cells.map(line)].join("\n");
}

/** Names with what they are. */
export function facts(paint: Paint, entries: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(0, ...entries.map(([name]) => name.length));
  return entries.map(([name, value]) => `${paint("bold", name.padEnd(width))}  ${harmless(value)}`).join("\n");
}

/** `a=b, c=d`. */
export function pairsText(pairs: Readonly<Record<string, string>>): string {
  return Object.entries(pairs).map(([key, value]) => `${key}=${value}`).join(", ");
}
