//! The member of a lattice, for JavaScript. What it wants done is called back after each input, with no borrow held, so
//! that callbacks may call in again.

use std::cell::RefCell;

use trellis_boundary::{error, performance_now, random_values, wall_now};
use trellis_error::Kind;
use trellis_lattice::member::{self, Input, Now, StoreFailure, Stored};
use trellis_lattice::{Entry, Headers, Message, Operation};
use wasm_bindgen::prelude::*;

use crate::outside::MemberOutside;
use crate::{actions, commands};

/// A member of a lattice. The type is `CoreMember` of `npm/src/lattice/core.ts`.
#[wasm_bindgen]
pub struct Member {
    member: RefCell<member::Member>,
    outside: MemberOutside,
}

#[wasm_bindgen]
impl Member {
    /// A member that is not connected yet.
    #[wasm_bindgen(constructor)]
    pub fn new(outside: MemberOutside, settings: &str) -> std::result::Result<Member, JsValue> {
        let mut seed = [0; 8];
        random_values(&mut seed)?;
        let settings = commands::settings(settings).map_err(error::to_js)?;
        let member = member::Member::new(settings, u64::from_le_bytes(seed), now()).map_err(error::to_js)?;
        Ok(Member { member: RefCell::new(member), outside })
    }

    /// The connection is there, for the first time or again.
    pub fn connected(&self, max_payload: u32) {
        self.handle(Input::Connected { max_payload: max_payload as usize });
    }

    /// The connection is lost.
    pub fn disconnected(&self) {
        self.handle(Input::Disconnected);
    }

    /// A message on one of the subscriptions.
    pub fn message(&self, subject: String, reply: Option<String>, payload: &[u8]) {
        let message = Message { subject, reply, headers: Headers::default(), payload: payload.into() };
        self.handle(Input::Message(message));
    }

    /// An entry of a watched bucket. An operation that is not `put` is a deletion.
    pub fn entry(&self, watch: f64, key: &str, operation: &str, value: &[u8], revision: f64) {
        self.handle(Input::Entry { watch: watch as u64, entry: entry(key, operation, value, revision) });
    }

    /// A watch has told everything that was there.
    pub fn current(&self, watch: f64) {
        self.handle(Input::Current { watch: watch as u64 });
    }

    /// A watch could not begin, or is broken.
    #[wasm_bindgen(js_name = watchFailed)]
    pub fn watch_failed(&self, watch: f64, reason: String) {
        self.handle(Input::WatchFailed { watch: watch as u64, reason });
    }

    /// A bucket has this value for the key that was asked for, or none.
    pub fn found(&self, request: f64, key: Option<String>, value: &[u8], revision: f64) {
        let found = key.map(|key| entry(&key, "put", value, revision));
        self.stored(request, Ok(Stored::Found(found)));
    }

    /// A bucket has made a change.
    pub fn written(&self, request: f64, revision: f64) {
        self.stored(request, Ok(Stored::Written { revision: revision as u64 }));
    }

    /// A bucket did not do what it was asked. The code `conflict` says that the key has another revision.
    #[wasm_bindgen(js_name = askFailed)]
    pub fn ask_failed(&self, request: f64, error: &JsValue) {
        let error = error::from_js(error);
        let failure = if error.kind() == Kind::Conflict { StoreFailure::Conflict } else { StoreFailure::Failed(error) };
        self.stored(request, Err(failure));
    }

    /// A task has ended well; with the claims of the artifact it loaded, as JSON, where it has some.
    pub fn done(&self, task: f64, claims: Option<String>) {
        let result = claims.map(|json| commands::read(&json)).transpose();
        self.handle(Input::Done { task: task as u64, result });
    }

    /// A task has failed.
    pub fn failed(&self, task: f64, error: &JsValue) {
        self.handle(Input::Done { task: task as u64, result: Err(error::from_js(error)) });
    }

    /// A command of the host's own API, as JSON: `{ "scale": { … } }`. Its answer comes by `answer`.
    pub fn command(&self, request: f64, json: &str) -> std::result::Result<(), JsValue> {
        let command = commands::command(json).map_err(error::to_js)?;
        self.handle(Input::Command { request: request as u64, command });
        Ok(())
    }

    /// A provider runs here that was not started by the control interface: JSON.
    #[wasm_bindgen(js_name = providerStarted)]
    pub fn provider_started(&self, json: &str) -> std::result::Result<(), JsValue> {
        self.handle(Input::ProviderStarted(commands::provider(json).map_err(error::to_js)?));
        Ok(())
    }

    /// A provider runs here no more.
    #[wasm_bindgen(js_name = providerStopped)]
    pub fn provider_stopped(&self, id: String, reason: String) {
        self.handle(Input::ProviderStopped { id, reason });
    }

    /// Leaves the lattice; calls get so many milliseconds to finish.
    pub fn stop(&self, timeout: f64) {
        self.handle(Input::Stop { timeout: Some(timeout as u64) });
    }

    /// The time has come that [`Member::next_wake`] named.
    pub fn tick(&self) {
        self.handle(Input::Tick);
    }

    /// In how many milliseconds to call [`Member::tick`].
    #[wasm_bindgen(js_name = nextWake)]
    pub fn next_wake(&self) -> Option<f64> {
        let at = self.member.borrow().next_wake()?;
        Some((at as f64 - performance_now()).max(0.0))
    }

    /// The labels of now, as JSON.
    pub fn labels(&self) -> String {
        serde_json::to_string(&self.member.borrow().settings().labels).unwrap_or_default()
    }
}

impl Member {
    fn stored(&self, request: f64, outcome: std::result::Result<Stored, StoreFailure>) {
        self.handle(Input::Stored { request: request as u64, outcome });
    }

    fn handle(&self, input: Input) {
        self.member.borrow_mut().handle(now(), input);
        loop {
            let (action, settings) = {
                let mut member = self.member.borrow_mut();
                let Some(action) = member.poll() else { return };
                (action, member.settings().clone())
            };
            actions::perform(action, &settings, &self.outside);
        }
    }
}

fn now() -> Now {
    // Rounded up, so that a timer which comes exactly in time is not too early.
    Now { monotonic: performance_now().ceil() as u64, wall: wall_now() as u64 }
}

fn entry(key: &str, operation: &str, value: &[u8], revision: f64) -> Entry {
    let operation = match operation {
        "put" => Operation::Put,
        "purge" => Operation::Purge,
        _ => Operation::Delete,
    };
    Entry { key: key.into(), operation, value: value.into(), revision: revision as u64 }
}
