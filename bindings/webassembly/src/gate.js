// Gates in front of the imports that may have their guest wait.
//
// A suspending import puts its guest aside whenever it is called, even when the answer is there: the guest goes on only
// in a later microtask, on a stack that was switched twice. So a guest calls a gate instead, a function of WebAssembly
// that calls the plain function, and the suspending one only when the plain one says that there is something to wait
// for. One suspending function serves all gates: nothing runs between the two calls.
import {
  CALL, END, FUNCTION, FUNCTIONS, GLOBALS, GLOBAL_GET, GLOBAL_SET, I32, I32_CONST, IF, LOCAL_GET, LOCAL_SET,
  code, leb, moduleOf, section, text, vector,
} from './encode.js';
import * as Type from './memory.js';

/** The types of `memory.js` in the binary format. */
const CODES = { [Type.I32]: 0x7f, [Type.I64]: 0x7e, [Type.F32]: 0x7d, [Type.F64]: 0x7c };

/** What the guest that calls is to wait for, and whether it is: made when it is first needed. */
let promise, waits, wait;

/** Has the gate that has called wait for `answer`. */
export function waitFor(answer) {
  promise = answer;
  waits.value = 1;
}

/** Gates for functions of the given types. */
export class Gate {
  constructor(signatures) {
    waits ??= new WebAssembly.Global({ value: 'i32', mutable: true }, 0);
    wait ??= new WebAssembly.Suspending(() => promise);
    const codes = (types) => types.map((type) => CODES[type]);
    this.module = gates(signatures.map(({ params, results }) => ({ params: codes(params), results: codes(results) })));
  }

  /** The gates in front of `functions`. */
  open(functions) {
    const { exports } = new WebAssembly.Instance(this.module, { '': { waits, wait }, f: functions });
    return functions.map((_, index) => exports[index]);
  }
}

/** The module: for each type the plain function and the suspending one as imports, and the gate as export. */
function gates(types) {
  const imports = types.flatMap((_, index) => [
    [...text('f'), ...text(`${index}`), FUNCTIONS, ...leb(2 * index)],
    [...text(''), ...text('wait'), FUNCTIONS, ...leb(2 * index + 1)],
  ]);
  const flag = [...text(''), ...text('waits'), GLOBALS, I32, 1];
  const exports = types.map((_, index) => [...text(`${index}`), FUNCTIONS, ...leb(2 * types.length + index)]);
  return moduleOf(
    section(1, types.flatMap(({ params, results }) => [signature(params, results), signature([], results)])),
    section(2, [...imports, flag]),
    section(3, types.map((_, index) => leb(2 * index))),
    section(7, exports),
    section(10, types.map((type, index) => code(body(type, index)))),
  );
}

function signature(params, results) {
  return [FUNCTION, ...vector(params), ...vector(results)];
}

/** `results = plain(params...); if (waits) { waits = 0; results = wait() } return results` */
function body({ params, results }, index) {
  const locals = results.map((_, result) => leb(params.length + result));
  const keep = locals.toReversed().flatMap((local) => [LOCAL_SET, ...local]);
  return [
    ...vector(results.map((type) => [1, type])),
    ...params.flatMap((_, param) => [LOCAL_GET, ...leb(param)]),
    CALL, ...leb(2 * index), ...keep,
    GLOBAL_GET, 0, ...IF, I32_CONST, 0, GLOBAL_SET, 0, CALL, ...leb(2 * index + 1), ...keep, END,
    ...locals.flatMap((local) => [LOCAL_GET, ...local]),
    END,
  ];
}
