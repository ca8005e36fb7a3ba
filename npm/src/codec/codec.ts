/** What a type's codec does. */

import type { Reader } from "./reader.js";
import type { Writer } from "./writer.js";

/** Translates values of one WIT type between JavaScript and wRPC value encoding. */
export interface Codec {
  /** Writes a value; fails by `expected` where it does not fit the type. */
  write(writer: Writer, value: unknown): void;
  /** Reads a value. */
  read(reader: Reader): unknown;
}
