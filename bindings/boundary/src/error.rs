//! Errors across the boundary: `{ code, message }`, thrown or passed.

use js_sys::{Array, Object, Reflect};
use trellis_error::{Detail, Error, Kind};
use wasm_bindgen::JsValue;

use crate::set;

/// The error as the plain object that callbacks and worker messages carry.
pub fn to_wire(error: &Error) -> JsValue {
    let object = Object::new();
    set(&object, "message", error.message().into());
    describe(&object, error);
    object.into()
}

/// The error as a JavaScript `Error` with a `code`, to be thrown.
pub fn to_js(error: Error) -> JsValue {
    let js = js_sys::Error::new(error.message());
    describe(&js, &error);
    js.into()
}

fn describe(object: &Object, error: &Error) {
    set(object, "code", error.code().into());
    match error.detail() {
        Some(Detail::ExitCode(code)) => set(object, "exitCode", (*code).into()),
        Some(Detail::Missing(imports)) => {
            let imports: Array = imports.iter().map(|name| JsValue::from_str(name)).collect();
            set(object, "missing", imports.into());
        }
        Some(Detail::Limit(name)) => set(object, "limit", (*name).into()),
        None => {}
    }
}

/// The error that JavaScript passed or threw. What has no known code is a failure of the provider, told by its text.
pub fn from_js(value: &JsValue) -> Error {
    let field = |name: &str| Reflect::get(value, &name.into()).ok().and_then(|v| v.as_string());
    let kind = match field("code").and_then(|code| Kind::from_code(&code)) {
        // It was another core's. A panic told by this core is its own, and the end of it.
        Some(Kind::Panic) => Kind::WorkerLost,
        kind => kind.unwrap_or(Kind::Guest),
    };
    let message = field("message").or_else(|| value.as_string()).unwrap_or_else(|| "it failed without a word".into());
    Error::new(kind, message)
}
