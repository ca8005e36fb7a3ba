//! What a policy service is asked.

use std::collections::BTreeMap;

use serde::Serialize;
use trellis_error::{Error, Result};

/// What a host wants to do.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(untagged)]
pub enum Question<'a> {
    /// Start a component, or scale it.
    StartComponent(&'a Component<'a>),
    /// Start a provider.
    StartProvider(&'a Provider<'a>),
    /// Call a function of a component.
    #[serde(rename_all = "camelCase")]
    PerformInvocation {
        /// The name of the instance, with its version.
        interface: &'a str,
        /// The function.
        function: &'a str,
        /// The component; its `max_instances` is 0.
        target: &'a Component<'a>,
    },
}

/// A component that is to be started or called.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Component<'a> {
    /// Its id.
    pub component_id: &'a str,
    /// The reference of its artifact.
    pub image_ref: &'a str,
    /// How many instances there may be at once.
    pub max_instances: u32,
    /// Its annotations.
    pub annotations: &'a BTreeMap<String, String>,
    /// Its claims, if it is signed.
    pub claims: Option<IssuedClaims>,
}

/// A provider that is to be started.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Provider<'a> {
    /// Its id.
    pub provider_id: &'a str,
    /// The reference of its artifact, without the scheme `file://`.
    pub image_ref: &'a str,
    /// Its annotations.
    pub annotations: &'a BTreeMap<String, String>,
    /// Its claims, if it is signed.
    pub claims: Option<IssuedClaims>,
}

/// Claims as a policy service sees them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IssuedClaims {
    public_key: String,
    issuer: String,
    issued_at: String,
    expires_at: Option<u64>,
    expired: bool,
}

impl IssuedClaims {
    /// The claims of a public key, as they are at `now`. Times are in seconds since 1970.
    pub fn new(public_key: String, issuer: String, issued_at: u64, expires_at: Option<u64>, now: u64) -> Self {
        let expired = expires_at.is_some_and(|time| time <= now);
        IssuedClaims { public_key, issuer, issued_at: issued_at.to_string(), expires_at, expired }
    }
}

/// The host that asks.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Host<'a> {
    /// Its id.
    pub public_key: &'a str,
    /// The lattice.
    pub lattice: &'a str,
    /// Its labels.
    pub labels: &'a BTreeMap<String, String>,
}

/// What a decision depends on: neither the number of instances nor annotations.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    kind: &'static str,
    names: [String; 4],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    request_id: &'a str,
    kind: &'static str,
    version: &'static str,
    request: Question<'a>,
    host: &'a Host<'a>,
}

impl Question<'_> {
    /// The payload of the request with this id.
    pub(super) fn to_json(self, request_id: &str, host: &Host<'_>) -> Result<Vec<u8>> {
        let envelope = Envelope { request_id, kind: self.kind(), version: "v1", request: self, host };
        serde_json::to_vec(&envelope)
            .map_err(|error| Error::decode(format!("a policy request cannot be written: {error}")))
    }

    pub(super) fn key(&self) -> Key {
        let names = match self {
            Question::StartComponent(component) => [component.component_id, component.image_ref, "", ""],
            Question::StartProvider(provider) => [provider.provider_id, provider.image_ref, "", ""],
            Question::PerformInvocation { interface, function, target } => {
                [target.component_id, target.image_ref, interface, function]
            }
        };
        Key { kind: self.kind(), names: names.map(str::to_owned) }
    }

    fn kind(&self) -> &'static str {
        match self {
            Question::StartComponent(_) => "startComponent",
            Question::StartProvider(_) => "startProvider",
            Question::PerformInvocation { .. } => "performInvocation",
        }
    }
}
