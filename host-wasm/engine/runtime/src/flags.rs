//! The may-leave flags: whether a component instance may call its imports now. It may not while values are lowered
//! into it and during `post-return`.
//!
//! The adapters of composed components change flags themselves; a flag they see is a WebAssembly global.

use std::cell::Cell;

use trellis_error::{Error, Result};
use trellis_webassembly as webassembly;

/// The flag of one component instance.
pub enum Flag {
    /// Only the engine minds it.
    Own(Cell<bool>),
    /// Adapters mind it too.
    Shared(webassembly::Flag),
}

impl Flag {
    /// A flag that is set.
    pub fn new(shared: bool) -> Flag {
        if shared { Flag::Shared(webassembly::flag(1)) } else { Flag::Own(Cell::new(true)) }
    }

    /// Whether the instance may leave.
    pub fn get(&self) -> bool {
        match self {
            Flag::Own(flag) => flag.get(),
            Flag::Shared(global) => webassembly::read_flag(global) != 0,
        }
    }

    /// Runs `body` while the instance may not leave.
    pub fn closed<T>(&self, body: impl FnOnce() -> Result<T>) -> Result<T> {
        let before = self.get();
        self.set(false);
        let result = body();
        self.set(before);
        result
    }

    /// Traps unless the instance may leave.
    pub fn check(&self) -> Result<()> {
        if self.get() { Ok(()) } else { Err(Error::trap("cannot leave component instance")) }
    }

    /// Sets or clears the flag.
    pub fn set(&self, value: bool) {
        match self {
            Flag::Own(flag) => flag.set(value),
            Flag::Shared(global) => webassembly::set_flag(global, value.into()),
        }
    }
}
