/**
 * The core with one function that fails as a panic does: the abort of a panic is `unreachable`, and that is what the
 * body of the function is replaced by. All else is the real core.
 */

import { readFile } from "./files.js";

const EXPORTS = 7;
const CODE = 10;

/** The core's wasm whose export `name` traps. */
export async function coreBrokenAt(name: string): Promise<Uint8Array<ArrayBuffer>> {
  const wasm = await readFile("npm/pkg/trellis_host_bg.wasm");
  const reader = new Sections(wasm);
  const imported = WebAssembly.Module.imports(await WebAssembly.compile(wasm)).filter(({ kind }) => kind === "function").length;
  const { start, end } = reader.code(reader.exportedFunction(name) - imported);
  // `unreachable`, and up to the `end` of the body nothing.
  wasm.fill(0x01, start, end - 1)[start] = 0x00;
  return wasm;
}

/** Reads a module as far as needed. */
class Sections {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The index of an exported function. */
  exportedFunction(name: string): number {
    this.#enter(EXPORTS);
    for (let count = this.#number(); count > 0; count--) {
      const found = new TextDecoder().decode(this.#take(this.#number())) === name;
      const kind = this.#number();
      const index = this.#number();
      if (found && kind === 0) return index;
    }
    throw new Error(`the core exports no function ${name}`);
  }

  /** Where the instructions of a function begin and end. */
  code(index: number): { start: number; end: number } {
    this.#enter(CODE);
    this.#number();
    for (let skipped = 0; skipped < index; skipped++) this.#take(this.#number());
    const size = this.#number();
    const end = this.#at + size;
    for (let groups = this.#number(); groups > 0; groups--) {
      this.#number();
      this.#take(1);
    }
    return { start: this.#at, end };
  }

  /** Goes to the content of a section. */
  #enter(section: number): void {
    this.#at = 8;
    for (;;) {
      const id = this.#number();
      const size = this.#number();
      if (id === section) return;
      this.#take(size);
    }
  }

  #take(length: number): Uint8Array {
    return this.#bytes.subarray(this.#at, (this.#at += length));
  }

  #number(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.#bytes[this.#at++] ?? 0;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  }
}
