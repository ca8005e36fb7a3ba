//! Clocks, randomness, and plain objects.

use js_sys::{Object, Reflect};
use wasm_bindgen::prelude::*;

pub use js_sys::Array;

#[wasm_bindgen]
extern "C" {
    /// Milliseconds on a clock that never goes back.
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    pub fn performance_now() -> f64;
    /// Milliseconds since 1970, UTC.
    #[wasm_bindgen(js_namespace = Date, js_name = now)]
    pub fn wall_now() -> f64;
    /// Fills bytes at random.
    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues, catch)]
    pub fn random_values(bytes: &mut [u8]) -> Result<(), JsValue>;
}

/// Sets a property of an object of ours, which cannot fail.
pub fn set(object: &Object, key: &str, value: JsValue) {
    let _ = Reflect::set(object, &key.into(), &value);
}
