//! Calls over NATS, for JavaScript: the open calls of trellis-wrpc, and what is to be done for each.
//!
//! A channel is named by its index path as subjects have it: `0.1`. Callbacks run after every borrow has ended, so they
//! may call back.

use std::cell::RefCell;

use js_sys::{Array, Uint8Array};
use trellis_boundary::{error, performance_now};
use trellis_error::Result;
use trellis_wrpc::invocation::Path;
use trellis_wrpc::nats::subject::{invocation, queue_group, subscriptions};
use trellis_wrpc::nats::{
    self, Action, Call, CallId, Capacity, Channel, Inbox, Incoming, Message, Origin, Party, Request, Settings,
    signature,
};
use wasm_bindgen::prelude::*;

use crate::outside::CallsOutside;

/// So many bytes of a channel wait for a reader that is slow. NATS has no credit: a peer cannot be told to wait, and a
/// reader further behind loses the channel.
const MAX_BUFFERED: usize = 16 << 20;

/// What calls may take together: so many incoming ones, and so many bytes that wait, in both directions.
const CAPACITY: Capacity = Capacity { incoming: 10_000, held: 256 << 20 };

/// All calls of a host that go over NATS, in both directions. The type is `CoreCalls` of `npm/src/lattice/core.ts`.
#[wasm_bindgen]
pub struct Calls {
    outside: CallsOutside,
    lattice: String,
    pattern: String,
    calls: RefCell<nats::Calls>,
}

#[wasm_bindgen]
impl Calls {
    /// No calls yet. `inbox` is a subject that nobody else uses; subscribe to [`Calls::pattern`].
    #[wasm_bindgen(constructor)]
    pub fn new(
        outside: CallsOutside,
        lattice: String,
        inbox: String,
        max_payload: u32,
        max_message_bytes: f64,
        max_channels: u32,
    ) -> Calls {
        let settings = Settings {
            max_payload: max_payload as usize,
            max_message_bytes: max_message_bytes as usize,
            max_channels: max_channels as usize,
            max_buffered: MAX_BUFFERED,
            deadline: 0,
            inline: true,
        };
        let inbox = Inbox::new(inbox);
        let pattern = inbox.pattern();
        Calls { outside, lattice, pattern, calls: RefCell::new(nats::Calls::new(inbox, settings, CAPACITY)) }
    }

    /// What to subscribe to.
    pub fn pattern(&self) -> String {
        self.pattern.clone()
    }

    /// The server takes messages of so many bytes now.
    #[wasm_bindgen(js_name = setMaxPayload)]
    pub fn set_max_payload(&self, bytes: u32) {
        self.calls.borrow_mut().settings_mut().max_payload = bytes as usize;
    }

    /// What a component with these exports, pairs of instance and function, subscribes to: lists of subject, instance
    /// and function.
    pub fn subscriptions(&self, target: &str, exports: Array) -> Array {
        let pair = |export: JsValue| {
            let export: Array = export.unchecked_into();
            Some((export.get(0).as_string()?, export.get(1).as_string()?))
        };
        let exports: Vec<_> = exports.iter().filter_map(pair).collect();
        let exports = exports.iter().map(|(instance, function)| (instance.as_str(), function.as_str()));
        let all = subscriptions(&self.lattice, target, exports);
        all.into_iter().map(|it| list([it.subject, it.instance, it.function])).collect()
    }

    /// The queue group of a target's subscriptions.
    pub fn group(&self, target: &str) -> String {
        queue_group(&self.lattice, target)
    }

    /// Calls a function of a target. Times are milliseconds.
    #[allow(clippy::too_many_arguments, reason = "they are flat so that they cross without an object")]
    pub fn call(
        &self,
        target: &str,
        instance: &str,
        function: &str,
        source: Option<String>,
        link: Option<String>,
        params: Vec<u8>,
        channels: Array,
        deadline: f64,
    ) -> std::result::Result<u32, JsValue> {
        let call = Call {
            subject: invocation(&self.lattice, target, instance, function),
            origin: Origin { source, link, ..Origin::default() },
            params,
            channels: read_channels(&channels),
            signature: signature(instance, function),
        };
        self.begin(deadline, |calls| calls.call(call, now()))
    }

    /// Takes the first message of a call.
    pub fn take(
        &self,
        instance: &str,
        function: &str,
        reply: Option<String>,
        payload: Vec<u8>,
        deadline: f64,
    ) -> std::result::Result<u32, JsValue> {
        let request = Request { reply, payload };
        self.begin(deadline, |calls| calls.accept(request, signature(instance, function), now()))
    }

    /// A message has come to the inbox.
    pub fn message(&self, subject: &str, reply: Option<String>, status: Option<u16>, payload: Vec<u8>) {
        let done = self.calls.borrow_mut().message(subject, Incoming { reply, status, payload }, now());
        if let Some((call, actions)) = done {
            self.perform(call, actions);
        }
    }

