//! The in-memory bus, for JavaScript.
//!
//! Callbacks run within `publish` and the `kv` methods, after every borrow has ended, so they may call back.

use std::cell::RefCell;
use std::collections::HashMap;

use js_sys::{Array, Function, Object, Uint8Array};
use trellis_error::Result;
use trellis_lattice::{
    Bucket, Buckets, Bus, Change, Entry, Headers, Initial, Limits, MAX_PAYLOAD, Message, Operation, SubscriptionId,
    WatchId,
};
use wasm_bindgen::prelude::*;

use trellis_boundary::error;

/// A bus in memory with NATS semantics, and its key-value buckets. The type is `CoreMemoryBus` of `npm/src/core.ts`.
#[wasm_bindgen]
pub struct MemoryBus(RefCell<State>);

struct State {
    bus: Bus,
    buckets: Buckets,
    subscribers: HashMap<u64, Function>,
    watchers: HashMap<u32, Watcher>,
    last_watch: u32,
}

struct Watcher {
    bucket: String,
    id: WatchId,
    deliver: Function,
}

#[wasm_bindgen]
impl MemoryBus {
    /// An empty bus.
    #[wasm_bindgen(constructor)]
    pub fn new() -> MemoryBus {
        let mut seed = [0; 8];
        // Without randomness the members of queue groups are chosen in a fixed order, which serves as well.
        let _ = trellis_boundary::random_values(&mut seed);
        MemoryBus(RefCell::new(State {
            bus: Bus::new(MAX_PAYLOAD, u64::from_le_bytes(seed)),
            buckets: Buckets::default(),
            subscribers: HashMap::new(),
            watchers: HashMap::new(),
            last_watch: 0,
        }))
    }

    /// Subscribes; `deliver(subject, reply, headers, payload)` gets each message.
    pub fn subscribe(&self, pattern: &str, queue: Option<String>, deliver: Function) -> Result<f64, JsValue> {
        let mut state = self.0.borrow_mut();
        let SubscriptionId(id) = state.bus.subscribe(pattern, queue.as_deref()).map_err(error::to_js)?;
        state.subscribers.insert(id, deliver);
        Ok(id as f64)
    }

    /// Ends a subscription.
    pub fn unsubscribe(&self, subscription: f64) {
        let mut state = self.0.borrow_mut();
        state.bus.unsubscribe(SubscriptionId(subscription as u64));
        state.subscribers.remove(&(subscription as u64));
    }

    /// Publishes a message; headers are pairs of name and value.
    pub fn publish(
        &self,
        subject: String,
        reply: Option<String>,
        headers: Array,
        payload: &[u8],
    ) -> Result<(), JsValue> {
        let headers = read_headers(&headers).map_err(error::to_js)?;
        let message = Message { subject, reply, headers, payload: payload.into() };
        let (message, to) = {
            let mut state = self.0.borrow_mut();
            let delivery = state.bus.publish(message).map_err(error::to_js)?;
            let ids = delivery.to.iter().map(|id| id.0);
            (delivery.message, ids.filter_map(|id| state.subscribers.get(&id).cloned()).collect::<Vec<_>>())
        };
        to.iter().try_for_each(|deliver| deliver_message(deliver, &message))
    }

    /// Creates a bucket unless it exists.
    #[wasm_bindgen(js_name = kvOpen)]
    pub fn kv_open(&self, bucket: &str) -> Result<(), JsValue> {
        self.0.borrow_mut().buckets.create(bucket, Limits::default()).map(drop).map_err(error::to_js)
    }

    /// `{ value, revision }` of a key that has a value.
    #[wasm_bindgen(js_name = kvGet)]
    pub fn kv_get(&self, bucket: &str, key: &str) -> Result<JsValue, JsValue> {
        let mut state = self.0.borrow_mut();
        let entry = state.buckets.open(bucket).and_then(|bucket| bucket.get(key)).map_err(error::to_js)?;
        Ok(entry.map_or(JsValue::UNDEFINED, |entry| {
            let object = Object::new();
            trellis_boundary::set(&object, "value", Uint8Array::from(&entry.value[..]).into());
            trellis_boundary::set(&object, "revision", (entry.revision as f64).into());
            object.into()
        }))
    }

    /// Sets a key; returns its revision.
    #[wasm_bindgen(js_name = kvPut)]
    pub fn kv_put(&self, bucket: &str, key: &str, value: &[u8]) -> Result<f64, JsValue> {
        self.change(bucket, |bucket| bucket.put(key, value))
    }

    /// Sets a key that has no value.
    #[wasm_bindgen(js_name = kvCreate)]
    pub fn kv_create(&self, bucket: &str, key: &str, value: &[u8]) -> Result<f64, JsValue> {
        self.change(bucket, |bucket| bucket.create(key, value))
    }

    /// Sets a key whose last revision is `revision`.
    #[wasm_bindgen(js_name = kvUpdate)]
    pub fn kv_update(&self, bucket: &str, key: &str, value: &[u8], revision: f64) -> Result<f64, JsValue> {
        self.change(bucket, |bucket| bucket.update(key, value, revision as u64))
    }

