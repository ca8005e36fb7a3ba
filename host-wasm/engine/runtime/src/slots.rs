//! The slots through which flat values pass between the core and its guests, as bit patterns.
//!
//! There is one set for the whole core: what is in it is taken out before anything else can run.

use std::cell::Cell;

use trellis_webassembly as webassembly;

/// As many as a function can have: the flat parameters and a return pointer.
pub const COUNT: usize = trellis_plan::Type::MAX_FLAT + 1;

thread_local! {
    /// One more for the glue, where it notes that the core is at work.
    static SLOTS: [Cell<u64>; COUNT + 1] = const { [const { Cell::new(0) }; COUNT + 1] };
    static ATTACHED: Cell<bool> = const { Cell::new(false) };
}

/// Shows the slots to the glue. Once is enough.
pub fn attach() {
    if !ATTACHED.replace(true) {
        let address = SLOTS.with(|slots| slots.as_ptr() as usize);
        webassembly::attach_memory(&wasm_bindgen::memory(), address, COUNT);
        webassembly::attach(&wasm_bindgen::exports());
        webassembly::attach_trampolines(&wasm_bindgen::exports());
    }
}

/// All slots.
pub fn read() -> [u64; COUNT] {
    SLOTS.with(|slots| std::array::from_fn(|index| slots[index].get()))
}

/// The first slot: the only argument or the result.
pub fn first() -> u64 {
    SLOTS.with(|slots| slots[0].get())
}

/// Fills the slots from the first on.
pub fn write(values: &[u64]) {
    SLOTS.with(|slots| slots.iter().zip(values).for_each(|(slot, value)| slot.set(*value)));
}
