//! The class `Engine`: components in, calls in, answers out. See docs/architecture.md for its protocol.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use js_sys::{Array, WebAssembly};
use trellis_error::{Error, Kind, Result};
use trellis_plan::Plan;
use trellis_runtime::{Component, Suspension};
use trellis_wasi::incoming;
use trellis_wrpc::invocation::{Invocation, Outcome};
use wasm_bindgen::prelude::*;

use crate::calls::{Call, SERVED_HTTP};
use crate::channels::Channels;
use crate::component::Loaded;
use crate::entered::Entered;
use crate::imports;
use crate::instances::{Instances, seats};
use crate::js::{self, EngineOutside};
use crate::keyvalue::MemoryKeyValue;
use crate::outside::ComponentOutside;
use crate::replies::Replies;
use crate::settings::ComponentSettings;
use crate::tasks::Tasks;
use crate::timers::Timers;
use trellis_boundary::error;

/// The longest a blocked guest waits before it looks again whether its call still stands, in milliseconds.
const LONGEST_BLOCK: f64 = 1000.0;

/// What every part of an engine shares.
pub struct Shared {
    /// The callbacks.
    pub outside: Rc<EngineOutside>,
    /// How guests wait.
    pub suspension: Suspension,
    /// The engine's tasks.
    pub tasks: Rc<Tasks>,
    /// The sleepers.
    pub timers: Rc<Timers>,
    /// The open channels.
    pub channels: Rc<Channels>,
    /// The answers guests wait for.
    pub replies: Rc<Replies>,
    /// The guests on the stack.
    pub entered: Rc<Entered>,
    /// The live instances.
    pub instances: Rc<Instances>,
    /// The calls in flight.
    pub calls: RefCell<HashMap<u32, Rc<Call>>>,
}

/// Runs components. The same class serves inline and in a worker.
#[wasm_bindgen]
pub struct Engine {
    shared: Rc<Shared>,
    components: RefCell<HashMap<u32, Rc<Loaded>>>,
}

/// Idle instances know whose they are, so they would hold what holds them.
impl Drop for Engine {
    fn drop(&mut self) {
        self.shared.instances.trim(true);
    }
}

#[wasm_bindgen]
impl Engine {
    /// An engine that calls back `outside`. `suspension` is `"jspi"`, `"atomics"` or `"none"`; all instances together
    /// may have so many memories, with so many pages of 64 KiB in them.
    #[wasm_bindgen(constructor)]
    pub fn new(outside: EngineOutside, suspension: &str, memories: u32, pages: u32) -> Result<Engine, JsValue> {
        let outside = Rc::new(outside);
        let tasks = Tasks::new(outside.clone());
        let timers = Rc::new(Timers::default());
        let entered = Rc::default();
        let suspension = match suspension {
            "jspi" => Suspension::Jspi,
            "none" => Suspension::None,
            "atomics" => blocking(&outside, &tasks, &timers, &entered),
            other => return Err(error::to_js(unknown_suspension(other))),
        };
        let channels = Channels::new(outside.clone(), tasks.clone());
        let (replies, calls) = Default::default();
        let instances = Instances::new(memories, pages);
        let shared =
            Rc::new(Shared { outside, suspension, tasks, timers, channels, replies, entered, instances, calls });
        Ok(Engine { shared, components: RefCell::default() })
    }

    /// Makes a component known under a number. `modules` are the compiled core modules of its plan. Returns how many
    /// of the engine's memories each instance takes.
    pub fn load(
        &self,
        component: u32,
        plan: &[u8],
        modules: Vec<WebAssembly::Module>,
        settings: JsValue,
    ) -> Result<u32, JsValue> {
        self.load_plan(component, plan, modules, &settings).map_err(error::to_js)
    }

    /// Forgets a component. Its calls in flight go on.
    pub fn unload(&self, component: u32) {
        let gone = self.components.borrow_mut().remove(&component);
        gone.iter().for_each(|gone| {
            gone.gone.set(true);
            self.shared.instances.forget(gone);
        });
        drop(gone);
    }

    /// Drops the idle instances: those that keep state only with `all`.
    pub fn trim(&self, all: bool) {
        self.shared.instances.trim(all);
        self.shared.instances.report(&self.shared.outside);
    }

    /// Answers the imports of `component` from `instance` by a provider within this core.
    pub fn serve(&self, component: u32, instance: &str, provider: &MemoryKeyValue) -> Result<(), JsValue> {
        let loaded = self.loaded(component).map_err(error::to_js)?;
        loaded.outside.local.borrow_mut().push((instance.to_owned(), provider.clone()));
        // Those that are there would ask JavaScript.
        self.shared.instances.forget(&loaded);
        Ok(())
    }