    /// Answers a call that was taken. With `done`, nobody reads the channels of its parameters any more.
    pub fn results(&self, call: u32, bytes: Vec<u8>, channels: Array, done: bool) {
        if done {
            self.drive(call, |party, now| party.cancel_all(now));
        }
        let actions = self.calls.borrow_mut().results(call, bytes, read_channels(&channels), now());
        self.perform(call, actions);
    }

    /// Sends bytes on a channel. More than 16 MiB before the other side listens is too much.
    pub fn send(&self, call: u32, path: &str, bytes: &[u8]) {
        self.drive(call, |party, now| party.send(&read_path(path), bytes, now));
    }

    /// Ends a channel that is sent; `well` unless its content breaks off.
    pub fn end(&self, call: u32, path: &str, well: bool) {
        self.drive(call, |party, now| party.end(&read_path(path), well, now));
    }

    /// So many bytes of a channel have been read.
    pub fn consumed(&self, call: u32, path: &str, bytes: u32) {
        self.drive(call, |party, now| party.consumed(&read_path(path), bytes as usize, now));
    }

    /// Nobody reads a channel any more.
    pub fn cancel(&self, call: u32, path: &str) {
        self.drive(call, |party, now| party.cancel(&read_path(path), now));
    }

    /// Gives a call up. Nothing is called back for it any more, but for what it still has to publish.
    pub fn abort(&self, call: u32) {
        self.drive(call, |party, _| party.abort());
    }

    /// Ends the calls whose time is up. To be called from time to time while there are calls.
    pub fn tick(&self) {
        let ended = self.calls.borrow_mut().time(now());
        for (call, actions) in ended {
            self.perform(call, actions);
        }
    }

    /// How many calls there are.
    #[wasm_bindgen(getter)]
    pub fn size(&self) -> u32 {
        self.calls.borrow().len() as u32
    }
}

impl Calls {
    fn begin(
        &self,
        deadline: f64,
        begin: impl FnOnce(&mut nats::Calls) -> Result<(CallId, Vec<Action>)>,
    ) -> std::result::Result<u32, JsValue> {
        let begun = {
            let mut calls = self.calls.borrow_mut();
            calls.settings_mut().deadline = deadline as u64;
            begin(&mut calls)
        };
        let (call, actions) = begun.map_err(error::to_js)?;
        self.perform(call, actions);
        Ok(call)
    }

    fn drive(&self, call: u32, act: impl FnOnce(&mut dyn Party, u64) -> Vec<Action>) {
        let actions = self.calls.borrow_mut().with(call, |party| act(party, now()));
        self.perform(call, actions);
    }

    fn perform(&self, call: u32, actions: Vec<Action>) {
        let outside = &self.outside;
        for action in actions {
            match action {
                Action::Publish(Message { subject, reply, headers, payload }) => {
                    let headers = headers.into_iter().map(|(name, value)| list([name.to_owned(), value])).collect();
                    outside.send(&subject, reply, headers, Uint8Array::from(&payload[..]));
                }
                Action::Values { bytes, channels } => {
                    outside.values(call, Uint8Array::from(&bytes[..]), write_channels(&channels));
                }
                Action::Open => outside.open(call),
                Action::Data { path, bytes } => outside.data(call, &write_path(&path), Uint8Array::from(&bytes[..])),
                Action::End { path, result } => {
                    let error = result.err().map_or(JsValue::UNDEFINED, |error| error::to_wire(&error));
                    outside.end(call, &write_path(&path), error);
                }
                Action::Failed(error) => outside.failed(call, error::to_wire(&error)),
                Action::Finished => outside.finished(call),
            }
        }
    }
}

fn now() -> u64 {
    performance_now() as u64
}

fn list<const N: usize>(texts: [String; N]) -> JsValue {
    texts.into_iter().map(JsValue::from).collect::<Array>().into()
}

fn write_path(path: &[u32]) -> String {
    path.iter().map(u32::to_string).collect::<Vec<_>>().join(".")
}

/// Paths come from our own package, so what is no number does not occur.
fn read_path(path: &str) -> Path {
    path.split('.').filter_map(|index| index.parse().ok()).collect()
}

fn write_channels(channels: &[Channel]) -> Array {
    let write = |channel: &Channel| {
        let ready = channel.ready.as_ref().map_or(JsValue::UNDEFINED, |bytes| Uint8Array::from(&bytes[..]).into());
        JsValue::from(Array::of2(&write_path(&channel.path).into(), &ready))
    };
    channels.iter().map(write).collect()
}

fn read_channels(channels: &Array) -> Vec<Channel> {
    let read = |channel: JsValue| {
        let channel: Array = channel.unchecked_into();
        let ready = channel.get(1).dyn_into::<Uint8Array>().ok().map(|bytes| bytes.to_vec());
        Channel { path: read_path(&channel.get(0).as_string().unwrap_or_default()), ready }
    };
    channels.iter().map(read).collect()
}
