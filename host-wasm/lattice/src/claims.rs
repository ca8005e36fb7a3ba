//! Claims: who signed an artifact, and what it is called.
//!
//! Whoever loads an artifact verifies its token; here claims are only told and kept. Facts: the lattice protocol 1.x,
//! sections 3.7 (claims.get), 4.2 (events) and 5.2 (`CLAIMS_{subject}` in LATTICEDATA).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use trellis_error::{Error, Result};

/// The verified claims of a component.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Claims {
    /// The component's key: `M…`.
    pub public_key: String,
    /// The key of the account that signed it: `A…`.
    pub issuer: String,
    /// What it is called.
    pub name: Option<String>,
    /// Its revision.
    pub revision: Option<i32>,
    /// Its version.
    pub version: Option<String>,
    /// Another name for callers.
    pub call_alias: Option<String>,
    /// Its tags.
    pub tags: Option<Vec<String>>,
    /// When it was signed, in seconds since 1970.
    pub issued_at: u64,
    /// From when on it holds, in seconds since 1970.
    pub not_before: Option<u64>,
    /// Until when it holds, in seconds since 1970.
    pub expires: Option<u64>,
}

impl Claims {
    /// The key under which they are stored.
    pub fn key(&self) -> String {
        format!("CLAIMS_{}", self.public_key)
    }

    /// As they are told in `component_scaled`.
    pub(crate) fn event(&self) -> Value {
        let human = |time: Option<u64>| time.map_or("never".to_owned(), |seconds| seconds.to_string());
        json!({
            "call_alias": self.call_alias,
            "expires_human": human(self.expires),
            "issuer": self.issuer,
            "name": self.name,
            "not_before_human": human(self.not_before),
            "revision": self.revision,
            "tags": self.tags,
            "version": self.version,
        })
    }

    pub(crate) fn record(&self) -> ClaimsRecord {
        ClaimsRecord {
            issuer: self.issuer.clone(),
            name: self.name.clone().unwrap_or_default(),
            revision: self.revision.unwrap_or_default().to_string(),
            subject: self.public_key.clone(),
            version: self.version.clone().unwrap_or_default(),
            kind: RecordKind::Component {
                call_alias: self.call_alias.clone().unwrap_or_default(),
                tags: self.tags.clone().unwrap_or_default(),
            },
        }
    }
}

/// What a lattice keeps of claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClaimsRecord {
    issuer: String,
    name: String,
    revision: String,
    pub subject: String,
    version: String,
    kind: RecordKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum RecordKind {
    Component { call_alias: String, tags: Vec<String> },
    Provider { config_schema: String },
}

impl ClaimsRecord {
    /// Whether it is a component's.
    pub fn is_component(&self) -> bool {
        matches!(self.kind, RecordKind::Component { .. })
    }

    /// Reads what any host has stored: a component's claims have an alias and tags, a provider's do not.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        #[derive(Deserialize)]
        struct Raw {
            #[serde(alias = "iss")]
            issuer: String,
            name: String,
            #[serde(alias = "rev")]
            revision: String,
            #[serde(alias = "sub")]
            subject: String,
            version: String,
            call_alias: Option<String>,
            tags: Option<Value>,
            config_schema: Option<String>,
        }
        let unreadable = || Error::decode("what another program wrote as claims cannot be read");
        let raw: Raw = crate::json::read(bytes).ok_or_else(unreadable)?;
        let kind = match (raw.call_alias, raw.tags) {
            (Some(call_alias), Some(tags)) => {
                RecordKind::Component { call_alias, tags: read_tags(tags).ok_or_else(unreadable)? }
            }
            _ => RecordKind::Provider { config_schema: raw.config_schema.unwrap_or_default() },
        };
        let Raw { issuer, name, revision, subject, version, .. } = raw;
        Ok(ClaimsRecord { issuer, name, revision, subject, version, kind })
    }

    /// As it is stored.
    pub fn stored(&self) -> Value {
        let mut stored = json!({
            "issuer": self.issuer,
            "name": self.name,
            "revision": self.revision,
            "subject": self.subject,
            "version": self.version,
        });
        if let RecordKind::Component { call_alias, tags } = &self.kind {
            stored["call_alias"] = json!(call_alias);
            stored["tags"] = json!(tags);
        }
        stored
    }

    /// As `claims.get` tells it: a flat map of strings.
    pub fn told(&self) -> Value {
        let mut told = json!({
            "iss": self.issuer,
            "issuer": self.issuer,
            "name": self.name,
            "rev": self.revision,
            "revision": self.revision,
            "sub": self.subject,
            "subject": self.subject,
            "version": self.version,
        });
        match &self.kind {
            RecordKind::Component { call_alias, tags } => {
                told["call_alias"] = json!(call_alias);
                told["tags"] = json!(tags.join(","));
            }
            RecordKind::Provider { config_schema } => told["config_schema"] = json!(config_schema),
        }
        told
    }
}

/// Tags are a list, or one text with commas.
fn read_tags(tags: Value) -> Option<Vec<String>> {
    match tags {
        Value::String(joined) => Some(joined.split(',').filter(|tag| !tag.is_empty()).map(str::to_owned).collect()),
        list => serde_json::from_value(list).ok(),
    }
}
