//! A panic of a module says where it happened before the module dies.
//!
//! JavaScript sees the `RuntimeError` of the abort and lets nothing in any more (`npm/src/engine/guard.ts`); the text goes
//! to the console, since after a panic nothing of the module may be called.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console, js_name = error)]
    fn console_error(message: &str);
}

/// Has the console told of panics of this module, under its name.
pub fn tell_panics(module: &'static str) {
    std::panic::set_hook(Box::new(move |info| console_error(&format!("{module}: {info}"))));
}
