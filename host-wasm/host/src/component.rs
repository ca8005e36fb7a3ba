//! A loaded component: what its instances are made of and with.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use trellis_error::Result;
use trellis_runtime::{Component, Instance, Suspension};
use trellis_wasi::{Ctx, Settings};

use crate::instances::{Instances, Seat};
use crate::outside::{ComponentOutside, GuestOutside};
use crate::settings::ComponentSettings;

/// A component that was loaded into an engine.
pub struct Loaded {
    /// What its instances share.
    pub component: Rc<Component>,
    /// Whether instances keep their state from call to call.
    pub reuse: bool,
    /// The HTTP handler it exports, by its full name with the version.
    pub http_export: Option<String>,
    /// What its guests ask of the world.
    pub outside: Rc<ComponentOutside>,
    /// Its idle instances, as [`Instances`] knows them, the oldest first.
    pub idle: RefCell<VecDeque<(bool, u64)>>,
    /// Whether it was unloaded: then no instance is kept any more.
    pub gone: Cell<bool>,
    settings: Rc<Settings>,
}

/// An instance with the state that the host keeps for it.
pub struct Guest {
    /// The instance.
    pub instance: Rc<Instance>,
    /// Its resources, streams and HTTP state.
    pub ctx: Ctx,
    outside: Rc<GuestOutside>,
    _seat: Rc<Seat>,
}

impl Loaded {
    /// A component without instances.
    pub fn new(
        component: Rc<Component>,
        http_export: Option<String>,
        settings: ComponentSettings,
        outside: Rc<ComponentOutside>,
    ) -> Rc<Loaded> {
        let reuse = settings.reuse;
        let settings = Rc::new(settings.into_wasi());
        Rc::new(Loaded {
            component,
            settings,
            reuse,
            http_export,
            outside,
            idle: RefCell::default(),
            gone: Cell::default(),
        })
    }

    /// A new instance on a seat, for `call`.
    pub fn instantiate(&self, call: u32, suspension: &Suspension, seat: &Rc<Seat>) -> Result<Guest> {
        let outside = self.outside_of(call);
        let ctx = Ctx::new(outside.clone(), self.settings.clone());
        let instance = Instance::new(&self.component, ctx.clone(), suspension, seat.room())?;
        Ok(Guest { instance, ctx, outside, _seat: seat.clone() })
    }

    /// Keeps an instance that has served a call well: with its state where the component wants that, else to be set back.
    pub fn give_back(self: &Rc<Self>, mut guest: Guest, instances: &Instances) {
        if self.gone.get() {
            return;
        }
        if !self.reuse {
            guest.outside = self.outside_of(0);
            guest.ctx = Ctx::new(guest.outside.clone(), self.settings.clone());
            if !guest.instance.release(guest.ctx.clone()) {
                return;
            }
        }
        instances.keep(guest, self);
    }

    /// Readies an instance that was kept, but not for the sake of its state, for its next call. False where it is to be dropped.
    pub fn take_up(&self, guest: &Guest) -> bool {
        guest.instance.rewind()
    }

    fn outside_of(&self, call: u32) -> Rc<GuestOutside> {
        Rc::new(GuestOutside { common: self.outside.clone(), call: Cell::new(call) })
    }
}

impl Guest {
    /// It serves this call from now on.
    pub fn serve(&self, call: u32) {
        self.outside.call.set(call);
    }
}
