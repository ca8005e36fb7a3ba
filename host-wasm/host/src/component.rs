//! A loaded component: its plan, its settings, and who may run how many instances of it.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use trellis_error::Result;
use trellis_runtime::{Component, Instance, Suspension};
use trellis_wasi::{Ctx, Settings};

use crate::outside::{ComponentOutside, GuestOutside};
use crate::settings::ComponentSettings;

/// A component that was loaded into an engine.
pub struct Loaded {
    component: Rc<Component>,
    settings: Rc<Settings>,
    reuse: bool,
    /// The HTTP handler it exports, by its full name with the version.
    pub http_export: Option<String>,
    /// What its guests ask of the world.
    pub outside: Rc<ComponentOutside>,
    idle: RefCell<Vec<Guest>>,
    free: Cell<u32>,
    queue: RefCell<VecDeque<Rc<Turn>>>,
}

/// An instance with the state that the host keeps for it.
pub struct Guest {
    /// The instance.
    pub instance: Rc<Instance>,
    /// Its resources, streams and HTTP state.
    pub ctx: Ctx,
    outside: Rc<GuestOutside>,
}

/// The right to run one instance. Given back when dropped.
pub struct Permit(Rc<Loaded>);

#[derive(Default)]
struct Turn {
    come: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

impl Loaded {
    /// A component with as many instances at work as its settings allow.
    pub fn new(
        component: Rc<Component>,
        http_export: Option<String>,
        settings: ComponentSettings,
        outside: Rc<ComponentOutside>,
    ) -> Rc<Loaded> {
        let (idle, queue) = Default::default();
        let (reuse, free) = (settings.reuse, Cell::new(settings.max_instances.max(1)));
        let settings = Rc::new(settings.into_wasi());
        Rc::new(Loaded { component, settings, reuse, http_export, outside, idle, free, queue })
    }

    /// Waits for the turn of a call; first come, first served.
    pub async fn permit(self: &Rc<Self>) -> Permit {
        if self.free.get() > 0 {
            self.free.set(self.free.get() - 1);
            return Permit(self.clone());
        }
        let waiting = Waiting { loaded: self.clone(), turn: Rc::default() };
        self.queue.borrow_mut().push_back(waiting.turn.clone());
        poll_fn(|cx| {
            if waiting.turn.come.get() {
                return Poll::Ready(());
            }
            *waiting.turn.waker.borrow_mut() = Some(cx.waker().clone());
            Poll::Pending
        })
        .await;
        waiting.turn.come.set(false);
        Permit(self.clone())
    }

    /// Passes the right on to the next in the queue.
    fn release(&self) {
        let Some(turn) = self.queue.borrow_mut().pop_front() else { return self.free.set(self.free.get() + 1) };
        turn.come.set(true);
        let waker = turn.waker.borrow_mut().take();
        waker.into_iter().for_each(Waker::wake);
    }

    /// An instance for a call: an idle one where the component wants reuse, else a new one.
    pub fn guest(&self, call: u32, suspension: &Suspension) -> Result<Guest> {
        if let Some(guest) = self.idle.borrow_mut().pop() {
            guest.outside.call.set(call);
            return Ok(guest);
        }
        let outside = Rc::new(GuestOutside { common: self.outside.clone(), call: Cell::new(call) });
        let ctx = Ctx::new(outside.clone(), self.settings.clone());
        let instance = Instance::new(&self.component, ctx.clone(), suspension)?;
        Ok(Guest { instance, ctx, outside })
    }

    /// Keeps an instance that served a call well, where the component wants reuse.
    pub fn give_back(&self, guest: Guest) {
        if self.reuse {
            self.idle.borrow_mut().push(guest);
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.release();
    }
}

/// A place in the queue. Left when the call is dropped before, or just as, its turn comes.
struct Waiting {
    loaded: Rc<Loaded>,
    turn: Rc<Turn>,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if self.turn.come.get() {
            self.loaded.release();
        } else {
            self.loaded.queue.borrow_mut().retain(|turn| !Rc::ptr_eq(turn, &self.turn));
        }
    }
}
