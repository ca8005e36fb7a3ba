//! A panic of the core says where it happened before the module dies.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(start)]
fn install() {
    trellis_boundary::tell_panics("trellis core");
}
