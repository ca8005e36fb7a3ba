//! Counts the bytes that a guest makes its host hold, so that no guest can hoard memory outside of its own.

use std::cell::Cell;
use std::rc::Rc;

use trellis_error::{Error, Kind, Result};

/// How many bytes the resources of one guest instance may hold together.
pub(crate) const LIMIT: usize = 64 * 1024 * 1024;

/// The meter of one guest instance.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meter(Rc<Cell<usize>>);

/// A number of metered bytes; given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Charge {
    meter: Meter,
    bytes: usize,
}

impl Meter {
    /// Counts `bytes` until the charge is dropped.
    pub fn charge(&self, bytes: usize) -> Result<Charge> {
        let mut charge = Charge { meter: self.clone(), bytes: 0 };
        charge.resize(bytes)?;
        Ok(charge)
    }
}

impl Charge {
    /// A charge of nothing yet on the same meter.
    pub fn another(&self) -> Charge {
        Charge { meter: self.meter.clone(), bytes: 0 }
    }

    /// Counts `bytes` from now on.
    pub fn resize(&mut self, bytes: usize) -> Result<()> {
        let held = self.meter.0.get() - self.bytes;
        let Some(held) = held.checked_add(bytes).filter(|held| *held <= LIMIT) else {
            return Err(Error::new(Kind::Limit, format!("the guest's resources would hold more than {LIMIT} bytes")));
        };
        self.meter.0.set(held);
        self.bytes = bytes;
        Ok(())
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.meter.0.set(self.meter.0.get() - self.bytes);
    }
}
