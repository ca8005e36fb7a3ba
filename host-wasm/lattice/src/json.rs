//! Reading JSON that others wrote.

use serde::de::DeserializeOwned;
use serde_json::Value;

/// Reads a document. It goes by way of a [`Value`], so that the parser is there once and not once for each type.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let value: Value = serde_json::from_slice(bytes).ok()?;
    serde_json::from_value(value).ok()
}
