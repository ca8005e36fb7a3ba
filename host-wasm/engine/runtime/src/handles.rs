//! Handles as they pass the border of a component.
//!
//! Resources of this host travel as their representation; the guest's own as a number that the engine gave them,
//! because a representation is the guest's secret; those behind links as the bytes they came in.

use std::collections::BTreeMap;

use trellis_abi::Handles;
use trellis_error::{Error, Result};
use trellis_plan::TableId;
use trellis_wrpc::{Reader, Write};

use crate::Instance;
use crate::component::Origin;

/// The handles of resources behind links, by the representation that the guest's tables hold for them.
#[derive(Default)]
pub struct Opaque {
    handles: BTreeMap<u32, Box<[u8]>>,
    next: u32,
    /// Borrowed for the call that is in flight.
    borrowed: Vec<u32>,
}

impl Opaque {
    fn add(&mut self, handle: &[u8]) -> u32 {
        let rep = self.next;
        self.next = self.next.wrapping_add(1);
        self.handles.insert(rep, handle.into());
        rep
    }

    fn get(&self, rep: u32) -> Result<&[u8]> {
        self.handles.get(&rep).map(|handle| &**handle).ok_or_else(unknown)
    }

    /// The guest has given the handle away or dropped it.
    pub fn remove(&mut self, rep: u32) {
        self.handles.remove(&rep);
    }

    /// The call that borrowed handles is over.
    pub fn end_call(&mut self) {
        for rep in std::mem::take(&mut self.borrowed) {
            self.remove(rep);
        }
    }
}

impl Handles for Instance {
    fn lift_own(&self, table: TableId, handle: u32, out: &mut Vec<u8>) -> Result<()> {
        let rep = self.tables.take_own(table, handle)?;
        match self.component.origin(table)? {
            (Origin::Host, _) => out.handle(rep),
            (Origin::Guest(_), resource) => out.handle(self.exported.borrow_mut().add(resource, rep)),
            (Origin::Link, _) => {
                let mut opaque = self.opaque.borrow_mut();
                out.bytes(opaque.get(rep)?);
                opaque.remove(rep);
            }
        }
        Ok(())
    }

    fn lift_borrow(&self, table: TableId, handle: u32, out: &mut Vec<u8>) -> Result<()> {
        let rep = self.tables.lend(table, handle)?;
        match self.component.origin(table)? {
            (Origin::Host, _) => out.handle(rep),
            (Origin::Guest(_), _) => {
                return Err(Error::trap("a borrow of the component's own resource cannot leave it"));
            }
            (Origin::Link, _) => out.bytes(self.opaque.borrow().get(rep)?),
        }
        Ok(())
    }

    fn lower_own(&self, table: TableId, bytes: &mut Reader<'_>) -> Result<u32> {
        let rep = match self.component.origin(table)? {
            (Origin::Host, _) => bytes.handle()?,
            (Origin::Guest(_), resource) => self.exported.borrow_mut().take(resource, bytes.handle()?)?,
            (Origin::Link, _) => self.opaque.borrow_mut().add(bytes.bytes()?),
        };
        self.tables.resource_new(table, rep)
    }

    fn lower_borrow(&self, table: TableId, bytes: &mut Reader<'_>) -> Result<u32> {
        let rep = match self.component.origin(table)? {
            (Origin::Host, _) => bytes.handle()?,
            (Origin::Guest(_), resource) => self.exported.borrow().get(resource, bytes.handle()?)?,
            (Origin::Link, _) => {
                let mut opaque = self.opaque.borrow_mut();
                let rep = opaque.add(bytes.bytes()?);
                opaque.borrowed.push(rep);
                rep
            }
        };
        self.tables.add_borrow(table, rep)
    }
}

/// A handle that leads to nothing.
pub fn unknown() -> Error {
    Error::decode("a handle does not name a living resource")
}
