//! The WebAssembly JavaScript API with JSPI, as the engine needs it: externs only, and the hand-written glue behind
//! them, where calls and copies are too frequent for generated bindings (`glue.js`, `memory.js`) or which makes modules
//! of its own (`trampolines.js`, `headroom.js`).
//!
//! Functions that call a guest answer whether it went well; [`take_thrown`] then says what was thrown.
//!
//! Facts: the WebAssembly JavaScript Interface and its JS Promise Integration.

use js_sys::Array;
use js_sys::WebAssembly::Module;
use wasm_bindgen::prelude::*;

/// What `trellis_call` answers the glue: the result is in the slots.
pub const DONE: u32 = 0;
/// What `trellis_call` answers the glue: [`Bridge::suspend`] or [`Bridge::defer`] was called, the guest waits.
pub const WAITS: u32 = 1;
/// What `trellis_call` answers the glue: the guest is to be stopped.
pub const STOPPED: u32 = 2;

#[wasm_bindgen(module = "/src/headroom.js")]
extern "C" {
    /// A function that throws unless there is stack for the core to serve a guest. For the trampolines.
    pub fn probe() -> JsValue;
}

#[wasm_bindgen(module = "/src/encode.js")]
extern "C" {
    /// A number as bytes. For the files beside it, not for Rust; but a file of which nothing is declared is left out.
    pub fn leb(value: u32) -> Vec<u8>;
}

#[wasm_bindgen(module = "/src/trampolines.js")]
extern "C" {
    /// Makes the core's raw exports known: `trellis_call(instance, trampoline) -> status`.
    #[wasm_bindgen(js_name = attachTrampolines)]
    pub fn attach_trampolines(exports: &JsValue);

    /// The functions that the guests of a component import.
    pub type Trampolines;
    /// With the types of `signatures`, a list of [`Signature`].
    #[wasm_bindgen(constructor)]
    pub fn new(signatures: Array) -> Trampolines;
    /// Those of one instance. They call the core with their index; one that is answered [`WAITS`] puts the guest aside.
    #[wasm_bindgen(method)]
    pub fn open(this: &Trampolines, bridge: &Bridge) -> Array;
}

#[wasm_bindgen(module = "/src/memory.js")]
extern "C" {
    /// Makes the core's memory and the address and count of its slots known. Another word comes after the slots.
    #[wasm_bindgen(js_name = attachMemory)]
    pub fn attach_memory(memory: &JsValue, slots: usize, count: usize);

    /// A guest's memory.
    pub type GuestMemory;
    /// Of a `WebAssembly.Memory`, with the global that is the guest's count of its pages.
    #[wasm_bindgen(constructor)]
    pub fn new(memory: &JsValue, pages: &JsValue) -> GuestMemory;
    /// The instance was set back: the memory is as small as at first.
    #[wasm_bindgen(method)]
    pub fn reset(this: &GuestMemory);
    /// Bytes of memory now.
    #[wasm_bindgen(method)]
    pub fn size(this: &GuestMemory) -> f64;
    /// Copies `length` bytes at `from` to the core's memory at `to`. False out of the guest's bounds.
    #[wasm_bindgen(method)]
    pub fn read(this: &GuestMemory, from: u32, to: *mut u8, length: usize) -> bool;
    /// Copies `length` bytes of the core's memory at `from` to `to`. False out of the guest's bounds.
    #[wasm_bindgen(method)]
    pub fn write(this: &GuestMemory, to: u32, from: *const u8, length: usize) -> bool;
}