    /// Deletes a key.
    #[wasm_bindgen(js_name = kvDelete)]
    pub fn kv_delete(&self, bucket: &str, key: &str) -> Result<(), JsValue> {
        self.change(bucket, |bucket| bucket.delete(key)).map(drop)
    }

    /// Deletes a key with its history.
    #[wasm_bindgen(js_name = kvPurge)]
    pub fn kv_purge(&self, bucket: &str, key: &str) -> Result<(), JsValue> {
        self.change(bucket, |bucket| bucket.purge(key)).map(drop)
    }

    /// The keys that have a value and match `pattern`.
    #[wasm_bindgen(js_name = kvKeys)]
    pub fn kv_keys(&self, bucket: &str, pattern: &str) -> Result<Vec<String>, JsValue> {
        let mut state = self.0.borrow_mut();
        let keys = state.buckets.open(bucket).and_then(|bucket| bucket.keys(pattern)).map_err(error::to_js)?;
        Ok(keys.iter().map(|key| key.to_string()).collect())
    }

    /// Watches keys: `deliver(key, operation, value, revision)` gets the entries there are, unless `updates_only`, and
    /// every change.
    #[wasm_bindgen(js_name = kvWatch)]
    pub fn kv_watch(&self, bucket: &str, pattern: &str, updates_only: bool, deliver: Function) -> Result<u32, JsValue> {
        let initial = if updates_only { Initial::Nothing } else { Initial::Entries };
        let (number, entries) = {
            let mut state = self.0.borrow_mut();
            let opened = state.buckets.open(bucket).and_then(|bucket| bucket.watch(pattern, initial));
            let (id, entries) = opened.map_err(error::to_js)?;
            state.last_watch += 1;
            let number = state.last_watch;
            state.watchers.insert(number, Watcher { bucket: bucket.to_owned(), id, deliver: deliver.clone() });
            (number, entries)
        };
        entries.iter().try_for_each(|entry| deliver_entry(&deliver, entry))?;
        Ok(number)
    }

    /// Ends a watch.
    #[wasm_bindgen(js_name = kvUnwatch)]
    pub fn kv_unwatch(&self, watch: u32) {
        let mut state = self.0.borrow_mut();
        if let Some(watcher) = state.watchers.remove(&watch)
            && let Ok(bucket) = state.buckets.open(&watcher.bucket)
        {
            bucket.unwatch(watcher.id);
        }
    }
}

impl Default for MemoryBus {
    fn default() -> Self {
        MemoryBus::new()
    }
}

impl MemoryBus {
    fn change(&self, name: &str, change: impl FnOnce(&mut Bucket) -> Result<Change>) -> Result<f64, JsValue> {
        let (entry, to) = {
            let mut state = self.0.borrow_mut();
            let Change { entry, watches } = state.buckets.open(name).and_then(change).map_err(error::to_js)?;
            let watching = |watcher: &&Watcher| watcher.bucket == name && watches.contains(&watcher.id);
            (entry, state.watchers.values().filter(watching).map(|watcher| watcher.deliver.clone()).collect::<Vec<_>>())
        };
        to.iter().try_for_each(|deliver| deliver_entry(deliver, &entry))?;
        Ok(entry.revision as f64)
    }
}

fn deliver_message(deliver: &Function, message: &Message) -> Result<(), JsValue> {
    let reply = message.reply.as_deref().map_or(JsValue::UNDEFINED, JsValue::from_str);
    let payload = Uint8Array::from(&message.payload[..]);
    let args = [message.subject.as_str().into(), reply, write_headers(&message.headers).into(), payload.into()];
    deliver.apply(&JsValue::UNDEFINED, &args.iter().collect()).map(drop)
}

fn deliver_entry(deliver: &Function, entry: &Entry) -> Result<(), JsValue> {
    let operation = match entry.operation {
        Operation::Put => "put",
        Operation::Delete => "delete",
        Operation::Purge => "purge",
    };
    let value = Uint8Array::from(&entry.value[..]);
    let args = [(*entry.key).into(), operation.into(), value.into(), JsValue::from(entry.revision as f64)];
    deliver.apply(&JsValue::UNDEFINED, &args.iter().collect()).map(drop)
}

fn read_headers(pairs: &Array) -> Result<Headers> {
    let mut headers = Headers::default();
    for pair in pairs.iter() {
        let pair: Array = pair.unchecked_into();
        let text = |index| pair.get(index).as_string().unwrap_or_default();
        headers.append(&text(0), &text(1))?;
    }
    Ok(headers)
}

fn write_headers(headers: &Headers) -> Array {
    let status = headers.status().map(|status| ("Status", status.to_string()));
    let fields = headers.iter().map(|(name, value)| (name, value.to_owned()));
    status
        .into_iter()
        .chain(fields)
        .map(|(name, value)| JsValue::from(Array::of2(&name.into(), &value.into())))
        .collect()
}
