//! The handle tables of a component, one for each of its instances, and the scopes of the calls in flight.
//!
//! An own handle holds the representation of a resource; it cannot leave its table while it is lent. A borrow handle
//! lives in the callee until the callee drops it, which must be before the call that brought it ends.
//!
//! Facts: `CanonicalABI.md`, "Table State" and "Resource State"; trap messages as wasmtime words them.

use std::cell::RefCell;

use trellis_error::{Error, Result};
use trellis_plan::{Plan, Resource, ResourceTable, TableId};

use crate::memory::inconsistent;

/// No table has more handles. The specification allows 2^28; a guest that leaks them must not exhaust the host.
const MAX_HANDLES: usize = 1 << 22;

/// The handle tables of all instances of one component, and its call scopes.
#[derive(Debug)]
pub struct Tables {
    tables: Vec<ResourceTable>,
    resources: Vec<Resource>,
    state: RefCell<State>,
}

#[derive(Debug, Default)]
struct State {
    instances: Vec<Table>,
    scopes: Vec<Scope>,
    /// What the open scopes have been lent, innermost last: instance and handle.
    lent: Vec<(u32, u32)>,
}

/// A call in flight.
#[derive(Debug)]
struct Scope {
    /// Where its loans begin in [`State::lent`].
    lent_from: usize,
    /// How many borrow handles its callee has not dropped yet.
    borrows: u32,
}

/// The handles of one instance. Free slots form a list, the last freed first; slot 0 is never used and ends it.
#[derive(Debug)]
struct Table {
    slots: Vec<Slot>,
    free: u32,
}

#[derive(Clone, Copy, Debug)]
enum Slot {
    Free { next: u32 },
    Used(Entry),
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    resource: u32,
    rep: u32,
    lends: u32,
    /// The scope that a borrow ends with; `None` for an owner.
    scope: Option<u32>,
}

impl Tables {
    /// Empty tables for an instance of `plan`.
    pub fn new(plan: &Plan) -> Tables {
        let instances = (0..plan.counts.instances).map(|_| Table::default()).collect();
        Tables {
            tables: plan.tables.clone(),
            resources: plan.resources.clone(),
            state: RefCell::new(State { instances, ..State::default() }),
        }
    }

    /// Empties them, as if the instance were new.
    pub fn clear(&self) {
        let state = &mut *self.state.borrow_mut();
        state.instances.iter_mut().for_each(|table| *table = Table::default());
        state.scopes.clear();
        state.lent.clear();
    }

    /// `resource.new`, and lowering an own handle: adds an owner of `rep`.
    pub fn resource_new(&self, table: TableId, rep: u32) -> Result<u32> {
        let ResourceTable { resource, instance } = self.table(table)?;
        self.state.borrow_mut().table(instance)?.insert(Entry { resource, rep, lends: 0, scope: None })
    }

    /// `resource.rep`: the representation behind a handle.
    pub fn resource_rep(&self, table: TableId, handle: u32) -> Result<u32> {
        let ResourceTable { resource, instance } = self.table(table)?;
        let mut state = self.state.borrow_mut();
        let entry = state.table(instance)?.get(handle)?;
        self.check_type(resource, handle, entry)?;
        Ok(entry.rep)
    }

    /// `resource.drop`: removes a handle. Answers the representation when it was the owner: its destructor is due.
    pub fn resource_drop(&self, table: TableId, handle: u32) -> Result<Option<u32>> {
        let entry = self.remove(table, handle, |_| Ok(()))?;
        let Some(scope) = entry.scope else { return Ok(Some(entry.rep)) };
        if let Some(scope) = self.state.borrow_mut().scopes.get_mut(scope as usize) {
            scope.borrows = scope.borrows.saturating_sub(1);
        }
        Ok(None)
    }

    /// Lifts an own handle: takes the owner out, and answers its representation.
    pub fn take_own(&self, table: TableId, handle: u32) -> Result<u32> {
        let owner = |entry: &Entry| match entry.scope {
            None => Ok(()),
            Some(_) => Err(Error::trap("cannot lift own resource from a borrow")),
        };
        self.remove(table, handle, owner).map(|entry| entry.rep)
    }

    /// Lifts a borrow handle: lends a handle until the current call ends, and answers its representation.
    pub fn lend(&self, table: TableId, handle: u32) -> Result<u32> {
        let ResourceTable { resource, instance } = self.table(table)?;
        let state = &mut *self.state.borrow_mut();
        state.scope()?;
        let entry = state.table(instance)?.get(handle)?;
        self.check_type(resource, handle, entry)?;
        entry.lends += 1;
        let rep = entry.rep;
        state.lent.push((instance, handle));
        Ok(rep)
    }

