/** Frames for tests. */

import type { FrameEncoder } from "../../src/engine/frame-encoder.js";

/** A message as a frame of its own. */
export function frameOf(encoder: FrameEncoder, message: readonly unknown[]): Uint8Array {
  const length = encoder.write(message);
  return encoder.bytes.slice(0, length);
}
