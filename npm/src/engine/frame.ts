/**
 * Messages as bytes, for memory that is shared. A frame is its length (four bytes, little endian) and an array. Each value
 * is a tag and what belongs to it; counts are LEB128. Messages consist of numbers, booleans, strings, byte arrays,
 * `undefined`, and arrays and objects of these.
 *
 * A short text that was sent before is sent as its number: both ends keep those that were sent last. So frames are read in
 * the order in which they were written, all of them.
 */

/** The tags. */
export const UNDEFINED = 0;
export const FALSE = 1;
export const TRUE = 2;
export const INTEGER = 3;
export const FLOAT = 4;
export const NAME = 5;
export const NEW_NAME = 6;
export const TEXT = 7;
export const BYTES = 8;
export const ARRAY = 9;
export const OBJECT = 10;

/** The bytes of a frame's length. */
export const HEAD = 4;

/** So many bytes are copied one by one: that costs less than to set views up. */
const FEW = 64;

/** Copies what is between two places. */
export function copy(source: Uint8Array, from: number, to: number, target: Uint8Array, at: number): void {
  if (to - from > FEW) return target.set(source.subarray(from, to), at);
  for (let index = from; index < to; index++) target[at + index - from] = source[index] ?? 0;
}
