//! The callbacks: `MemberOutside` and `CallsOutside` of `npm/src/lattice/core.ts`. None of them throws.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// What a member calls.
    pub type MemberOutside;

    #[wasm_bindgen(method)]
    pub fn subscribe(this: &MemberOutside, channel: &str, subject: &str, queue: Option<String>);
    #[wasm_bindgen(method)]
    pub fn unsubscribe(this: &MemberOutside, channel: &str);
    #[wasm_bindgen(method)]
    pub fn publish(this: &MemberOutside, subject: &str, reply: Option<String>, payload: Uint8Array);
    #[wasm_bindgen(method)]
    pub fn watch(this: &MemberOutside, watch: f64, bucket: &str);
    #[wasm_bindgen(method)]
    pub fn unwatch(this: &MemberOutside, bucket: &str);
    #[wasm_bindgen(method)]
    pub fn ask(
        this: &MemberOutside,
        request: f64,
        bucket: &str,
        operation: &str,
        key: &str,
        value: Option<Uint8Array>,
        revision: Option<f64>,
    );
    /// `kind` is `start`, `scale`, `update` or `stop`.
    #[wasm_bindgen(method)]
    pub fn component(this: &MemberOutside, task: f64, kind: &str, json: &str);
    /// `kind` is `start` or `stop`.
    #[wasm_bindgen(method)]
    pub fn provider(this: &MemberOutside, task: f64, kind: &str, json: &str);
    #[wasm_bindgen(method)]
    pub fn abort(this: &MemberOutside, task: f64);
    /// What a component or provider has from the lattice has changed: `kind` is `component-links`, `component-config`,
    /// `provider-links` or `provider-config`.
    #[wasm_bindgen(method)]
    pub fn changed(this: &MemberOutside, kind: &str, id: &str, json: &str);
    #[wasm_bindgen(method)]
    pub fn registries(this: &MemberOutside, json: &str);
    #[wasm_bindgen(method)]
    pub fn answer(this: &MemberOutside, request: f64, error: JsValue, json: Option<String>);
    #[wasm_bindgen(method)]
    pub fn warn(this: &MemberOutside, text: &str);
    #[wasm_bindgen(method)]
    pub fn stopped(this: &MemberOutside);

    /// What calls over NATS call.
    pub type CallsOutside;

    #[wasm_bindgen(method, js_name = publish)]
    pub fn send(this: &CallsOutside, subject: &str, reply: Option<String>, headers: Array, payload: Uint8Array);
    #[wasm_bindgen(method)]
    pub fn values(this: &CallsOutside, call: u32, bytes: Uint8Array, channels: Array);
    #[wasm_bindgen(method)]
    pub fn open(this: &CallsOutside, call: u32);
    #[wasm_bindgen(method)]
    pub fn data(this: &CallsOutside, call: u32, path: &str, bytes: Uint8Array);
    #[wasm_bindgen(method)]
    pub fn end(this: &CallsOutside, call: u32, path: &str, error: JsValue);
    #[wasm_bindgen(method)]
    pub fn failed(this: &CallsOutside, call: u32, error: JsValue);
    #[wasm_bindgen(method)]
    pub fn finished(this: &CallsOutside, call: u32);
}
