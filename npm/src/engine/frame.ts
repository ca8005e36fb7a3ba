/**
 * Messages as bytes, for memory that is shared: a frame is its length, the length of a JSON text, the text, and the
 * byte arrays of the message one after the other, each of which the text has as `{ "$bytes": length }`. Messages consist
 * of numbers, booleans, strings, byte arrays, `undefined`, and arrays and objects of these; no key is `$bytes`.
 */

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A message as a frame. */
export function encodeFrame(message: readonly unknown[]): Uint8Array {
  const arrays: Uint8Array[] = [];
  const text = encoder.encode(JSON.stringify(message, (_key, value: unknown) => {
    if (!(value instanceof Uint8Array)) return value;
    arrays.push(value);
    return { $bytes: value.length };
  }));
  const length = arrays.reduce((sum, array) => sum + array.length, 8 + text.length);
  const frame = new Uint8Array(length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, length);
  view.setUint32(4, text.length);
  frame.set(text, 8);
  let at = 8 + text.length;
  for (const array of arrays) {
    frame.set(array, at);
    at += array.length;
  }
  return frame;
}

/** The message of a whole frame. */
export function decodeFrame(frame: Uint8Array): unknown[] {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  let at = 8 + view.getUint32(4);
  const message = JSON.parse(decoder.decode(frame.subarray(8, at)), (_key, value: unknown) => {
    // JSON has no undefined; messages have no null.
    if (value === null) return undefined;
    if (!isBytes(value)) return value;
    at += value.$bytes;
    return frame.slice(at - value.$bytes, at);
  }) as unknown[];
  // Without the holes that JSON.parse leaves for undefined.
  return [...message];
}

function isBytes(value: unknown): value is { $bytes: number } {
  return typeof value === "object" && value !== null && "$bytes" in value;
}
