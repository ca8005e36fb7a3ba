//! One call of a guest, from its turn to its end.
//!
//! A call has two tasks: one runs the guest, and for HTTP one waits for the response, which a guest may set long
//! before it returns. They are apart because a guest that blocks its thread still has to see its response leave.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::Uint8Array;
use trellis_error::{Detail, Error, Result};
use trellis_runtime::{ExportId, NO_MEMORY};
use trellis_wasi::{Ctx, incoming};
use trellis_wrpc::invocation::{Answer, Invocation, Outcome};

use crate::channels::Open;
use crate::component::{Guest, Loaded};
use crate::engine::Shared;
use crate::entered::GivenUp;
use crate::instances::{Place, Seat};
use crate::tasks::TaskId;
use crate::{js, timers};
use trellis_boundary::error;

/// The interface under which an HTTP handler is served.
pub const SERVED_HTTP: &str = "wrpc:http/incoming-handler@0.1.0";

/// Its function.
const HANDLE: &str = "handle";

/// How long to wait for memory before asking again, in nanoseconds.
const PAUSE: u64 = 20_000_000;

/// A call in flight.
pub struct Call {
    id: u32,
    shared: Rc<Shared>,
    settled: Cell<bool>,
    done: Cell<bool>,
    given_up: GivenUp,
    open: Open,
    tasks: RefCell<Vec<TaskId>>,
}

impl Call {
    /// Starts a call. It may be settled and finished before this returns.
    pub fn start(shared: &Rc<Shared>, id: u32, loaded: Rc<Loaded>, invocation: Invocation) {
        let (settled, done, given_up, open, tasks) = Default::default();
        let call = Rc::new(Call { id, shared: shared.clone(), settled, done, given_up, open, tasks });
        shared.calls.borrow_mut().insert(id, call.clone());
        let running = call.clone();
        let task = shared.tasks.spawn(async move { running.run(loaded, invocation).await });
        call.tasks.borrow_mut().push(task);
        if call.done.get() {
            call.tasks.borrow_mut().clear();
        } else if call.given_up.get() {
            // By what its guest called just now, before the task was known here.
            call.drop_tasks();
        }
    }

    /// Gives the call up: what it holds is dropped, and nothing is called back.
    pub fn abort(&self) {
        self.settled.set(true);
        self.given_up.set(true);
        self.drop_tasks();
    }

    fn drop_tasks(&self) {
        for task in self.tasks.take() {
            self.shared.tasks.drop_task(task);
        }
    }

    async fn run(self: Rc<Self>, loaded: Rc<Loaded>, invocation: Invocation) {
        if let Err(error) = self.serve(&loaded, invocation).await {
            if let Some(Detail::Limit(name)) = error.detail() {
                self.shared.outside.struck(loaded.outside.component, name, error.message());
            }
            self.fail(&error);
        }
        if !self.open.are_closed() {
            self.shared.outside.returned(self.id);
            self.open.all_closed().await;
        }
        self.finish();
    }

    async fn serve(self: &Rc<Self>, loaded: &Rc<Loaded>, invocation: Invocation) -> Result<()> {
        // Found before an instance is taken: a name that nothing has must not cost the state of one.
        let http = loaded.http_export.as_deref().filter(|_| invocation.instance == SERVED_HTTP);
        let export = match http {
            Some(export) => loaded.component.export(export, HANDLE)?,
            None => loaded.component.export(&invocation.instance, &invocation.function)?,
        };
        let place = self.shared.instances.place(loaded).await?;
        self.shared.outside.began(self.id);
        let guest = match place {
            Place::Taken(guest) => guest,
            Place::Free(seat) => self.instantiate(loaded, &seat).await?,
        };
        guest.serve(self.id);
        match http {
            Some(_) => self.serve_http(&guest, export, invocation).await?,
            None => self.serve_values(&guest, export, &invocation.params).await?,
        }
        if let Some((name, meaning)) = guest.instance.struck() {
            self.shared.outside.struck(loaded.outside.component, name, meaning);
        }
        loaded.give_back(guest, &self.shared.instances);
        Ok(())
    }

