/** The cases as `playwright-tests/generated` writes them (crate trellis-generated, `case.rs`). */

import { readFile, readText } from "../support/files.js";

/** A component with calls of it. */
export interface Case {
  /** The string encodings of the guests that the component has in a row. */
  guests: string[];
  calls: Call[];
}

/** A call, in hex: its parameters and what the import must see of them, the import's answer and what must be returned. */
export interface Call {
  params: string;
  seen: string;
  answer: string;
  results: string;
}

const folder = "npm/dist-test/generated";

/** All cases, and the seed that they come from. */
export async function readCases(): Promise<{ seed: string; cases: Case[] }> {
  return JSON.parse(await readText(`${folder}/index.json`)) as { seed: string; cases: Case[] };
}

/** The component of a case. */
export function readComponent(number: number): Promise<Uint8Array<ArrayBuffer>> {
  return readFile(`${folder}/${number}.wasm`);
}
