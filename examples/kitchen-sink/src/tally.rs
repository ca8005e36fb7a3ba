//! The exported resource: a number that its holder adds to, and a count of those alive, to see destructors run.

use crate::exports::trellis::kitchen::sink::{self, GuestTally, TallyBorrow};
use std::cell::Cell;

thread_local!(static LIVE: Cell<u32> = const { Cell::new(0) });

/// The representation behind a `tally` handle.
pub struct Tally(Cell<i64>);

impl Tally {
    fn of(value: i64) -> Self {
        LIVE.set(LIVE.get() + 1);
        Self(Cell::new(value))
    }

    /// The value held.
    pub fn get(&self) -> i64 {
        self.0.get()
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        LIVE.set(LIVE.get() - 1);
    }
}

impl GuestTally for Tally {
    fn new(start: i64) -> Self {
        Self::of(start)
    }

    fn add(&self, by: i64) -> i64 {
        self.0.set(self.get().wrapping_add(by));
        self.get()
    }

    fn value(&self) -> i64 {
        self.get()
    }

    fn merge(a: sink::Tally, b: sink::Tally) -> sink::Tally {
        let [a, b] = [a, b].map(|each| each.into_inner::<Tally>());
        make(a.get().wrapping_add(b.get()))
    }

    fn max(a: TallyBorrow<'_>, b: TallyBorrow<'_>) -> i64 {
        a.get::<Tally>().get().max(b.get::<Tally>().get())
    }
}

/// A new handle for the caller to own.
pub fn make(value: i64) -> sink::Tally {
    sink::Tally::new(Tally::of(value))
}

/// How many are not yet dropped.
pub fn live() -> u32 {
    LIVE.get()
}
