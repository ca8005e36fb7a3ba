//! The events that a host publishes, as CloudEvents.
//!
//! Facts: the lattice protocol 1.x, sections 4.1 (envelope) and 4.2 (catalogue).

use serde_json::{Value, json};

use crate::links::{Link, LinkKey};

/// An event without its envelope.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Event {
    /// The last token of its subject and type.
    pub name: &'static str,
    /// What it tells.
    pub data: Value,
}

impl Event {
    /// An event of that name.
    pub fn new(name: &'static str, data: Value) -> Self {
        Event { name, data }
    }

    /// `linkdef_set`
    pub fn link_set(link: &Link) -> Self {
        Event::new("linkdef_set", json!(link))
    }

    /// `linkdef_set_failed`: the link, and why.
    pub fn link_set_failed(link: &Link, error: &str) -> Self {
        let mut data = json!(link);
        data["error"] = json!(error);
        Event::new("linkdef_set_failed", data)
    }

    /// `linkdef_deleted`; target and interfaces only where there was a link.
    pub fn link_deleted(key: &LinkKey, link: Option<&Link>) -> Self {
        let mut data = json!({
            "name": key.name,
            "source_id": key.source_id,
            "wit_namespace": key.wit_namespace,
            "wit_package": key.wit_package,
        });
        if let Some(link) = link {
            data["target"] = json!(link.target);
            data["interfaces"] = json!(link.interfaces);
        }
        Event::new("linkdef_deleted", data)
    }

    /// `config_set` or `config_deleted`
    pub fn config(name: &'static str, config: &str) -> Self {
        Event::new(name, json!({ "config_name": config }))
    }

    /// The subject on which it is published.
    pub fn subject(&self, lattice: &str) -> String {
        format!("wasmbus.evt.{lattice}.{}", self.name)
    }

    /// The CloudEvent: `id` is unique text, `time` RFC 3339, `source` the id of the host.
    pub fn envelope(self, id: &str, time: &str, source: &str) -> Value {
        json!({
            "specversion": "1.0",
            "id": id,
            "type": format!("com.wasmcloud.lattice.{}", self.name),
            "source": source,
            "datacontenttype": "application/json",
            "time": time,
            "data": self.data,
        })
    }
}
