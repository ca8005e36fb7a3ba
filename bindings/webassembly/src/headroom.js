// Makes sure that the core has stack left when a guest calls it.
//
// A guest may recurse until its stack is used up. If that happened while the core runs for it, the core would be cut
// off in the midst of its work, and could not be trusted any more. JavaScript cannot ask how much stack there is; but
// an engine checks that the frame of a function fits before it enters it. So the probe is a WebAssembly function with
// a large frame that nothing is ever put into: its values live in a branch that is never taken.

import {
  CALL, END, FUNCTION, FUNCTIONS, GLOBAL_GET, GLOBAL_SET, I32, I32_CONST, I64, IF, LOCAL_GET, LOCAL_SET, code, leb, moduleOf,
  section, text, vector,
} from './encode.js';

/** Values in a frame of the probe, of eight bytes each; and how many frames it makes. Together 48 KiB. */
const VALUES = 1024;
export const FRAMES = 6;

const I32_LT_S = 0x48, I32_GT_S = 0x4a, I32_SUB = 0x6b, I64_CONST = 0x42, I64_ADD = 0x7c;

/** The functions of the module. */
const PROBE = 0, NEXT = 1, USE = 2;

/** `probe(frames - 1)`: throws `RangeError` (SpiderMonkey: `InternalError`) unless so many frames fit. */
export function probe() {
  return new WebAssembly.Instance(assemble()).exports.probe;
}

/** The module: `probe(frames)`, which calls itself; `next() -> i64` and `use(i64)`, which cannot be left out. */
function assemble() {
  const next = [0, GLOBAL_GET, 0, I64_CONST, 1, I64_ADD, GLOBAL_SET, 0, GLOBAL_GET, 0, END];
  const use = [0, LOCAL_GET, 0, GLOBAL_SET, 0, END];
  return moduleOf(
    section(1, [[FUNCTION, 1, I32, 0], [FUNCTION, 0, 1, I64], [FUNCTION, 1, I64, 0]]),
    section(3, [[PROBE], [NEXT], [USE]]),
    section(6, [[I64, 1, I64_CONST, 0, END]]),
    section(7, [[...text('probe'), FUNCTIONS, PROBE]]),
    section(10, [body(), next, use].map(code)),
  );
}

/** `if (frames < 0) { all = next()...; use(all)... } if (frames > 0) probe(frames - 1)` */
function body() {
  const values = Array.from({ length: VALUES }, (_, index) => leb(index + 1));
  const fill = values.flatMap((value) => [CALL, NEXT, LOCAL_SET, ...value]);
  const drain = values.flatMap((value) => [LOCAL_GET, ...value, CALL, USE]);
  const never = [LOCAL_GET, 0, I32_CONST, 0, I32_LT_S, ...IF, ...fill, ...drain, END];
  const less = [LOCAL_GET, 0, I32_CONST, 1, I32_SUB];
  const again = [LOCAL_GET, 0, I32_CONST, 0, I32_GT_S, ...IF, ...less, CALL, PROBE, END];
  return [...vector([[...leb(VALUES), I64]]), ...never, ...again, END];
}
