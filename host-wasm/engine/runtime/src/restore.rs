//! Sets an instance back to the state it was first in, so that it can serve another call as a new one would.
//!
//! All instances of a component begin alike as long as nothing outside of them is asked while they are made. So there
//! is one image of their memories; each notes its own globals. What cannot be set back exactly is not set back at all:
//! an instance that has trapped, or that has changed a table, dropped a segment or outgrown its reserve of memory.

use std::cell::OnceCell;

use trellis_plan::marks;
use trellis_wasi::Ctx;
use trellis_webassembly as webassembly;

use crate::handles::Opaque;
use crate::resource::Exported;
use crate::{Component, Instance};

/// Buffers larger than this are not kept for the next call, in bytes.
const KEPT: usize = 1 << 20;

/// How instances of a component begin.
#[derive(Default)]
pub struct Beginning {
    /// Whether one was made before. The image is taken of the second: a component that is called once needs none.
    seen: OnceCell<()>,
    image: OnceCell<webassembly::Snapshot>,
}

impl Instance {
    /// The instance was made, and no call has entered it. `alone` tells that nothing outside was asked meanwhile.
    pub(crate) fn begin(&self, alone: bool) {
        let beginning = &self.component.beginning;
        if !alone || beginning.seen.set(()).is_ok() {
            return;
        }
        self.meters.save();
        beginning.image.get_or_init(|| webassembly::Snapshot::new(&self.meters));
        self.restorable.set(true);
    }

    /// Frees all that the host holds for the last call; `ctx` is the state of WASI imports for the next one. False where
    /// the instance cannot be set back: then it is to be dropped.
    pub fn release(&self, ctx: Ctx) -> bool {
        if !self.restorable.get() || !self.is_idle() || self.meters.take_marks() & marks::CHANGED != 0 {
            return false;
        }
        self.tables.clear();
        self.opaque.replace(Opaque::default());
        self.exported.replace(Exported::default());
        self.renew(ctx);
        self.flags.iter().for_each(|flag| flag.set(true));
        self.wait.clear();
        let buffers = self.buffers.take();
        if buffers.size() <= KEPT {
            self.buffers.set(buffers);
        }
        true
    }

    /// Sets the memories and globals of a released instance back. Done when the next call is there, or nothing else is to
    /// be done: most of the cost would be in vain for an instance that is dropped before. False where it cannot be.
    pub fn rewind(&self) -> bool {
        let Some(image) = self.component.beginning.image.get() else { return false };
        if !self.meters.restore(image) {
            return false;
        }
        self.memories.iter().filter_map(OnceCell::get).for_each(webassembly::GuestMemory::reset);
        true
    }
}

impl Component {
    /// How many memories an instance has.
    pub fn memories(&self) -> u32 {
        self.budget.memories
    }

    /// How many pages of memory an instance has at first.
    pub fn pages(&self) -> u32 {
        self.budget.pages
    }
}
