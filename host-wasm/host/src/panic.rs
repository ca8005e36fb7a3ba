//! A panic of the core says where it happened before the module dies.
//!
//! JavaScript sees the `RuntimeError` of the abort and marks the host dead (`npm/src/engine/guard.ts`); the text goes
//! to the console, since after a panic nothing of the core may be called.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console, js_name = error)]
    fn console_error(message: &str);
}

#[wasm_bindgen(start)]
fn install() {
    std::panic::set_hook(Box::new(|info| console_error(&format!("trellis core: {info}"))));
}
