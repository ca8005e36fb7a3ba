//! Tasks: which component instance runs for whom. A task has a scope of borrows and the slots of `context.get`.
//!
//! Facts: `CanonicalABI.md`, "Task State"; `context.get` belongs to the async model, but guests use it without.

use trellis_error::Result;

use crate::Instance;
use crate::component::broken;

/// A call into a component instance.
pub struct Task {
    /// The component instance.
    pub instance: u32,
    context: [u64; 2],
}

impl Task {
    /// The outermost: start functions run in it.
    pub fn instantiation() -> Task {
        Task { instance: u32::MAX, context: [0; 2] }
    }
}

impl Instance {
    /// A component instance is called.
    pub(crate) fn begin_task(&self, instance: u32) {
        self.tables.enter_call();
        self.tasks.borrow_mut().push(Task { instance, context: [0; 2] });
    }

    /// The innermost call has returned. Traps when it has kept a borrow.
    pub(crate) fn end_task(&self) -> Result<()> {
        self.tasks.borrow_mut().pop();
        self.tables.exit_call()
    }

    /// Reads or changes a context slot of the innermost task.
    pub(crate) fn context<T>(&self, slot: u32, access: impl FnOnce(&mut u64) -> T) -> Result<T> {
        let mut tasks = self.tasks.borrow_mut();
        let value = tasks.last_mut().and_then(|task| task.context.get_mut(slot as usize));
        value.map(access).ok_or_else(|| broken("a context slot"))
    }
}
