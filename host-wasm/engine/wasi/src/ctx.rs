//! The state of one guest instance.

use std::cell::{OnceCell, RefCell, RefMut};
use std::rc::Rc;

use trellis_error::Result;
use trellis_wrpc::invocation::Later;

use crate::Outside;
use crate::filesystem::Filesystem;
use crate::http::incoming::Exchange;
use crate::lookup::{HostFunction, Reply};
use crate::meter::Meter;
use crate::table::{Held, Table};

/// What a component is given: shared by all its instances.
#[derive(Debug, Default)]
pub struct Settings {
    /// The arguments of `wasi:cli/environment`, the program's name first.
    pub args: Vec<String>,
    /// Its environment variables.
    pub env: Vec<(String, String)>,
    /// What `wasi:config` answers. May be replaced at any time; every call reads it anew.
    pub config: RefCell<Vec<(String, String)>>,
    /// How many bytes the filesystem at `/` holds, where there is one. Every instance has its own, empty at first.
    pub filesystem: Option<u64>,
}

/// The state of one guest instance: its resources and the HTTP exchange it serves. A cheap clone.
#[derive(Clone)]
pub struct Ctx(Rc<State>);

struct State {
    outside: Rc<dyn Outside>,
    settings: Rc<Settings>,
    meter: Meter,
    table: RefCell<Table>,
    exchange: RefCell<Exchange>,
    filesystem: OnceCell<Filesystem>,
}

impl Ctx {
    /// The state of a new instance.
    pub fn new(outside: Rc<dyn Outside>, settings: Rc<Settings>) -> Ctx {
        let meter = Meter::default();
        let (table, exchange, filesystem) = Default::default();
        Ctx(Rc::new(State { outside, settings, meter, table, exchange, filesystem }))
    }

    /// The guest has dropped an owned handle. Traps when the resource has children.
    pub fn drop_resource(&self, rep: u32) -> Result<()> {
        // Bound to a name, so that it is dropped when the table is free again: dropping may wake others.
        let _dropped = self.table().remove(rep)?;
        Ok(())
    }

    /// Whether a call of this function may have to wait in this instance.
    pub fn may_wait(&self, function: &HostFunction) -> bool {
        function.may_wait && function.link.is_none_or(|link| self.outside().may_wait(link.instance, link.function))
    }

    /// How many resources are alive.
    pub fn resources(&self) -> usize {
        self.table().len()
    }

    /// The world outside of the engine.
    pub fn outside(&self) -> &dyn Outside {
        &*self.0.outside
    }

    /// The instance's filesystem, where the settings ask for one.
    pub(crate) fn filesystem(&self) -> Option<&Filesystem> {
        let capacity = self.0.settings.filesystem?;
        Some(self.0.filesystem.get_or_init(|| Filesystem::new(capacity)))
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub(crate) fn meter(&self) -> &Meter {
        &self.0.meter
    }

    /// The resources. Not to be held while [`Outside`] takes over: invokes, logs or prints.
    pub(crate) fn table(&self) -> RefMut<'_, Table> {
        self.0.table.borrow_mut()
    }

    /// The HTTP exchange that the instance serves. As briefly to be held.
    pub(crate) fn exchange(&self) -> RefMut<'_, Exchange> {
        self.0.exchange.borrow_mut()
    }

    pub(crate) fn push<T: Held>(&self, value: T) -> Result<u32> {
        self.table().push(value)
    }

    /// A reply that comes later.
    pub(crate) fn later(answer: impl Future<Output = Result<Vec<u8>>> + 'static) -> Result<Reply> {
        Ok(Reply::Later(Box::pin(answer) as Later<Result<Vec<u8>>>))
    }
}
