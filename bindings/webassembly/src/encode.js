// The binary format of WebAssembly, as far as the modules need it that are made by hand here. Parts are lists of bytes.

/** Codes of types and of what imports and exports are. */
export const I32 = 0x7f, I64 = 0x7e, FUNCTION = 0x60, FUNCTIONS = 0, MEMORIES = 2, GLOBALS = 3, MUTABLE = 1;

/** Codes of instructions. */
export const CALL = 0x10, LOCAL_GET = 0x20, LOCAL_SET = 0x21, GLOBAL_GET = 0x23, GLOBAL_SET = 0x24, I32_CONST = 0x41;
export const IF = [0x04, 0x40], END = 0x0b, RETURN = 0x0f, UNREACHABLE = 0x00;

/** A compiled module of sections. */
export function moduleOf(...sections) {
  return new WebAssembly.Module(Uint8Array.from([...bytesOf('\0asm'), 1, 0, 0, 0, ...sections.flat()]));
}

/** A section with items. */
export function section(id, items) {
  const content = vector(items);
  return [id, ...leb(content.length), ...content];
}

/** Items after their count. */
export function vector(items) {
  return [...leb(items.length), ...items.flat()];
}

/** A function's code after its length. */
export function code(bytes) {
  return [...leb(bytes.length), ...bytes];
}

/** A name of letters that are one byte each. */
export function text(name) {
  return vector(bytesOf(name));
}

/** A number. */
export function leb(value) {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}

/** A number that is read with a sign. */
export function sleb(value) {
  return value < 0x40 ? [value] : [(value & 0x7f) | 0x80, ...sleb(value >>> 7)];
}

function bytesOf(name) {
  return Array.from(name, (letter) => letter.charCodeAt(0));
}
