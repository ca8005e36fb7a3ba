//! What the guests of one component ask of the world, answered by JavaScript or by a provider in this core.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::Uint8Array;
use trellis_error::Result;
use trellis_wasi::{Level, LogRate, Outside, Stdio, Verdict};
use trellis_wrpc::invocation::{Answer, Invocation, Later, Outcome};

use crate::channels::Open;
use crate::engine::Shared;
use crate::keyvalue::MemoryKeyValue;

use crate::{js, timers};
use trellis_boundary::error;

/// Web Crypto hands out at most this many random bytes at once.
const RANDOM_QUOTA: usize = 65_536;

/// What all guests of a component share towards the world.
pub struct ComponentOutside {
    /// The engine's number for the component.
    pub component: u32,
    /// The engine it runs in.
    pub shared: Rc<Shared>,
    /// Instances of interfaces served from within the core.
    pub local: RefCell<Vec<(String, MemoryKeyValue)>>,
    log_rate: LogRate,
}

/// The outside of one guest.
pub struct GuestOutside {
    /// What it shares with the component's other guests.
    pub common: Rc<ComponentOutside>,
    /// The call it serves.
    pub call: Cell<u32>,
}

impl ComponentOutside {
    /// Nothing is served yet.
    pub fn new(component: u32, shared: Rc<Shared>, log_rate: LogRate) -> ComponentOutside {
        ComponentOutside { component, shared, local: RefCell::default(), log_rate }
    }

    /// Whether so many bytes may be logged or printed now. Tells JavaScript when that begins to be refused.
    fn may_print(&self, bytes: &[u8]) -> bool {
        match self.log_rate.take(bytes, trellis_boundary::performance_now()) {
            Verdict::Print => true,
            Verdict::Drop => false,
            Verdict::DropAndTell => {
                let detail = "lines are dropped: the component logs and prints more than it may";
                self.shared.outside.struck(self.component, "maxLogRate", detail);
                false
            }
        }
    }

    fn local(&self, instance: &str) -> Option<MemoryKeyValue> {
        self.local.borrow().iter().find(|(name, _)| name == instance).map(|(_, provider)| provider.clone())
    }
}

impl GuestOutside {
    fn js(&self) -> &js::EngineOutside {
        &self.common.shared.outside
    }
}

impl Outside for GuestOutside {
    fn monotonic_now(&self) -> u64 {
        timers::monotonic_now()
    }

    fn wall_now(&self) -> (u64, u32) {
        let milliseconds = js_sys::Date::now();
        ((milliseconds / 1e3) as u64, ((milliseconds % 1e3) * 1e6) as u32)
    }

    fn random(&self, out: &mut [u8]) {
        for part in out.chunks_mut(RANDOM_QUOTA) {
            trellis_boundary::random_values(part).expect("the platform has no source of random bytes");
        }
    }

    fn sleep_until(&self, monotonic: u64) -> Later<()> {
        let shared = &self.common.shared;
        Box::pin(shared.timers.sleep_until(&shared.outside, monotonic))
    }

    fn may_wait(&self, instance: &str, function: &str) -> bool {
        self.common.local(instance).is_none() && self.js().may_wait(self.common.component, instance, function)
    }

    fn invoke(&self, invocation: Invocation) -> Result<Answer<Outcome>> {
        let Invocation { instance, function, params, channels } = invocation;
        if let Some(provider) = self.common.local(&instance) {
            let results = provider.answer(&instance, &function, &params)?;
            return Ok(Answer::Now(Outcome { results, channels: Vec::new() }));
        }
        let shared = &self.common.shared;
        let refs = shared.channels.offer(channels, &Open::default());
        let (call, reply) = shared.replies.expect();
        let (params, refs) = (Uint8Array::from(&params[..]), js::channel_refs(&refs));
        let component = self.common.component;
        match self.js().invoke(call, component, &instance, &function, params, refs, self.call.get()) {
            Err(thrown) => Err(error::from_js(&thrown)),
            Ok(Some(results)) => Ok(Answer::Now(Outcome { results: results.to_vec(), channels: Vec::new() })),
            Ok(None) => Ok(Answer::Later(Box::pin(reply))),
        }
    }

    fn log(&self, level: Level, context: &str, message: &str) {
        if self.common.may_print(message.as_bytes()) {
            self.js().log(self.common.component, level as u32, context, message);
        }
    }

    fn stdio(&self, stream: Stdio, bytes: &[u8]) {
        if self.common.may_print(bytes) {
            self.js().stdio(self.common.component, stream as u32, Uint8Array::from(bytes));
        }
    }
}
