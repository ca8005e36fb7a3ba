//! The settings a component is loaded with, as JavaScript gives them.

use std::cell::RefCell;

use serde::Deserialize;
use trellis_error::{Error, Kind, Result};
use trellis_wasi::{FILESYSTEM_CAPACITY, Settings};
use wasm_bindgen::JsValue;

/// `ComponentSettings` of docs/architecture.md.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ComponentSettings {
    name: String,
    args: Vec<String>,
    env: Vec<(String, String)>,
    config: Vec<(String, String)>,
    filesystem: bool,
    /// Whether instances serve more than one call.
    pub reuse: bool,
    /// How many instances may be at work.
    pub max_instances: u32,
}

impl Default for ComponentSettings {
    fn default() -> Self {
        let (args, env, config) = Default::default();
        ComponentSettings { name: String::new(), args, env, config, filesystem: false, reuse: false, max_instances: 32 }
    }
}

impl ComponentSettings {
    /// Reads the settings object.
    pub fn read(value: &JsValue) -> Result<Self> {
        serde_wasm_bindgen::from_value(value.clone())
            .map_err(|e| Error::new(Kind::InvalidArgument, format!("the component's settings cannot be read: {e}")))
    }

    /// The part that the guests see.
    pub fn into_wasi(self) -> Settings {
        Settings {
            args: if self.args.is_empty() { vec![self.name] } else { self.args },
            env: self.env,
            config: RefCell::new(self.config),
            filesystem: self.filesystem.then_some(FILESYSTEM_CAPACITY),
        }
    }
}
