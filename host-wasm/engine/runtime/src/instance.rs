//! An instance of a component: its state, who may enter it, and its poison.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::{Rc, Weak};

use trellis_abi::table::Tables;
use trellis_error::{Error, Kind, Result};
use trellis_wasi::Ctx;
use trellis_webassembly::{self as webassembly, Bridge, Function, GuestMemory};
use wasm_bindgen::JsValue;

use crate::component::broken;
use crate::flags::Flag;
use crate::handles::Opaque;
use crate::resource::Exported;
use crate::suspend::Wait;
use crate::task::Task;
use crate::{Component, Room, limits, link, registry, trap};

/// How a guest waits for an import that does not answer at once.
#[derive(Clone)]
pub enum Suspension {
    /// By JavaScript Promise Integration: the guest's stack is put aside.
    Jspi,
    /// The thread waits: the function blocks until something may have changed.
    Block(Rc<dyn Fn() -> Result<()>>),
    /// Not at all: such an import stops the guest.
    None,
}

/// An instance of a component. One call at a time is in flight; a trap makes it unusable.
pub struct Instance {
    pub(crate) component: Rc<Component>,
    ctx: RefCell<Ctx>,
    pub(crate) suspension: Suspension,
    /// Which lowered imports are wrapped so that they can suspend the guest.
    pub(crate) suspending: Vec<bool>,
    /// Whether any is: then exports are called so that they can be suspended.
    pub(crate) suspends: bool,
    pub(crate) bridge: Bridge,
    pub(crate) cores: Vec<OnceCell<JsValue>>,
    pub(crate) memories: Vec<OnceCell<GuestMemory>>,
    pub(crate) reallocs: Vec<OnceCell<Function>>,
    pub(crate) post_returns: Vec<OnceCell<Function>>,
    pub(crate) destructors: Vec<OnceCell<Function>>,
    pub(crate) exports: Vec<OnceCell<Function>>,
    pub(crate) flags: Vec<Flag>,
    pub(crate) tables: Tables,
    pub(crate) opaque: RefCell<Opaque>,
    pub(crate) exported: RefCell<Exported>,
    /// The tasks in flight, the innermost last.
    pub(crate) tasks: RefCell<Vec<Task>>,
    pub(crate) wait: Wait,
    pub(crate) buffers: Cell<Buffers>,
    pub(crate) meters: webassembly::State,
    /// Whether it began as its component's image says.
    pub(crate) restorable: Cell<bool>,
    /// Whether the guest has called the engine.
    pub(crate) has_called: Cell<bool>,
    id: u32,
    state: Cell<State>,
    /// Why the guest was stopped.
    reason: RefCell<Option<Error>>,
}

/// Memory that calls use again.
#[derive(Default)]
pub(crate) struct Buffers {
    pub params: Vec<u8>,
    pub results: Vec<u8>,
    pub flat: Vec<u64>,
}

impl Buffers {
    /// How many bytes they hold ready.
    pub fn size(&self) -> usize {
        self.params.capacity() + self.results.capacity() + 8 * self.flat.capacity()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Idle,
    Busy,
    Poisoned,
}

impl Instance {
    /// Instantiates a component. `ctx` is the state of its WASI imports; its memories are taken from `room`.
    pub fn new(component: &Rc<Component>, ctx: Ctx, suspension: &Suspension, room: &Room) -> Result<Rc<Instance>> {
        let instance = Rc::new_cyclic(|weak| Instance::empty(component, ctx, suspension, room, weak));
        link::carry_out(&instance)?;
        instance.begin(!instance.has_called.get());
        instance.state.set(State::Idle);
        Ok(instance)
    }

    /// The component it is an instance of.
    pub fn component(&self) -> &Rc<Component> {
        &self.component
    }

    fn empty(
        component: &Rc<Component>,
        ctx: Ctx,
        suspension: &Suspension,
        room: &Room,
        weak: &Weak<Instance>,
    ) -> Instance {
        let plan = &component.plan;
        let counts = &plan.counts;
        let suspending = match suspension {
            Suspension::Jspi => component.suspending(&ctx),
            _ => vec![false; component.lowerings.len()],
        };
        let id = registry::add(weak.clone());
        Instance {
            suspends: suspending.contains(&true),
            suspending,
            bridge: Bridge::new(id),
            cores: cells(counts.core_instances as usize),
            memories: cells(counts.memories as usize),
            reallocs: cells(counts.reallocs as usize),
            post_returns: cells(counts.post_returns as usize),
            destructors: cells(plan.resources.len()),
            exports: cells(plan.exports.len()),
            flags: component.shared_flags.iter().map(|shared| Flag::new(*shared)).collect(),
            tables: Tables::new(plan),
            opaque: RefCell::default(),
            exported: RefCell::default(),
            tasks: RefCell::new(vec![Task::instantiation()]),
            wait: Wait::default(),
            buffers: Cell::default(),
            meters: component.budget.meters(room),
            restorable: Cell::default(),
            has_called: Cell::default(),
            id,
            state: Cell::new(State::Busy),
            reason: RefCell::default(),
            component: component.clone(),
            suspension: suspension.clone(),
            ctx: RefCell::new(ctx),
        }
    }

