//! The guests on the stack. While a guest blocks its thread, others may start, and block, on top of it; so what gives a
//! guest up must reach that one and no other.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use trellis_error::{Error, Kind, Result};

/// Whether a call was given up, as it and the stack share it.
pub type GivenUp = Rc<Cell<bool>>;

/// The calls whose guests are on the stack, outermost first.
#[derive(Default)]
pub struct Entered(RefCell<Vec<GivenUp>>);

impl Entered {
    /// Runs a guest on top of those that are there.
    pub fn run<T>(&self, given_up: &GivenUp, guest: impl FnOnce() -> T) -> T {
        self.0.borrow_mut().push(given_up.clone());
        let result = guest();
        self.0.borrow_mut().pop();
        result
    }

    /// Fails where the guest on top, which is the one that asks, was given up.
    pub fn check(&self) -> Result<()> {
        let given_up = self.0.borrow().last().is_some_and(|top| top.get());
        if given_up { Err(Error::new(Kind::Aborted, "the call was given up")) } else { Ok(()) }
    }
}