    /// Lowers a borrow: adds a handle that must be dropped before the current call ends. The instance that
    /// implements the resource gets the bare representation instead.
    pub fn add_borrow(&self, table: TableId, rep: u32) -> Result<u32> {
        let ResourceTable { resource, instance } = self.table(table)?;
        if self.resource(resource)? == &Resource::Defined(instance) {
            return Ok(rep);
        }
        let state = &mut *self.state.borrow_mut();
        state.scope()?.borrows += 1;
        let scope = state.scopes.len() as u32 - 1;
        state.table(instance)?.insert(Entry { resource, rep, lends: 0, scope: Some(scope) })
    }

    /// Moves an owned handle from one instance to another (`ResourceTransferOwn`).
    pub fn transfer_own(&self, handle: u32, from: TableId, to: TableId) -> Result<u32> {
        self.resource_new(to, self.take_own(from, handle)?)
    }

    /// Lends a handle of one instance to another (`ResourceTransferBorrow`).
    pub fn transfer_borrow(&self, handle: u32, from: TableId, to: TableId) -> Result<u32> {
        self.add_borrow(to, self.lend(from, handle)?)
    }

    /// Begins a call: of an export from outside (before its parameters are lowered), of an import by the guest
    /// (before its parameters are lifted), or from instance to instance (`EnterCall`).
    pub fn enter_call(&self) {
        let state = &mut *self.state.borrow_mut();
        state.scopes.push(Scope { lent_from: state.lent.len(), borrows: 0 });
    }

    /// Ends the current call (of an export: before `post-return`; of an import: when its handler has answered).
    /// Gives back what was lent, and traps when the callee has kept a borrow.
    pub fn exit_call(&self) -> Result<()> {
        let state = &mut *self.state.borrow_mut();
        let scope = state.scopes.pop().ok_or_else(no_call)?;
        for (instance, handle) in state.lent.split_off(scope.lent_from) {
            state.table(instance)?.get(handle)?.lends -= 1;
        }
        if scope.borrows > 0 {
            return Err(Error::trap("borrow handles still remain at the end of the call"));
        }
        Ok(())
    }

    fn table(&self, table: TableId) -> Result<ResourceTable> {
        self.tables.get(table.0 as usize).copied().ok_or_else(inconsistent)
    }

    fn resource(&self, resource: u32) -> Result<&Resource> {
        self.resources.get(resource as usize).ok_or_else(inconsistent)
    }

    fn remove(&self, table: TableId, handle: u32, check: impl FnOnce(&Entry) -> Result<()>) -> Result<Entry> {
        let ResourceTable { resource, instance } = self.table(table)?;
        let mut state = self.state.borrow_mut();
        let table = state.table(instance)?;
        let entry = *table.get(handle)?;
        self.check_type(resource, handle, &entry)?;
        if entry.lends > 0 {
            return Err(Error::trap("cannot remove owned resource while borrowed"));
        }
        check(&entry)?;
        table.free(handle);
        Ok(entry)
    }

    fn check_type(&self, expected: u32, handle: u32, entry: &Entry) -> Result<()> {
        if entry.resource == expected {
            return Ok(());
        }
        let expected = kind_of(self.resource(expected)?);
        let found = kind_of(self.resource(entry.resource)?);
        let other = if expected == found { "a different " } else { "" };
        Err(Error::trap(format!(
            "handle index {handle} used with the wrong type, expected {expected} but found {other}{found}"
        )))
    }
}

impl State {
    fn table(&mut self, instance: u32) -> Result<&mut Table> {
        self.instances.get_mut(instance as usize).ok_or_else(inconsistent)
    }

    fn scope(&mut self) -> Result<&mut Scope> {
        self.scopes.last_mut().ok_or_else(no_call)
    }
}

impl Default for Table {
    fn default() -> Self {
        Table { slots: vec![Slot::Free { next: 0 }], free: 0 }
    }
}

impl Table {
    fn insert(&mut self, entry: Entry) -> Result<u32> {
        let handle = self.free;
        if handle != 0 {
            let slot = &mut self.slots[handle as usize];
            if let Slot::Free { next } = *slot {
                self.free = next;
            }
            *slot = Slot::Used(entry);
            return Ok(handle);
        }
        if self.slots.len() > MAX_HANDLES {
            return Err(Error::trap("cannot allocate another handle: index overflow"));
        }
        self.slots.push(Slot::Used(entry));
        Ok(self.slots.len() as u32 - 1)
    }

    fn get(&mut self, handle: u32) -> Result<&mut Entry> {
        match self.slots.get_mut(handle as usize) {
            Some(Slot::Used(entry)) => Ok(entry),
            _ => Err(Error::trap(format!("unknown handle index {handle}"))),
        }
    }

    /// Frees the slot of a used handle.
    fn free(&mut self, handle: u32) {
        self.slots[handle as usize] = Slot::Free { next: self.free };
        self.free = handle;
    }
}

fn kind_of(resource: &Resource) -> &'static str {
    match resource {
        Resource::Imported(_) => "host-defined resource",
        Resource::Defined(_) => "guest-defined resource",
    }
}

fn no_call() -> Error {
    Error::trap("a handle was lent outside of a call")
}
