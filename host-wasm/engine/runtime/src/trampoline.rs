//! The functions of the engine that guests call, and the core's raw exports for the glue.

use trellis_abi::transcode::{self, transcode};
use trellis_error::{Error, Result};
use trellis_plan::{TableId, TrampolineKind};
use trellis_webassembly::{DONE, STOPPED, WAITS};

use crate::component::broken;
use crate::{Instance, registry, slots, trap};

/// How a guest goes on after a call.
pub enum Flow {
    /// With the result in the slots.
    Done,
    /// It waits.
    Waits,
}

/// A guest calls function `trampoline` of its instance, with its arguments in the slots.
#[unsafe(no_mangle)]
extern "C" fn trellis_call(instance: u32, trampoline: u32) -> u32 {
    let Some(instance) = registry::get(instance) else { return STOPPED };
    match instance.dispatch(trampoline) {
        Ok(Flow::Done) => DONE,
        Ok(Flow::Waits) => {
            instance.wait.leave();
            WAITS
        }
        Err(reason) => {
            instance.stop_for(reason);
            STOPPED
        }
    }
}

/// A suspended call has returned, its result in the slots, or thrown.
#[unsafe(no_mangle)]
extern "C" fn trellis_returned(instance: u32, well: bool) {
    if let Some(instance) = registry::get(instance) {
        instance.returned(well);
    }
}

/// A suspended destructor has returned.
#[unsafe(no_mangle)]
extern "C" fn trellis_dropped(instance: u32) -> u32 {
    let Some(instance) = registry::get(instance) else { return STOPPED };
    match instance.end_task() {
        Ok(()) => DONE,
        Err(reason) => {
            instance.stop_for(reason);
            STOPPED
        }
    }
}

impl Instance {
    fn dispatch(&self, trampoline: u32) -> Result<Flow> {
        self.has_called.set(true);
        let trampolines = &self.component.plan.trampolines;
        let trampoline = trampolines.get(trampoline as usize).ok_or_else(|| broken("a trampoline"))?;
        if let Some(instance) = trampoline.may_leave {
            self.flag(instance)?.check()?;
        }
        match &trampoline.kind {
            TrampolineKind::LowerImport { lowering, function, options } => {
                return self.import(*lowering, *function, *options);
            }
            TrampolineKind::ResourceDrop(table) => return self.drop_handle(*table),
            TrampolineKind::ResourceNew(table) => answer(self.tables.resource_new(*table, slots::first() as u32)?),
            TrampolineKind::ResourceRep(table) => answer(self.tables.resource_rep(*table, slots::first() as u32)?),
            TrampolineKind::ResourceTransferOwn => {
                self.transfer(|handle, from, to| self.tables.transfer_own(handle, from, to))?
            }
            TrampolineKind::ResourceTransferBorrow => {
                self.transfer(|handle, from, to| self.tables.transfer_borrow(handle, from, to))?;
            }
            TrampolineKind::Transcode { op, from, to } => {
                let args = slots::read().map(|slot| slot as u32);
                let args = &args[..trampoline.signature.params.len()];
                self.charge(transcode::source_bytes(*op, args))?;
                let (first, second) = transcode(*op, &self.memory(*from)?, &self.memory(*to)?, args)?;
                slots::write(&[first.into(), second.into()]);
            }
            TrampolineKind::EnterCall => {
                let [_caller, _async, callee, ..] = slots::read();
                self.begin_task(callee as u32);
            }
            TrampolineKind::ExitCall => self.end_task()?,
            TrampolineKind::ContextGet(slot) => slots::write(&[self.context(*slot, |value| *value)?]),
            TrampolineKind::ContextSet(slot) => self.context(*slot, |value| *value = slots::first())?,
            TrampolineKind::Backpressure => {}
            TrampolineKind::Trap => return Err(trap::of_adapter(slots::first() as u32)),
            TrampolineKind::Refused(name) => return Err(refused(name)),
        }
        Ok(Flow::Done)
    }

    fn transfer(&self, transfer: impl FnOnce(u32, TableId, TableId) -> Result<u32>) -> Result<()> {
        let [handle, from, to, ..] = slots::read();
        answer(transfer(handle as u32, TableId(from as u32), TableId(to as u32))?);
        Ok(())
    }
}

fn refused(name: &str) -> Error {
    Error::trap(format!("`{name}` needs the async component model, which this host does not have"))
}

fn answer(value: u32) {
    slots::write(&[value.into()]);
}
