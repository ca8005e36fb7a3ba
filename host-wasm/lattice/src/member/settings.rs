//! Who a host is, and how it behaves in its lattice.

use std::collections::BTreeMap;

use trellis_error::{Error, Kind, Result};

/// Labels, annotations: names with values.
pub type Labels = BTreeMap<String, String>;

/// So many bytes labels or annotations may have together: all of them are in every heartbeat.
const MAX_LABELS: usize = 16 * 1024;

/// Fails where labels or annotations would make heartbeats too large.
pub(crate) fn check_labels(what: &str, labels: &Labels) -> Result<()> {
    let bytes: usize = labels.iter().map(|(key, value)| key.len() + value.len()).sum();
    match bytes {
        0..=MAX_LABELS => Ok(()),
        _ => Err(Error::new(Kind::Limit, format!("the {what} have {bytes} bytes; {MAX_LABELS} are allowed"))),
    }
}

/// What a member is made from. Times are milliseconds.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The lattice: one token.
    pub lattice: String,
    /// The host's id: the public text of a server key, `N…`.
    pub host_id: String,
    /// The host's name for people.
    pub friendly_name: String,
    /// Its version: semver without a leading `v`, or orchestrators drop its heartbeats.
    pub version: String,
    /// Its labels, with `hostcore.arch`, `hostcore.os` and `hostcore.osfamily`.
    pub labels: Labels,
    /// What control subjects begin with, before `.v1.{lattice}`.
    pub control_prefix: String,
    /// The URL of the server that the control interface goes by, as `host.ping` tells it.
    pub ctl_host: String,
    /// The URL of the server that invocations go by.
    pub rpc_host: String,
    /// The JetStream domain, where there is one.
    pub js_domain: Option<String>,
    /// From where components can be loaded: `file`, `http`, `https`, `oci`. A reference without a scheme is `oci`.
    pub component_schemes: Vec<String>,
    /// The references of providers that this host can start: `wasmcloud+builtin://http-client`.
    pub provider_refs: Vec<String>,
    /// Whether it takes part in auctions of components.
    pub component_auctions: bool,
    /// Whether it takes part in auctions of providers.
    pub provider_auctions: bool,
    /// Between heartbeats.
    pub heartbeat_interval: u64,
    /// So long a request may take that needs the lattice's buckets. Clients wait 2 seconds for an answer.
    pub store_timeout: u64,
    /// So long a change of a component may take, from the command to the event.
    pub task_timeout: u64,
    /// So long a stop may take, where it does not say.
    pub stop_timeout: u64,
}

impl Settings {
    /// The settings of a host with this id, all else by default.
    pub fn new(lattice: &str, host_id: &str) -> Self {
        Settings {
            lattice: lattice.to_owned(),
            host_id: host_id.to_owned(),
            friendly_name: host_id.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            labels: Labels::new(),
            control_prefix: "wasmbus.ctl".to_owned(),
            ctl_host: String::new(),
            rpc_host: String::new(),
            js_domain: None,
            component_schemes: ["http", "https", "oci"].map(str::to_owned).to_vec(),
            provider_refs: Vec::new(),
            component_auctions: true,
            provider_auctions: true,
            heartbeat_interval: 30_000,
            store_timeout: 1_500,
            task_timeout: 60_000,
            stop_timeout: 10_000,
        }
    }

    /// Whether a component of this reference can be loaded here.
    pub(crate) fn loads(&self, image_ref: &str) -> bool {
        let scheme = image_ref.split_once("://").map_or("oci", |(scheme, _)| scheme);
        self.component_schemes.iter().any(|other| other == scheme)
    }

    /// What every control subject begins with, final dot included.
    pub(crate) fn control(&self) -> String {
        format!("{}.v1.{}.", self.control_prefix, self.lattice)
    }
}
