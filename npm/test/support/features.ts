/** Features of WebAssembly that not every platform has. */

/** Whether a module may have several memories. */
export const hasManyMemories = isValid([5, 5, 2, 0, 0, 0, 0]);

/** Whether there are exceptions, as they were standardised. */
export const hasExceptions = isValid([1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 8, 1, 6, 0, 0x1f, 0x40, 0, 0x0b, 0x0b]);

/** Whether references can be cast. */
export const hasCasts = isValid([1, 5, 1, 0x60, 0, 1, 0x70, 3, 2, 1, 0, 0xa, 0xc, 1, 0xa, 0, 0xd0, 0x70, 0xfb, 0x18, 1, 0, 0x70, 0x70, 0xb]);

/** Whether a module of these sections is valid here. */
function isValid(sections: number[]): boolean {
  return WebAssembly.validate(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...sections]));
}
