//! The events that a host publishes, as CloudEvents.
//!
//! Facts: the lattice protocol, sections 4.1 (envelope) and 4.2 (catalogue). Fields are declared in the order in which
//! the real host writes them, which is alphabetical within `data`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::links::Link;

/// Labels, annotations or limits.
pub type Labels = BTreeMap<String, String>;

/// The envelope.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Event {
    specversion: &'static str,
    id: String,
    #[serde(rename = "type")]
    kind: String,
    source: String,
    datacontenttype: &'static str,
    time: String,
    data: Data,
}

impl Event {
    /// An event of the host `source`. `id` is unique text, `time` RFC 3339 in UTC.
    pub fn new(id: String, time: String, source: String, data: Data) -> Event {
        let kind = format!("com.wasmcloud.lattice.{}", data.name());
        Event { specversion: "1.0", id, kind, source, datacontenttype: "application/json", time, data }
    }

    /// The subject on which it is published.
    pub fn subject(&self, lattice: &str) -> String {
        format!("wasmbus.evt.{lattice}.{}", self.data.name())
    }

    /// What it tells.
    pub fn data(&self) -> &Data {
        &self.data
    }
}

/// What an event tells.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Data {
    /// The host has started.
    HostStarted(HostStarted),
    /// The host stops.
    HostStopped(HostStopped),
    /// The host is alive; what it runs.
    HostHeartbeat(Inventory),
    /// A component was started, scaled or (to 0) stopped.
    ComponentScaled(ComponentScaled),
    /// A component could not be started or scaled.
    ComponentScaleFailed(ComponentScaleFailed),
    /// A link was put.
    LinkSet(Link),
    /// A link could not be put.
    LinkSetFailed(LinkSetFailed),
    /// A link was deleted.
    LinkDeleted(LinkDeleted),
    /// A configuration was put.
    ConfigSet(ConfigName),
    /// A configuration was deleted.
    ConfigDeleted(ConfigName),
    /// Labels of the host changed.
    LabelsChanged(LabelsChanged),
}

impl Data {
    /// The name of the event: the last token of its subject and type.
    pub fn name(&self) -> &'static str {
        match self {
            Data::HostStarted(_) => "host_started",
            Data::HostStopped(_) => "host_stopped",
            Data::HostHeartbeat(_) => "host_heartbeat",
            Data::ComponentScaled(_) => "component_scaled",
            Data::ComponentScaleFailed(_) => "component_scale_failed",
            Data::LinkSet(_) => "linkdef_set",
            Data::LinkSetFailed(_) => "linkdef_set_failed",
            Data::LinkDeleted(_) => "linkdef_deleted",
            Data::ConfigSet(_) => "config_set",
            Data::ConfigDeleted(_) => "config_deleted",
            Data::LabelsChanged(_) => "labels_changed",
        }
    }
}

/// `host_started`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HostStarted {
    /// The host's name for people.
    pub friendly_name: String,
    /// Its labels.
    pub labels: Labels,
    /// 0.
    pub uptime_seconds: u64,
    /// Its version: semver without a leading `v`, or orchestrators drop its heartbeats.
    pub version: String,
}

/// `host_stopped`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HostStopped {
    /// The host's labels.
    pub labels: Labels,
}

/// `host_heartbeat`, and the answer to `host.get`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Inventory {
    /// The components that run.
    pub components: Vec<InventoryComponent>,
    /// The host's name for people.
    pub friendly_name: String,
    /// Its id.
    pub host_id: String,
    /// Its labels.
    pub labels: Labels,
    /// The providers that run.
    pub providers: Vec<InventoryProvider>,
    /// How long it has run, for people: `1m 5s`.
    pub uptime_human: String,
    /// How long it has run.
    pub uptime_seconds: u64,
    /// Its version.
    pub version: String,
}

/// A component in an [`Inventory`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InventoryComponent {
    /// The annotations it was started with.
    pub annotations: Labels,
    /// Its id.
    pub id: String,
    /// The reference of its artifact.
    pub image_ref: String,
    /// Its own limits, where it was given some.
    pub limits: Option<Labels>,
    /// How many of its instances may be in use at once.
    pub max_instances: u32,
    /// The name in its claims.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The revision in its claims, or 0.
    pub revision: i32,
}

/// A provider in an [`Inventory`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InventoryProvider {
    /// The annotations it was started with.
    pub annotations: Labels,
    /// Its id.
    pub id: String,
    /// The reference of its artifact.
    pub image_ref: String,
    /// The name in its claims.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The revision in its claims, or 0.
    pub revision: i32,
}

/// `component_scaled`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComponentScaled {
    /// The annotations of the command, verbatim.
    pub annotations: Labels,
    /// The component's id.
    pub component_id: String,
    /// The host's id.
    pub host_id: String,
    /// The reference of its artifact.
    pub image_ref: String,
    /// How many of its instances may be in use at once now; 0: it was stopped.
    pub max_instances: u32,
}

/// `component_scale_failed`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComponentScaleFailed {
    /// The annotations of the command, verbatim.
    pub annotations: Labels,
    /// The component's id.
    pub component_id: String,
    /// Why, from the outermost cause to the innermost.
    pub error: String,
    /// The host's id.
    pub host_id: String,
    /// The reference of its artifact.
    pub image_ref: String,
    /// How many instances were asked for.
    pub max_instances: u32,
}

/// `linkdef_set_failed`: the link, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LinkSetFailed {
    /// Why.
    pub error: String,
    /// The link.
    #[serde(flatten)]
    pub link: Link,
}

/// `linkdef_deleted`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LinkDeleted {
    /// The interfaces of the link, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interfaces: Option<Vec<String>>,
    /// The link's name.
    pub name: String,
    /// Who imports.
    pub source_id: String,
    /// Who exports, where there was a link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The namespace of the interfaces.
    pub wit_namespace: String,
    /// The package of the interfaces.
    pub wit_package: String,
}

/// `config_set`, `config_deleted`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConfigName {
    /// The configuration's name.
    pub config_name: String,
}

/// `labels_changed`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LabelsChanged {
    /// The host's id.
    pub host_id: String,
    /// All its labels.
    pub labels: Labels,
}
