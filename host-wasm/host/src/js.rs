//! The JavaScript side of the engine: the callbacks of `EngineOutside` and the plain objects that cross.

use js_sys::{Array, Object, Reflect, Uint8Array};
use trellis_wrpc::invocation::Path;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// What the engine calls: `EngineOutside` of `npm/src/core.ts`.
    pub type EngineOutside;

    #[wasm_bindgen(method)]
    pub fn settled(this: &EngineOutside, call: u32, results: Uint8Array, channels: Array);
    #[wasm_bindgen(method)]
    pub fn failed(this: &EngineOutside, call: u32, error: JsValue);
    #[wasm_bindgen(method)]
    pub fn finished(this: &EngineOutside, call: u32);
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
    #[wasm_bindgen(method, js_name = wakeAt)]
    pub fn wake_at(this: &EngineOutside, milliseconds: f64);
    #[wasm_bindgen(method)]
    pub fn block(this: &EngineOutside, milliseconds: f64);

    /// `ChannelRef` of `npm/src/core.ts`.
    type JsChannelRef;
    #[wasm_bindgen(method, getter)]
    fn path(this: &JsChannelRef) -> JsValue;
    #[wasm_bindgen(method, setter)]
    fn set_path(this: &JsChannelRef, path: Array);
    #[wasm_bindgen(method, getter)]
    fn id(this: &JsChannelRef) -> JsValue;
    #[wasm_bindgen(method, setter)]
    fn set_id(this: &JsChannelRef, id: u32);
    #[wasm_bindgen(method, getter)]
    fn ready(this: &JsChannelRef) -> JsValue;
    #[wasm_bindgen(method, setter)]
    fn set_ready(this: &JsChannelRef, ready: Uint8Array);

    #[wasm_bindgen(js_name = queueMicrotask)]
    pub fn queue_microtask(callback: &JsValue);

    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    pub fn performance_now() -> f64;
    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues, catch)]
    pub fn random_values(bytes: &mut [u8]) -> Result<(), JsValue>;
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
    refs.iter().map(channel_ref).collect()
}

fn channel_ref(channel: &ChannelRef) -> JsValue {
    let object: JsChannelRef = Object::new().unchecked_into();
    object.set_path(channel.path.iter().map(|index| JsValue::from(*index)).collect());
    object.set_id(channel.id);
    if let Some(ready) = &channel.ready {
        object.set_ready(Uint8Array::from(&ready[..]));
    }
    object.into()
}

/// Reads a list of `{ path, id, ready? }`; anything else in it is passed over.
pub fn read_channel_refs(refs: &Array) -> Vec<ChannelRef> {
    refs.iter().filter_map(|item| read_channel_ref(&item)).collect()
}

fn read_channel_ref(item: &JsValue) -> Option<ChannelRef> {
    if !item.is_object() {
        return None;
    }
    let item: &JsChannelRef = item.unchecked_ref();
    let path: Array = item.path().dyn_into().ok()?;
    let ready = item.ready().dyn_into::<Uint8Array>().ok().map(|bytes| bytes.to_vec());
    let path = path.iter().filter_map(|index| index.as_f64().map(|n| n as u32)).collect();
    Some(ChannelRef { path, id: item.id().as_f64()? as u32, ready })
}

/// Sets a property of an object of ours, which cannot fail.
pub fn set(object: &Object, key: &str, value: JsValue) {
    let _ = Reflect::set(object, &key.into(), &value);
}
