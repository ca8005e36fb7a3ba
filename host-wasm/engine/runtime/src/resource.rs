//! Resources: those of the guest that were passed out, and what happens when a handle is dropped.

use std::collections::BTreeMap;

use trellis_error::{Error, Result};
use trellis_plan::TableId;
use trellis_webassembly as webassembly;

use crate::component::Origin;
use crate::handles::unknown;
use crate::trampoline::Flow;
use crate::{Instance, slots};

/// How deep destructors may nest, each of them dropping the next.
const DEEPEST: usize = 100;

/// The guest's own resources that somebody outside holds, by the number given to them.
#[derive(Default)]
pub struct Exported {
    held: BTreeMap<u32, (usize, u32)>,
    last: u32,
}

impl Exported {
    /// A number for a resource of type `resource` with representation `rep`.
    pub fn add(&mut self, resource: usize, rep: u32) -> u32 {
        self.last = self.last.wrapping_add(1);
        self.held.insert(self.last, (resource, rep));
        self.last
    }

    /// The representation behind a number.
    pub fn get(&self, resource: usize, number: u32) -> Result<u32> {
        let held = self.held.get(&number).filter(|held| held.0 == resource);
        held.map(|held| held.1).ok_or_else(unknown)
    }

    /// The representation behind a number, which is then free.
    pub fn take(&mut self, resource: usize, number: u32) -> Result<u32> {
        let rep = self.get(resource, number)?;
        self.held.remove(&number);
        Ok(rep)
    }
}

impl Instance {
    /// `resource.drop`: the handle is in the first slot.
    pub(crate) fn drop_handle(&self, table: TableId) -> Result<Flow> {
        let Some(rep) = self.tables.resource_drop(table, slots::first() as u32)? else { return Ok(Flow::Done) };
        match self.component.origin(table)? {
            (Origin::Host, _) => self.ctx().drop_resource(rep)?,
            (Origin::Link, _) => self.opaque.borrow_mut().remove(rep),
            (Origin::Guest(owner), resource) => {
                let user = self.component.plan.tables[table.0 as usize].instance;
                return self.destroy(resource, owner, user, rep);
            }
        }
        Ok(Flow::Done)
    }

    /// Calls the destructor of a resource that instance `owner` defined and instance `user` dropped.
    fn destroy(&self, resource: usize, owner: u32, user: u32, rep: u32) -> Result<Flow> {
        self.check_entry(owner, user)?;
        let Some(dtor) = self.destructors[resource].get() else { return Ok(Flow::Done) };
        self.begin_task(owner);
        slots::write(&[rep.into()]);
        if self.suspends {
            self.bridge.defer(&webassembly::promising(dtor), &self.component.destructor);
            return Ok(Flow::Waits);
        }
        self.call_guest(dtor, &self.component.destructor)?;
        self.end_task()?;
        Ok(Flow::Done)
    }

    /// An instance that is in a call may be entered again only by itself, and nothing may nest without end.
    fn check_entry(&self, owner: u32, user: u32) -> Result<()> {
        let tasks = self.tasks.borrow();
        if owner != user && tasks.iter().any(|task| task.instance == owner) {
            return Err(Error::trap("cannot enter component instance"));
        }
        if tasks.len() > DEEPEST {
            return Err(Error::trap("wasm trap: call stack exhausted"));
        }
        Ok(())
    }
}
