/** The reference tests as `playwright-tests/conformance` writes them (crate trellis-conformance, `script.rs`). */

import { readFile, readText } from "../support/files.js";

/** What a script says to do, with the line it stands on. Binaries are numbered within their script. */
export type Directive =
  | { kind: "definition"; line: number; binary: number }
  | { kind: "instance"; line: number; binary: number; name: string | null }
  | { kind: "call"; line: number; instance: string | null; function: string; params: string; outcome: Expected }
  | { kind: "refused"; line: number; reason: string }
  | { kind: "invalid"; line: number; binary: number; message: string }
  | { kind: "malformed-text"; line: number; ok: boolean };

/** How a call must end: with these results (in hex), or with a trap that says this. */
export type Expected = { return: string } | { trap: string };

const folder = "npm/dist-test/conformance";

/** The names of the scripts, such as `values/strings`. */
export async function scriptNames(): Promise<string[]> {
  return JSON.parse(await readText(`${folder}/index.json`)) as string[];
}

/** The directives of a script, in order. */
export async function readScript(name: string): Promise<Directive[]> {
  const script = JSON.parse(await readText(`${folder}/${name}.json`)) as { directives: Directive[] };
  return script.directives;
}

/** A binary of a script. */
export function readBinary(name: string, binary: number): Promise<Uint8Array<ArrayBuffer>> {
  return readFile(`${folder}/${name}.${binary}.wasm`);
}

/** What is known to fail: places (`values/strings.wast:12`) and why. */
export async function expectations(): Promise<Record<string, string>> {
  return JSON.parse(await readText("playwright-tests/conformance/expectations.json")) as Record<string, string>;
}

/** Bytes as two hexadecimal digits each. */
export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The bytes that {@link hexOf} was given. */
export function bytesOf(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(hex.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
}