    /// Calls a function. `settled` or `failed` answers, perhaps before this returns; `finished` says it is over.
    pub fn invoke(
        &self,
        call: u32,
        component: u32,
        instance: String,
        function: String,
        params: Vec<u8>,
        channels: Array,
    ) {
        let loaded = match self.loaded(component) {
            Ok(loaded) => loaded,
            Err(error) => {
                self.shared.outside.failed(call, error::to_wire(&error));
                return self.shared.outside.finished(call);
            }
        };
        let channels = self.shared.channels.accept(js::read_channel_refs(&channels));
        let invocation = Invocation { instance, function, params, channels };
        Call::start(&self.shared, call, loaded, invocation);
        self.shared.tasks.run();
    }

    /// Gives a call up. A guest that waits is dropped; nothing is called back for the call.
    pub fn abort(&self, call: u32) {
        let call = self.shared.calls.borrow_mut().remove(&call);
        if let Some(call) = call {
            call.abort();
        }
        self.shared.tasks.run();
    }

    /// A chunk of a channel towards a guest.
    pub fn push(&self, channel: u32, chunk: Vec<u8>) {
        self.shared.channels.push(channel, chunk);
        self.shared.tasks.run();
    }

    /// The end of a channel towards a guest.
    pub fn end(&self, channel: u32, error: JsValue) {
        let error = (!error.is_undefined()).then(|| error::from_js(&error));
        self.shared.channels.end(channel, error);
        self.shared.tasks.run();
    }

    /// Room for more of a channel from a guest.
    pub fn credit(&self, channel: u32, bytes: u32) {
        self.shared.channels.credit(channel, bytes);
        self.shared.tasks.run();
    }

    /// Nobody reads a channel from a guest any more.
    pub fn cancel(&self, channel: u32) {
        self.shared.channels.cancel(channel);
        self.shared.tasks.run();
    }

    /// The answer to a call that a guest made.
    pub fn reply(&self, call: u32, results: Vec<u8>, channels: Array) {
        let channels = self.shared.channels.accept(js::read_channel_refs(&channels));
        self.shared.replies.settle(call, Ok(Outcome { results, channels }));
        self.shared.tasks.run();
    }

    /// The failure of a call that a guest made.
    pub fn fail(&self, call: u32, error: JsValue) {
        self.shared.replies.settle(call, Err(error::from_js(&error)));
        self.shared.tasks.run();
    }

    /// What `soon` asked for: goes on with what was woken.
    pub fn run(&self) {
        self.shared.tasks.run_scheduled();
    }

    /// There is time until the next call: what it would have to wait for is done now.
    pub fn rest(&self) {
        self.shared.instances.make_ready();
    }

    /// The time that `wakeAt` asked for has come.
    pub fn wake(&self) {
        self.shared.timers.wake_due();
        self.shared.tasks.run();
        if let Some(milliseconds) = self.shared.timers.next_in() {
            self.shared.outside.wake_at(milliseconds);
        }
    }
}

impl Engine {
    fn loaded(&self, component: u32) -> Result<Rc<Loaded>> {
        let loaded = self.components.borrow().get(&component).cloned();
        loaded.ok_or_else(|| Error::new(Kind::NotFound, format!("component {component} is not loaded in this engine")))
    }

    fn load_plan(&self, id: u32, plan: &[u8], modules: Vec<WebAssembly::Module>, settings: &JsValue) -> Result<u32> {
        let settings = ComponentSettings::read(settings)?;
        let plan = Plan::decode(plan)?;
        let http_export = http_export(&plan);
        let component = Component::new(plan, modules, settings.limits())?;
        imports::check(&component)?;
        let outside = Rc::new(ComponentOutside::new(id, self.shared.clone(), settings.log_rate()));
        let loaded = Loaded::new(component, http_export, settings, outside);
        let memories = seats(&loaded);
        self.components.borrow_mut().insert(id, loaded);
        Ok(memories)
    }
}

/// The component's export that answers HTTP requests.
fn http_export(plan: &Plan) -> Option<String> {
    let serves_http = |name: &str| incoming::served_as(name) == Some(SERVED_HTTP);
    plan.exports.iter().map(|export| &export.instance).find(|name| serves_http(name)).cloned()
}

/// A guest that waits blocks the thread; meanwhile the engine's tasks go on.
fn blocking(outside: &Rc<EngineOutside>, tasks: &Rc<Tasks>, timers: &Rc<Timers>, entered: &Rc<Entered>) -> Suspension {
    let (outside, tasks, timers, entered) = (outside.clone(), tasks.clone(), timers.clone(), entered.clone());
    Suspension::Block(Rc::new(move || {
        // What is ready may be what the guest waits for, or the credit without which nothing will come.
        let ran = tasks.run();
        entered.check()?;
        if !ran {
            outside.block(timers.next_in().unwrap_or(LONGEST_BLOCK).min(LONGEST_BLOCK));
            timers.wake_due();
            tasks.run();
        }
        entered.check()
    }))
}

fn unknown_suspension(name: &str) -> Error {
    Error::new(Kind::InvalidArgument, format!("{name:?} is no way to suspend a guest: use jspi, atomics or none"))
}
