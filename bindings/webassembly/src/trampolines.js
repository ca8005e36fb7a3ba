// The functions that guests import: WebAssembly, so that a guest calls the core without JavaScript in between.
//
// A trampoline puts its arguments into the slots, calls the core, and takes the result out of the slots. Where the core
// says that the guest has to wait, it calls a suspending function. It is not that function itself, because a suspending
// import puts its guest aside whenever it is called, even when the answer is there.
import {
  CALL, END, FUNCTION, FUNCTIONS, GLOBALS, GLOBAL_GET, I32_CONST, IF, LOCAL_GET, LOCAL_SET, MEMORIES, MUTABLE, RETURN,
  UNREACHABLE, code, leb, moduleOf, section, sleb, text, vector,
} from './encode.js';
import { FRAMES, probe } from './headroom.js';
import { F32, F64, I32, I64, fetch, inside, memory, slots } from './memory.js';

/** What `trellis_call` answers where the guest is to be stopped. */
const STOPPED = 2;

/** What is thrown through a guest's frames; the reason waits in the core. A guest that catches it gains nothing. */
export const TRAPPED = { toString: () => 'the guest was stopped' };

/** Codes of core types in the binary format, how they become slots, and how to take them out. */
const TYPES = {
  [I32]: { type: 0x7f, widen: [0xad], load: 0x28 },
  [I64]: { type: 0x7e, widen: [], load: 0x29 },
  [F32]: { type: 0x7d, widen: [0xbc, 0xad], load: 0x2a },
  [F64]: { type: 0x7c, widen: [0xbd], load: 0x2b },
};
const I32_LOAD = 0x28, I32_STORE = 0x36, I64_STORE = 0x37, I32_EQ = 0x46, WORD = 0x7f, WORDS = 2, LONGS = 3;

/** The imports of a module that are functions, in their order; then come those that wait, by their result. */
const STOP = 0, PROBE = 1, ENTER = 2, WAIT = 3;
const WAITING = [undefined, I32, I64, F32, F64];

let core;

/** Makes the core's exports known. */
export function attachTrampolines(exports) {
  const waits = Object.fromEntries(WAITING.map(waiting));
  core = { '': { memory, stop, probe: probe(), enter: exports.trellis_call, ...waits } };
}

function stop() {
  throw TRAPPED;
}

/** Which guest is to wait: set by the core, taken by the trampoline that has called it. */
let waits;

/** Has the trampoline that has called the core wait for the promise of `bridge`. */
export function waitFor(bridge) {
  waits = bridge;
}

/** A function that suspends its guest, where the engine can do that, for a result of the given type. */
function waiting(type, index) {
  const wait = () => {
    const bridge = waits, { promise } = bridge;
    waits = bridge.promise = undefined;
    bridge.result = type;
    return promise;
  };
  return [`wait${index}`, WebAssembly.Suspending ? new WebAssembly.Suspending(wait) : stop];
}

/** The value that a guest gets which has waited, out of the slots. */
export function waited(type) {
  return type === undefined ? undefined : fetch(type, 0);
}

/** The trampolines of a component. */
export class Trampolines {
  constructor(signatures) {
    this.count = signatures.length;
    this.module = assemble(signatures);
  }

  /** Those of one instance, in their order. */
  open(bridge) {
    const { exports } = new WebAssembly.Instance(this.module, { ...core, bridge });
    return Array.from({ length: this.count }, (_, index) => exports[index]);
  }
}

function assemble(signatures) {
  const types = [signature([], []), signature([WORD], []), signature([WORD, WORD], [WORD])];
  const waits = WAITING.map((type) => signature([], type === undefined ? [] : [TYPES[type].type]));
  const own = signatures.map(({ params, results }) => signature(codes(params), codes(results)));
  const functions = ['stop', 'probe', 'enter', ...WAITING.map((_, index) => `wait${index}`)];
  const imports = functions.map((name, index) => [...text(''), ...text(name), FUNCTIONS, index]);
  const first = functions.length;
  return moduleOf(
    section(1, [...types, ...waits, ...own]),
    section(2, [
      ...imports,
      [...text(''), ...text('memory'), MEMORIES, 0, 0],
      [...text('bridge'), ...text('id'), GLOBALS, WORD, MUTABLE],
    ]),
    section(3, own.map((_, index) => leb(first + index))),
    section(7, own.map((_, index) => [...text(`${index}`), FUNCTIONS, ...leb(first + index)])),
    section(10, signatures.map((it, index) => code(body(it, index)))),
  );
}

function codes(types) {
  return types.map((type) => TYPES[type].type);
}

function signature(params, results) {
  return [FUNCTION, ...vector(params), ...vector(results)];
}

/** The code of a trampoline, see above. `inside` says meanwhile that the core is at work: then a failure is its own. */
function body({ params, results }, index) {
  const status = leb(params.length), before = leb(params.length + 1);
  const at = [I32_CONST, 0];
  const flag = [WORDS, ...leb(inside)];
  const wait = WAITING.indexOf(results[0]);
  return [
    ...vector([[2, WORD]]),
    ...params.flatMap((type, slot) => [
      ...at, LOCAL_GET, ...leb(slot), ...TYPES[type].widen, I64_STORE, LONGS, ...leb(slots + 8 * slot),
    ]),
    I32_CONST, FRAMES - 1, CALL, PROBE,
    ...at, I32_LOAD, ...flag, LOCAL_SET, ...before,
    ...at, I32_CONST, 1, I32_STORE, ...flag,
    GLOBAL_GET, 0, I32_CONST, ...sleb(index), CALL, ENTER, LOCAL_SET, ...status,
    ...at, LOCAL_GET, ...before, I32_STORE, ...flag,
    LOCAL_GET, ...status, ...IF,
    LOCAL_GET, ...status, I32_CONST, STOPPED, I32_EQ, ...IF, CALL, STOP, END,
    ...(results.length > 1 ? [UNREACHABLE] : [CALL, WAIT + wait, RETURN]),
    END,
    ...results.flatMap((type, slot) => {
      const { load } = TYPES[type];
      return [...at, load, type === I64 || type === F64 ? LONGS : WORDS, ...leb(slots + 8 * slot)];
    }),
    END,
  ];
}
