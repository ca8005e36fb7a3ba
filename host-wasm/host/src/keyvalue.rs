//! The in-memory keyvalue provider, for JavaScript and for the engine of the same core.

use std::cell::RefCell;
use std::rc::Rc;

use trellis_error::Result;
use trellis_lattice::MemoryKeyValue as Store;
use wasm_bindgen::prelude::*;

use trellis_boundary::error;

/// All keys and values of one provider together hold at most this much.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// Serves `wrpc:keyvalue/{store,atomics,batch}@0.2.0-draft` from memory.
#[wasm_bindgen]
#[derive(Clone)]
pub struct MemoryKeyValue(Rc<RefCell<Store>>);

#[wasm_bindgen]
impl MemoryKeyValue {
    /// An empty store.
    #[wasm_bindgen(constructor)]
    pub fn new() -> MemoryKeyValue {
        MemoryKeyValue(Rc::new(RefCell::new(Store::new(MAX_BYTES))))
    }

    /// Answers a call: parameters and results in wRPC value encoding. Throws `{ code, message }`.
    pub fn call(&self, instance: &str, function: &str, params: &[u8]) -> Result<Vec<u8>, JsValue> {
        self.answer(instance, function, params).map_err(error::to_js)
    }
}

impl Default for MemoryKeyValue {
    fn default() -> Self {
        MemoryKeyValue::new()
    }
}

impl MemoryKeyValue {
    /// The same, for the engine.
    pub fn answer(&self, instance: &str, function: &str, params: &[u8]) -> Result<Vec<u8>> {
        let mut results = Vec::new();
        self.0.borrow_mut().call(instance, function, params, &mut results)?;
        Ok(results)
    }
}
