// Makes sure that the core has stack left when a guest calls it.
//
// A guest may recurse until its stack is used up. If that happened while the core runs for it, the core would be cut
// off in the midst of its work, and could not be trusted any more. JavaScript cannot ask how much stack there is; but
// an engine checks that the frame of a function fits before it enters it. So the probe is a WebAssembly function with
// a large frame that nothing is ever put into: its values live in a branch that is never taken.

/** Values in a frame of the probe, of eight bytes each; and how many frames it makes. Together 48 KiB. */
const VALUES = 1024, FRAMES = 6;

/** A function that throws `RangeError` (SpiderMonkey: `InternalError`) unless there is headroom. */
export function headroom() {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(probe())));
  return () => exports.probe(FRAMES - 1);
}

/** The module: `probe(frames)`, which calls itself; `next() -> i64` and `use(i64)`, which cannot be left out. */
function probe() {
  const [I32, I64, FUNCTION, END] = [0x7f, 0x7e, 0x60, 0x0b];
  const types = section(1, [[FUNCTION, 1, I32, 0], [FUNCTION, 0, 1, I64], [FUNCTION, 1, I64, 0]]);
  const functions = section(3, [[0], [1], [2]]);
  const globals = section(6, [[I64, 1, 0x42, 0, END]]);
  const exports = section(7, [[5, ...bytesOf('probe'), 0, 0]]);
  const next = [0, 0x23, 0, 0x42, 1, 0x7c, 0x24, 0, 0x23, 0, END];
  const use = [0, 0x20, 0, 0x24, 0, END];
  const code = section(10, [body(), next, use].map((it) => [...leb(it.length), ...it]));
  return [...bytesOf('\0asm'), 1, 0, 0, 0, ...types, ...functions, ...globals, ...exports, ...code];
}

/** `if (frames < 0) { all = next()...; use(all)... } if (frames > 0) probe(frames - 1)` */
function body() {
  const values = Array.from({ length: VALUES }, (_, index) => leb(index + 1));
  const fill = values.flatMap((value) => [0x10, 1, 0x21, ...value]);
  const drain = values.flatMap((value) => [0x20, ...value, 0x10, 2]);
  const never = [0x20, 0, 0x41, 0, 0x48, 0x04, 0x40, ...fill, ...drain, 0x0b];
  const again = [0x20, 0, 0x41, 0, 0x4a, 0x04, 0x40, 0x20, 0, 0x41, 1, 0x6b, 0x10, 0, 0x0b];
  return [1, ...leb(VALUES), 0x7e, ...never, ...again, 0x0b];
}

function section(id, items) {
  const content = [...leb(items.length), ...items.flat()];
  return [id, ...leb(content.length), ...content];
}

function leb(value) {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}

function bytesOf(text) {
  return Array.from(text, (letter) => letter.charCodeAt(0));
}
