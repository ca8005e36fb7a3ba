// The hot glue between the core and its guests: calls in both directions.
//
// Arguments and results of guests never become values of the core. They pass through the slots (see `memory.js`); what
// crosses are numbers that name an instance and a function. Each instance of a component has one `Bridge`; all else
// here is shared.
import { comeBack, get, isInside, leave, put, refresh } from './memory.js';
import { TRAPPED, waitFor, waited } from './trampolines.js';

const DONE = 0;

let core;

/** What the last failed call threw. */
let thrown;

/** Makes the core's exports known. */
export function attach(coreExports) {
  core = coreExports;
}

/** The type of a core function. Shared by all instances of a component. */
export class Signature {
  constructor(params, results) {
    this.params = Array.from(params);
    this.results = Array.from(results);
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
    this.id = new WebAssembly.Global({ value: 'i32', mutable: true }, id);
    this.promise = undefined;
    this.result = undefined;
    this.resolve = undefined;
    this.reject = undefined;
  }

  /**
   * Cuts the guest off: whatever it calls from now on stops it. One that waits is stopped too, because engines keep a
   * suspended stack as long as it is suspended.
   */
  close() {
    this.id.value = 0;
    if (this.reject) this.stop();
  }

  /** The import that is being called will answer later. */
  suspend() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    waitFor(this);
  }

  /** Lets the guest go on with the result in the slots. */
  resume() {
    const { resolve, result } = this;
    this.resolve = this.reject = undefined;
    resolve(waited(result));
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
        core.trellis_returned(this.id.value, true);
      },
      (error) => {
        keepThrown(error, 0);
        core.trellis_returned(this.id.value, false);
      },
    );
  }

  /** Has the guest that calls `resource.drop` wait for a destructor that may suspend. */
  defer(f, signature) {
    this.promise = begin(f, signature).then(() => {
      if (core.trellis_dropped(this.id.value) !== DONE) throw TRAPPED;
    });
    waitFor(this);
  }
}

/** Calls a `promising` function with the arguments in the slots. Never throws. */
function begin(f, signature) {
  const before = leave();
  try {
    const promise = signature.apply(f);
    // Where the core has failed already, that is known until the promise tells of it.
    if (!isInside()) comeBack(before);
    return promise;
  } catch (error) {
    comeBack(before);
    return Promise.reject(error);
  }
}

/** The core itself failed below a guest. */
class CoreFailure {
  constructor(cause) {
    this.cause = cause;
  }
}

/** Keeps what a guest has thrown, which ran since `before`. */
function keepThrown(error, before) {
  thrown = comeBack(before) ? new CoreFailure(error) : error;
}

/** Calls a guest's function with the arguments in the slots. False when it threw. */
export function call(f, signature) {
  const before = leave();
  try {
    signature.keep(signature.apply(f));
  } catch (error) {
    keepThrown(error, before);
    return false;
  }
  comeBack(before);
  return true;
}

/** Calls a guest's `realloc`. -1 when it threw. */
export function realloc(f, old, oldSize, align, size) {
  const before = leave();
  let area;
  try {
    area = f(old, oldSize, align, size) >>> 0;
  } catch (error) {
    keepThrown(error, before);
    return -1;
  }
  comeBack(before);
  return area;
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
  const before = leave();
  let instance;
  try {
    instance = new WebAssembly.Instance(module, imports);
  } catch (error) {
    keepThrown(error, before);
    return undefined;
  }
  comeBack(before);
  return instance.exports;
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
