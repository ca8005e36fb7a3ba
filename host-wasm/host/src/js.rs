//! The JavaScript side of the engine: the callbacks of `EngineOutside` and the plain objects that cross.

use js_sys::{Array, Uint8Array};
use trellis_wrpc::invocation::Path;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// What the engine calls: `EngineOutside` of `npm/src/core.ts`.
    pub type EngineOutside;

    #[wasm_bindgen(method)]
    pub fn began(this: &EngineOutside, call: u32);
    #[wasm_bindgen(method)]
    pub fn settled(this: &EngineOutside, call: u32, results: Uint8Array, channels: Array);
    #[wasm_bindgen(method)]
    pub fn failed(this: &EngineOutside, call: u32, error: JsValue);
    #[wasm_bindgen(method)]
    pub fn finished(this: &EngineOutside, call: u32);
    #[wasm_bindgen(method)]
    pub fn returned(this: &EngineOutside, call: u32);
    #[wasm_bindgen(method)]
    pub fn struck(this: &EngineOutside, component: u32, limit: &str, detail: &str);
    #[wasm_bindgen(method)]
    pub fn stats(this: &EngineOutside, live: u32, idle: u32, created: u32, restored: u32, dropped: u32);
    #[wasm_bindgen(method, catch)]
    pub fn invoke(
        this: &EngineOutside,
        call: u32,
        component: u32,
        instance: &str,
        function: &str,
        params: Uint8Array,
        channels: Array,
        parent: u32,
    ) -> Result<Option<Uint8Array>, JsValue>;
    #[wasm_bindgen(method, js_name = mayWait)]
    pub fn may_wait(this: &EngineOutside, component: u32, instance: &str, function: &str) -> bool;
    #[wasm_bindgen(method)]
    pub fn push(this: &EngineOutside, channel: u32, chunk: Uint8Array);
    #[wasm_bindgen(method)]
    pub fn end(this: &EngineOutside, channel: u32, error: JsValue);
    #[wasm_bindgen(method)]
    pub fn credit(this: &EngineOutside, channel: u32, bytes: u32);
    #[wasm_bindgen(method)]
    pub fn cancel(this: &EngineOutside, channel: u32);
    #[wasm_bindgen(method)]
    pub fn log(this: &EngineOutside, component: u32, level: u32, context: &str, message: &str);
    #[wasm_bindgen(method)]
    pub fn stdio(this: &EngineOutside, component: u32, stream: u32, bytes: Uint8Array);
    #[wasm_bindgen(method)]
    pub fn soon(this: &EngineOutside);
    #[wasm_bindgen(method, js_name = wakeAt)]
    pub fn wake_at(this: &EngineOutside, milliseconds: f64);
    #[wasm_bindgen(method)]
    pub fn block(this: &EngineOutside, milliseconds: f64);

    /// `ChannelRef` of `npm/src/core.ts`.
    type JsChannelRef;
    #[wasm_bindgen(method, getter)]
    fn path(this: &JsChannelRef) -> Vec<u32>;
    #[wasm_bindgen(method, getter)]
    fn id(this: &JsChannelRef) -> u32;
    #[wasm_bindgen(method, getter)]
    fn ready(this: &JsChannelRef) -> Option<Vec<u8>>;
}

#[wasm_bindgen(module = "/src/channel.js")]
extern "C" {
    #[wasm_bindgen(js_name = channelRef)]
    fn channel_ref(path: &[u32], id: u32, ready: Option<&[u8]>) -> JsValue;
}

/// A channel as it is announced on the port: with its whole content, where that is there already.
pub struct ChannelRef {
    /// Where in the parameters or results it belongs.
    pub path: Path,
    /// Its number.
    pub id: u32,
    /// All its bytes; then nothing more is sent on it.
    pub ready: Option<Vec<u8>>,
}

/// A list of `{ path, id, ready? }`.
pub fn channel_refs(refs: &[ChannelRef]) -> Array {
    refs.iter().map(|channel| channel_ref(&channel.path, channel.id, channel.ready.as_deref())).collect()
}

/// Reads a list of `{ path, id, ready? }`. Throws where it is none.
pub fn read_channel_refs(refs: &Array) -> Vec<ChannelRef> {
    let read = |channel: JsChannelRef| ChannelRef { path: channel.path(), id: channel.id(), ready: channel.ready() };
    refs.iter().map(|channel| read(channel.unchecked_into())).collect()
}
