/** Where what guests log and print goes, unless the host's options say otherwise: to the console. */

import type { LogEntry, Output } from "./options.js";

const LEVELS: LogEntry["level"][] = ["trace", "debug", "info", "warn", "error", "critical"];

/** The name of a level of `wasi:logging`. */
export function levelOf(number: number): LogEntry["level"] {
  return LEVELS[number] ?? "info";
}

/** Logs to the console. */
export function logToConsole({ component, level, context, message }: LogEntry): void {
  const write = { trace: "debug", debug: "debug", info: "info", warn: "warn", error: "error", critical: "error" } as const;
  console[write[level]](`[${component}] ${context === "" ? "" : `${context}: `}${message}`);
}

/** Prints whole lines to the console. */
export function printToConsole(): (output: Output) => void {
  return printByLine((component, stream, line) => console[stream === "stdout" ? "log" : "error"](`[${component}] ${line}`));
}

/** A longer line is broken, in characters: a guest must not have the host keep what never ends. */
const LONGEST = 64 * 1024;

/** Gives whole lines away; a line without an end waits for it, unless it gets too long. */
export function printByLine(print: (component: string, stream: Output["stream"], line: string) => void): (output: Output) => void {
  const unfinished = new Map<string, { text: string; decoder: TextDecoder }>();
  return ({ component, stream, bytes }) => {
    const key = `${stream} ${component}`;
    const { text, decoder } = unfinished.get(key) ?? { text: "", decoder: new TextDecoder() };
    const lines = (text + decoder.decode(bytes, { stream: true })).split("\n");
    const rest = lines.pop() ?? "";
    if (rest.length > LONGEST) lines.push(rest);
    unfinished.set(key, { text: rest.length > LONGEST ? "" : rest, decoder });
    for (const line of lines) print(component, stream, line);
  };
}
