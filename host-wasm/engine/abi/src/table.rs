//! The handle tables of a component: one for each component instance, and the scopes of the calls in flight.
//!
//! An own handle holds the representation of a resource; it cannot leave its table while it is lent. A borrow handle
//! lives in the callee until the callee drops it, which must be before the call that brought it ends.
//!
//! Facts: `CanonicalABI.md`, "Table State" and "Resource State"; trap messages as wasmtime words them.

use trellis_error::{Error, Kind, Result};
use trellis_plan::{Plan, TableId};
use trellis_wrpc::Reader;

use crate::Handles;

/// The handle tables of all instances of one component, and its call scopes.
#[derive(Debug, Default)]
pub struct Tables {}

impl Tables {
    /// Empty tables for an instance of `plan`.
    pub fn new(plan: &Plan) -> Tables {
        let _ = plan;
        Tables {}
    }

    /// `resource.new`: an own handle for a representation.
    pub fn resource_new(&self, table: TableId, rep: u32) -> Result<u32> {
        let _ = (table, rep);
        Err(Error::new(Kind::Unsupported, "tables"))
    }

    /// `resource.rep`: the representation behind a handle.
    pub fn resource_rep(&self, table: TableId, handle: u32) -> Result<u32> {
        let _ = (table, handle);
        Err(Error::new(Kind::Unsupported, "tables"))
    }

    /// `resource.drop`: removes a handle. Answers the representation when it was the owner: its destructor is due.
    pub fn resource_drop(&self, table: TableId, handle: u32) -> Result<Option<u32>> {
        let _ = (table, handle);
        Err(Error::new(Kind::Unsupported, "tables"))
    }

    /// Takes an owned handle out: its representation.
    pub fn take_own(&self, table: TableId, handle: u32) -> Result<u32> {
        self.resource_rep(table, handle)
    }

    /// Lends a handle until the current call ends: its representation.
    pub fn lend(&self, table: TableId, handle: u32) -> Result<u32> {
        self.resource_rep(table, handle)
    }

    /// Adds an own handle.
    pub fn add_own(&self, table: TableId, rep: u32) -> Result<u32> {
        self.resource_new(table, rep)
    }

    /// Adds a borrow handle that must be dropped before the current call ends. The instance that implements the
    /// resource gets the bare representation instead.
    pub fn add_borrow(&self, table: TableId, rep: u32) -> Result<u32> {
        self.resource_new(table, rep)
    }

    /// Moves an owned handle from one instance to another (`ResourceTransferOwn`).
    pub fn transfer_own(&self, handle: u32, from: TableId, to: TableId) -> Result<u32> {
        self.add_own(to, self.take_own(from, handle)?)
    }

    /// Lends a handle of one instance to another (`ResourceTransferBorrow`).
    pub fn transfer_borrow(&self, handle: u32, from: TableId, to: TableId) -> Result<u32> {
        self.add_borrow(to, self.lend(from, handle)?)
    }

    /// Begins a call: an export called from outside (before its parameters are lowered), an import called by the
    /// guest (before its parameters are lifted), or an adapter's `EnterCall`.
    pub fn enter_call(&self) {}

    /// Ends the current call (for an export: before `post-return`; for an import: after its result is lowered).
    /// Returns what was lent, and traps when the callee has kept a borrow.
    pub fn exit_call(&self) -> Result<()> {
        Ok(())
    }
}

impl Handles for Tables {
    fn lift_own(&self, table: TableId, handle: u32, out: &mut Vec<u8>) -> Result<()> {
        trellis_wrpc::Write::handle(out, self.take_own(table, handle)?);
        Ok(())
    }

    fn lift_borrow(&self, table: TableId, handle: u32, out: &mut Vec<u8>) -> Result<()> {
        trellis_wrpc::Write::handle(out, self.lend(table, handle)?);
        Ok(())
    }

    fn lower_own(&self, table: TableId, bytes: &mut Reader<'_>) -> Result<u32> {
        self.add_own(table, bytes.handle()?)
    }

    fn lower_borrow(&self, table: TableId, bytes: &mut Reader<'_>) -> Result<u32> {
        self.add_borrow(table, bytes.handle()?)
    }
}
