//! References to secrets: entries of the configuration whose name begins with `SECRET`.

use std::collections::BTreeMap;

use trellis_error::{Error, Result};

const PREFIX: &str = "SECRET";
const TYPE: &str = "secret.wasmcloud.dev/v1alpha1";

/// Where a secret is, and under which name its consumer sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The name under which the consumer sees it.
    pub name: String,
    /// The backend that has it: one token of a subject.
    pub backend: String,
    /// Its key in the backend.
    pub key: String,
    /// The field of what is under that key.
    pub field: Option<String>,
    /// The version; the newest where there is none.
    pub version: Option<String>,
    /// A policy for the backend: JSON text, which is handed on unchanged.
    pub policy: String,
}

impl Reference {
    /// Whether a configuration of this name is a reference.
    pub fn is_name(config: &str) -> bool {
        config.starts_with(PREFIX)
    }

    /// Reads the reference that the configuration `config` is.
    pub fn parse(config: &str, entries: &BTreeMap<String, String>) -> Result<Self> {
        let optional = |key| entries.get(key).cloned();
        let required = |key| optional(key).ok_or_else(|| unusable(config, &format!("it has no `{key}`")));
        if required("type")? != TYPE {
            return Err(unusable(config, &format!("its type is not {TYPE}")));
        }
        let backend = required("backend")?;
        if backend.is_empty() || backend.contains(|c: char| ".*>".contains(c) || c.is_whitespace() || c.is_control()) {
            return Err(unusable(config, "its backend is no token of a subject"));
        }
        Ok(Reference {
            name: required("name")?,
            backend,
            key: required("key")?,
            field: optional("field"),
            version: optional("version"),
            policy: optional("policy").unwrap_or_default(),
        })
    }
}

fn unusable(config: &str, reason: &str) -> Error {
    Error::decode(format!("the secret reference {config} cannot be used: {reason}"))
}