    /// The state of its WASI imports.
    pub(crate) fn ctx(&self) -> Ctx {
        self.ctx.borrow().clone()
    }

    /// Whether no call is in flight, and none has failed.
    pub(crate) fn is_idle(&self) -> bool {
        self.state.get() == State::Idle
    }

    /// Gives it, for its next call, the state of WASI imports `ctx` and no task but the first.
    pub(crate) fn renew(&self, ctx: Ctx) {
        self.ctx.replace(ctx);
        *self.tasks.borrow_mut() = vec![Task::instantiation()];
    }

    /// The name of a limit that the guest has come up against since this was asked last, and what that meant for it.
    pub fn struck(&self) -> Option<(&'static str, &'static str)> {
        limits::struck(self.meters.take_marks())
    }

    /// Begins a call from outside.
    pub(crate) fn enter(&self) -> Result<()> {
        match self.state.replace(State::Busy) {
            State::Idle => {
                self.wait.clear();
                self.meters.refuel();
                Ok(())
            }
            State::Busy => Err(Error::trap("cannot enter component instance: a call is in flight")),
            State::Poisoned => {
                self.state.set(State::Poisoned);
                Err(Error::trap("cannot enter component instance: it has trapped before"))
            }
        }
    }

    /// Ends a call from outside. A failure poisons the instance.
    pub(crate) fn leave<T>(&self, result: Result<T>) -> Result<T> {
        match result {
            Ok(_) => self.state.set(State::Idle),
            Err(_) => self.poison(),
        }
        result
    }

    /// Makes the instance unusable; a guest that still runs is stopped at its next call.
    pub(crate) fn poison(&self) {
        self.state.set(State::Poisoned);
        self.wait.clear();
        self.bridge.close();
    }

    /// Keeps the reason for which the guest is being stopped. The first one counts.
    pub(crate) fn stop_for(&self, reason: Error) {
        self.reason.borrow_mut().get_or_insert(reason);
    }

    /// Fails when the guest was told to stop but went on.
    pub(crate) fn check(&self) -> Result<()> {
        self.reason.take().map_or(Ok(()), Err)
    }

    /// Why a call of a guest's function has failed.
    pub(crate) fn failure(&self) -> Error {
        let thrown = webassembly::take_thrown();
        let explain = || trap::explain(thrown.as_deref().unwrap_or("value"));
        self.reason.take().unwrap_or_else(|| self.limited(explain()))
    }

    /// Why a core module could not be instantiated.
    pub(crate) fn failure_to_instantiate(&self) -> Error {
        let thrown = webassembly::take_thrown();
        let explain = || trap::explain_instantiation(thrown.as_deref().unwrap_or("value"));
        self.reason.take().unwrap_or_else(|| self.limited(explain()))
    }

    /// A trap that a limit has led to is told by that limit.
    fn limited(&self, error: Error) -> Error {
        match self.struck().filter(|_| error.kind() == Kind::Trap) {
            Some((name, meaning)) => Error::limit(name, format!("{meaning} ({name}), and trapped: {error}")),
            None => error,
        }
    }

    /// Calls a function of the guest with the arguments in the slots.
    pub(crate) fn call_guest(&self, f: &Function, signature: &webassembly::Signature) -> Result<()> {
        if !webassembly::call(f, signature) {
            return Err(self.failure());
        }
        self.check()
    }

    /// The flag of a component instance.
    pub(crate) fn flag(&self, instance: u32) -> Result<&Flag> {
        self.flags.get(instance as usize).ok_or_else(|| broken("a component instance"))
    }
}

fn cells<T>(count: usize) -> Vec<OnceCell<T>> {
    std::iter::repeat_with(OnceCell::new).take(count).collect()
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.bridge.close();
        self.meters.close();
        registry::remove(self.id);
    }
}