    /// A new instance. Where the platform has no memory for it, idle ones give up theirs, here and in other engines.
    async fn instantiate(&self, loaded: &Loaded, seat: &Rc<Seat>) -> Result<Guest> {
        let Shared { entered, suspension, instances, timers, outside, .. } = &*self.shared;
        loop {
            let made = match instances.has_pages(loaded) {
                true => entered.run(&self.given_up, || loaded.instantiate(self.id, suspension, seat)),
                // Others have taken it while this one waited.
                false => Err(Error::limit(NO_MEMORY, "the engine has no memory for another instance")),
            };
            let error = match made {
                Err(error) if error.detail() == Some(&Detail::Limit(NO_MEMORY)) => error,
                made => return made,
            };
            if !instances.evict() {
                outside.struck(loaded.outside.component, NO_MEMORY, error.message());
            }
            // Memory comes back when garbage is collected, and that takes a turn of the event loop at least.
            timers.sleep_until(outside, timers::monotonic_now() + PAUSE).await;
        }
    }

    async fn serve_values(&self, guest: &Guest, export: ExportId, params: &[u8]) -> Result<()> {
        let results = self.resolve(guest, self.enter(guest, export, params)?).await?;
        self.settle(Outcome { results, channels: Vec::new() });
        Ok(())
    }

    async fn serve_http(self: &Rc<Self>, guest: &Guest, export: ExportId, invocation: Invocation) -> Result<()> {
        let params = incoming::begin(&guest.ctx, &invocation.params, invocation.channels)?;
        self.watch_response(guest.ctx.clone());
        let answer = self.enter(guest, export, &params);
        let returned = match answer {
            Ok(answer) => self.resolve(guest, answer).await.map(drop),
            Err(error) => Err(error),
        };
        match &returned {
            Ok(()) => incoming::guest_returned(&guest.ctx),
            Err(error) => incoming::guest_failed(&guest.ctx, error),
        }
        // The response task answers before the call ends.
        self.shared.tasks.run();
        returned
    }

    fn enter(&self, guest: &Guest, export: ExportId, params: &[u8]) -> Result<Answer<Vec<u8>>> {
        self.shared.entered.run(&self.given_up, || guest.instance.invoke(export, params))
    }

    /// What the guest returns. Platforms tell it later even of a guest that was never suspended.
    async fn resolve<T>(&self, guest: &Guest, answer: Answer<T>) -> Result<T> {
        let later = match answer {
            Answer::Now(value) => return Ok(value),
            Answer::Later(later) => later,
        };
        let _ending = (!guest.instance.was_suspended()).then(|| self.shared.instances.ending());
        later.await
    }

    fn watch_response(self: &Rc<Self>, ctx: Ctx) {
        let call = self.clone();
        let task = self.shared.tasks.spawn(async move {
            match incoming::response(&ctx).await {
                Ok(outcome) => call.settle(outcome),
                Err(error) => call.fail(&error),
            }
        });
        self.tasks.borrow_mut().push(task);
    }

    fn settle(&self, outcome: Outcome) {
        if self.settled.replace(true) {
            return;
        }
        let refs = self.shared.channels.offer(outcome.channels, &self.open);
        self.shared.outside.settled(self.id, Uint8Array::from(&outcome.results[..]), js::channel_refs(&refs));
    }

    fn fail(&self, error: &Error) {
        if !self.settled.replace(true) {
            self.shared.outside.failed(self.id, error::to_wire(error));
        }
    }

    fn finish(&self) {
        self.done.set(true);
        self.tasks.borrow_mut().clear();
        if self.given_up.get() {
            return;
        }
        self.shared.calls.borrow_mut().remove(&self.id);
        self.shared.instances.report(&self.shared.outside);
        self.shared.outside.finished(self.id);
    }
}
