//! What a policy service is asked.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// What a host wants to do.
#[derive(Clone, Copy, Debug)]
pub enum Question<'a> {
    /// Start a component, or scale it.
    StartComponent(&'a Component<'a>),
    /// Start a provider.
    StartProvider(&'a Provider<'a>),
    /// Call a function of a component.
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
#[derive(Clone, Debug)]
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
#[derive(Clone, Debug)]
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
#[derive(Clone, Debug, PartialEq, Eq)]
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
#[derive(Clone, Debug)]
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

impl Question<'_> {
    /// The payload of the request with this id.
    pub(super) fn to_json(self, request_id: &str, host: &Host<'_>) -> Vec<u8> {
        let request = match self {
            Question::StartComponent(component) => component.to_json(),
            Question::StartProvider(provider) => json!({
                "providerId": provider.provider_id,
                "imageRef": provider.image_ref,
                "annotations": provider.annotations,
                "claims": claims_to_json(provider.claims.as_ref()),
            }),
            Question::PerformInvocation { interface, function, target } => {
                json!({ "interface": interface, "function": function, "target": target.to_json() })
            }
        };
        let envelope = json!({
            "requestId": request_id,
            "kind": self.kind(),
            "version": "v1",
            "request": request,
            "host": { "publicKey": host.public_key, "lattice": host.lattice, "labels": host.labels },
        });
        envelope.to_string().into_bytes()
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

impl Component<'_> {
    fn to_json(&self) -> Value {
        json!({
            "componentId": self.component_id,
            "imageRef": self.image_ref,
            "maxInstances": self.max_instances,
            "annotations": self.annotations,
            "claims": claims_to_json(self.claims.as_ref()),
        })
    }
}

fn claims_to_json(claims: Option<&IssuedClaims>) -> Value {
    claims.map_or(Value::Null, |claims| {
        json!({
            "publicKey": claims.public_key,
            "issuer": claims.issuer,
            "issuedAt": claims.issued_at,
            "expiresAt": claims.expires_at,
            "expired": claims.expired,
        })
    })
}
