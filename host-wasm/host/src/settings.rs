//! The settings a component is loaded with, as JavaScript gives them.

use std::cell::RefCell;

use serde::Deserialize;
use trellis_error::{Error, Kind, Result};
use trellis_runtime::Limits;
use trellis_wasi::{FILESYSTEM_CAPACITY, LogRate, Settings};
use wasm_bindgen::JsValue;

/// `ComponentSettings` of docs/architecture.md.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ComponentSettings {
    name: String,
    args: Vec<String>,
    env: Vec<(String, String)>,
    config: Vec<(String, String)>,
    filesystem: bool,
    /// Whether instances serve more than one call.
    pub reuse: bool,
    max_memory: Option<f64>,
    max_tables: Option<f64>,
    fuel: Option<f64>,
    max_message_bytes: Option<f64>,
    max_log_rate: Option<f64>,
}

impl ComponentSettings {
    /// Reads the settings object.
    pub fn read(value: &JsValue) -> Result<Self> {
        serde_wasm_bindgen::from_value(value.clone())
            .map_err(|e| Error::new(Kind::InvalidArgument, format!("the component's settings cannot be read: {e}")))
    }

    /// What its guests may use. What was left out or is `null` is not limited.
    pub fn limits(&self) -> Limits {
        let whole = |value: Option<f64>| value.map(|value| value as u64);
        Limits {
            memory: whole(self.max_memory),
            table_elements: whole(self.max_tables),
            fuel: whole(self.fuel),
            message: whole(self.max_message_bytes),
        }
    }

    /// How fast they may log and print.
    pub fn log_rate(&self) -> LogRate {
        LogRate::new(self.max_log_rate)
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
