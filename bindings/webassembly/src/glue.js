// The hot glue between the core and its guests: calls in both directions.
//
// Arguments and results of guests never become values of the core. They pass through the slots (see `memory.js`); what
// crosses are numbers that name an instance and a function. Each instance of a component has one `Bridge`; all else
// here is shared.
import { waitFor } from './gate.js';
import { I32, get, put, refresh } from './memory.js';

const DONE = 0, WAITS = 1;

/** What is thrown through a guest's frames; the reason waits in the core. A guest that catches it gains nothing. */
const TRAPPED = { toString: () => 'the guest was stopped' };

let core, checkHeadroom;

/** What the last failed call threw. */
let thrown;

/** Makes the core's exports and the check for headroom known. */
export function attach(coreExports, headroom) {
  core = coreExports;
  checkHeadroom = headroom;
}

/** The type of a core function. Shared by all instances of a component. */
export class Signature {
  constructor(params, results) {
    this.params = Array.from(params);
    this.results = Array.from(results);
    this.words = this.params.every((type) => type === I32) ? this.params.length : -1;
  }

  /** The results of a trampoline, out of the slots. */
  answer() {
    refresh();
    const { results } = this;
    switch (results.length) {
      case 0: return undefined;
      case 1: return get(results[0], 0);
      default: return results.map(get);
    }
  }

  /** Calls `f` with the arguments in the slots. */
  apply(f) {
    refresh();
    const { params } = this;
    switch (params.length) {
      case 0: return f();
      case 1: return f(get(params[0], 0));
      case 2: return f(get(params[0], 0), get(params[1], 1));
      case 3: return f(get(params[0], 0), get(params[1], 1), get(params[2], 2));
      default: return f(...params.map(get));
    }
  }

  /** Puts the result of a guest's function into slot 0. */
  keep(value) {
    if (this.results.length === 0) return;
    refresh();
    put(this.results[0], 0, value);
  }
}

/** What the functions given to one guest share: the core's number for its instance, and the wait it may be in. */
export class Bridge {
  constructor(id) {
    this.id = id;
    this.promise = undefined;
    this.signature = undefined;
    this.resolve = undefined;
    this.reject = undefined;
  }

  /**
   * Cuts the guest off: whatever it calls from now on stops it. One that waits is stopped too, because engines keep a
   * suspended stack as long as it is suspended.
   */
  close() {
    this.id = 0;
    if (this.reject) this.stop();
  }

  /** The import that is being called will answer later. */
  suspend() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  /** Lets the guest go on with the result in the slots. */
  resume() {
    const { resolve, signature } = this;
    this.resolve = this.reject = undefined;
    resolve(signature.answer());
  }

  /** Stops the guest that waits. */
  stop() {
    const { reject } = this;
    this.resolve = this.reject = undefined;
    reject(TRAPPED);
  }

  /** Calls a function that may suspend. `trellis_returned` tells its end. */
  start(f, signature) {
    begin(f, signature).then(
      (value) => {
        signature.keep(value);
        core.trellis_returned(this.id, true);
      },
      (error) => {
        thrown = error;
        core.trellis_returned(this.id, false);
      },
    );
  }

  /** Has the guest that calls `resource.drop` wait for a destructor that may suspend. */
  defer(f, signature) {
    this.promise = begin(f, signature).then(() => {
      if (core.trellis_dropped(this.id) !== DONE) throw TRAPPED;
    });
  }
}

/** Calls a `promising` function with the arguments in the slots. Never throws. */
function begin(f, signature) {
  try {
    return signature.apply(f);
  } catch (error) {
    return Promise.reject(error);
  }
}

/**
 * Calls the core for a guest: function `trampoline` of its instance, with the arguments in the slots. Where the guest
 * has to wait, which only one behind a gate has, what this returns means nothing.
 */
function enter(bridge, trampoline, signature) {
  checkHeadroom();
  let status;
  try {
    status = core.trellis_call(bridge.id, trampoline);
  } catch (error) {
    throw new CoreFailure(error);
  }
  if (status === DONE) return signature.answer();
  if (status !== WAITS) throw TRAPPED;
  bridge.signature = signature;
  waitFor(bridge.promise);
  bridge.promise = undefined;
  return signature.answer();
}

/** The core itself failed below a guest. */
class CoreFailure {
  constructor(cause) {
    this.cause = cause;
  }
}

/** A function for a guest to import. */
export function trampoline(bridge, id, signature) {
  const { params } = signature;
  switch (signature.words) {
    case 0: return () => enter(bridge, id, signature);
    case 1: return (a) => {
      refresh();
      put(I32, 0, a);
      return enter(bridge, id, signature);
    };
    case 2: return (a, b) => {
      refresh();
      put(I32, 0, a);
      put(I32, 1, b);
      return enter(bridge, id, signature);
    };
    case 3: return (a, b, c) => {
      refresh();
      put(I32, 0, a);
      put(I32, 1, b);
      put(I32, 2, c);
      return enter(bridge, id, signature);
    };
    case 4: return (a, b, c, d) => {
      refresh();
      put(I32, 0, a);
      put(I32, 1, b);
      put(I32, 2, c);
      put(I32, 3, d);
      return enter(bridge, id, signature);
    };
    default: return (...values) => {
      refresh();
      for (let i = 0; i < params.length; i++) put(params[i], i, values[i]);
      return enter(bridge, id, signature);
    };
  }
}

/** Calls a guest's function with the arguments in the slots. False when it threw. */
export function call(f, signature) {
  try {
    signature.keep(signature.apply(f));
    return true;
  } catch (error) {
    thrown = error;
    return false;
  }
}

/** Calls a guest's `realloc`. -1 when it threw. */
export function realloc(f, old, oldSize, align, size) {
  try {
    return f(old, oldSize, align, size) >>> 0;
  } catch (error) {
    thrown = error;
    return -1;
  }
}

/** The function, able to suspend. */
export function promising(f) {
  return WebAssembly.promising(f);
}

/** What the last failed call threw: name and message; undefined when it was a stop by the core. */
export function takeThrown() {
  const error = thrown;
  thrown = undefined;
  if (error === TRAPPED) return undefined;
  return error instanceof CoreFailure ? `core: ${describe(error.cause)}` : describe(error);
}

function describe(error) {
  if (error instanceof Error) return `${error.name}: ${error.message}`;
  return error instanceof WebAssembly.Exception ? 'exception' : 'value';
}

/** An empty import object. Without a prototype: a guest may call its imports what it likes. */
export function importObject() {
  return Object.create(null);
}

/** Adds an import. */
export function provide(imports, module, field, value) {
  (imports[module] ??= Object.create(null))[field] = value;
}

/** The exports of a new core instance; undefined when that failed. */
export function instantiate(module, imports) {
  try {
    return new WebAssembly.Instance(module, imports).exports;
  } catch (error) {
    thrown = error;
    return undefined;
  }
}

/** An export of a core instance. */
export function exported(exports, name) {
  return exports[name];
}

/** A mutable `i32` global. */
export function flag(value) {
  return new WebAssembly.Global({ value: 'i32', mutable: true }, value);
}

/** Reads such a global. */
export function readFlag(global) {
  return global.value;
}

/** Sets such a global. */
export function setFlag(global, value) {
  global.value = value;
}
