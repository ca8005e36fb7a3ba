//! The front end: what is in a component, and its plan.

use js_sys::{Array, Object, Uint8Array};
use serde::Serialize;
use trellis_error::{Error, Kind};
use wasm_bindgen::prelude::*;

use trellis_boundary::error;

/// What a component imports and exports, with full types; its WIT text, producers and claims.
#[wasm_bindgen(unchecked_return_type = "unknown")]
pub fn inspect(bytes: &[u8]) -> Result<JsValue, JsValue> {
    let inspection = trellis_front::inspect(bytes).map_err(error::to_js)?;
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    inspection.serialize(&serializer).map_err(|e| error::to_js(Error::new(Kind::Panic, e.to_string())))
}

/// The plan of a component and the core modules that are to be compiled for it. With `fuel` they count steps.
#[wasm_bindgen(unchecked_return_type = "{ plan: Uint8Array; modules: Uint8Array[] }")]
pub fn compile(bytes: &[u8], fuel: bool) -> Result<JsValue, JsValue> {
    let compiled = trellis_front::compile(bytes, fuel).map_err(error::to_js)?;
    let plan = compiled.plan.encode().map_err(error::to_js)?;
    let modules: Array = compiled.modules.iter().map(|module| JsValue::from(Uint8Array::from(&module[..]))).collect();
    let result = Object::new();
    trellis_boundary::set(&result, "plan", Uint8Array::from(&plan[..]).into());
    trellis_boundary::set(&result, "modules", modules.into());
    Ok(result.into())
}