#[wasm_bindgen(module = "/src/state.js")]
extern "C" {
    /// The meters of one instance, and what of it is set back.
    pub type State;
    /// `pages` is how many its memories have at first; they are taken from `room`, the meter of the engine. It may grow
    /// by `growth` pages and `elements` elements of tables, and a call gets so much `fuel`, a whole number.
    #[wasm_bindgen(constructor)]
    pub fn new(room: &Flag, pages: u32, growth: u32, elements: u32, fuel: f64) -> State;
    /// A meter, by its index in the plan's `Meter`: a global.
    #[wasm_bindgen(method)]
    pub fn meter(this: &State, kind: u32) -> JsValue;
    /// A memory of the instance.
    #[wasm_bindgen(method, js_name = addMemory)]
    pub fn add_memory(this: &State, memory: &JsValue);
    /// The functions by which a core instance notes its globals, and sets them back.
    #[wasm_bindgen(method, js_name = addGlobals)]
    pub fn add_globals(this: &State, save: &JsValue, restore: &JsValue);
    /// The instance is in its first state now.
    #[wasm_bindgen(method)]
    pub fn save(this: &State);
    /// Fills up the fuel.
    #[wasm_bindgen(method)]
    pub fn refuel(this: &State);
    /// Takes so many steps of the fuel, a whole number. False where that leaves nothing for another step.
    #[wasm_bindgen(method)]
    pub fn burn(this: &State, steps: f64) -> bool;
    /// The marks that the instance has left since they were taken last.
    #[wasm_bindgen(method, js_name = takeMarks)]
    pub fn take_marks(this: &State) -> u32;
    /// Sets the instance back. False where something has changed for good.
    #[wasm_bindgen(method)]
    pub fn restore(this: &State, snapshot: &Snapshot) -> bool;
    /// The instance is gone: its pages are there for others.
    #[wasm_bindgen(method)]
    pub fn close(this: &State);

    /// An image of memories, for all instances that begin with the same.
    pub type Snapshot;
    /// Of the memories of an instance as they are now.
    #[wasm_bindgen(constructor)]
    pub fn new(state: &State) -> Snapshot;
}

#[wasm_bindgen(module = "/src/glue.js")]
extern "C" {
    /// Makes the core's raw exports known: `trellis_returned(instance, well)` and `trellis_dropped(instance) -> status`.
    pub fn attach(exports: &JsValue);

    /// The type of a core function.
    pub type Signature;
    /// From the types' codes: 0 `i32`, 1 `i64`, 2 `f32`, 3 `f64`.
    #[wasm_bindgen(constructor)]
    pub fn new(params: &[u8], results: &[u8]) -> Signature;

    /// What the functions given to one guest share.
    pub type Bridge;
    /// The bridge of the instance that the core calls `id`; 0 names none.
    #[wasm_bindgen(constructor)]
    pub fn new(id: u32) -> Bridge;
    /// Cuts the guest off.
    #[wasm_bindgen(method)]
    pub fn close(this: &Bridge);
    /// The import that is being called will answer later.
    #[wasm_bindgen(method)]
    pub fn suspend(this: &Bridge);
    /// Lets the guest that waits go on with the result in the slots.
    #[wasm_bindgen(method)]
    pub fn resume(this: &Bridge);
    /// Stops the guest that waits.
    #[wasm_bindgen(method)]
    pub fn stop(this: &Bridge);
    /// Calls a [`promising`] function with the arguments in the slots. `trellis_returned` tells its end.
    #[wasm_bindgen(method)]
    pub fn start(this: &Bridge, f: &Function, signature: &Signature);
    /// Has the guest that calls wait for a [`promising`] destructor. `trellis_dropped` tells its end.
    #[wasm_bindgen(method)]
    pub fn defer(this: &Bridge, f: &Function, signature: &Signature);

    /// A function of a guest.
    #[derive(Clone, Debug)]
    pub type Function;
    /// The function, able to suspend.
    pub fn promising(f: &Function) -> Function;
    /// Calls a function with the arguments in the slots; its result goes to slot 0. False when it threw.
    pub fn call(f: &Function, signature: &Signature) -> bool;
    /// Calls a `realloc`. -1 when it threw.
    pub fn realloc(f: &Function, old: u32, old_size: u32, align: u32, size: u32) -> f64;
    /// What the last failed call threw: name and message; nothing when the core had stopped the guest.
    #[wasm_bindgen(js_name = takeThrown)]
    pub fn take_thrown() -> Option<String>;

    /// An empty import object.
    #[wasm_bindgen(js_name = importObject)]
    pub fn import_object() -> JsValue;
    /// Adds an import. The names are strings.
    pub fn provide(imports: &JsValue, module: &JsValue, field: &JsValue, value: &JsValue);
    /// The exports of a new core instance; undefined when that failed.
    pub fn instantiate(module: &Module, imports: &JsValue) -> JsValue;
    /// An export of a core instance.
    pub fn exported(exports: &JsValue, name: &JsValue) -> JsValue;

    /// A mutable `i32` global.
    pub type Flag;
    /// A new one.
    pub fn flag(value: i32) -> Flag;
    /// Its value.
    #[wasm_bindgen(js_name = readFlag)]
    pub fn read_flag(flag: &Flag) -> i32;
    /// Sets it.
    #[wasm_bindgen(js_name = setFlag)]
    pub fn set_flag(flag: &Flag, value: i32);
}
