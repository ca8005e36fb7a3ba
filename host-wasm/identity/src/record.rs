//! Claims as the lattice remembers them: keys `CLAIMS_…` of the bucket LATTICEDATA, and the entries of `claims.get`.
//! Lattice protocol 1.x, sections 3.7, 5.2 and 10.5.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use trellis_error::{Error, Result};

use crate::{Claims, claims};

/// What the keys of records begin with; the subject follows.
const PREFIX: &str = "CLAIMS_";

/// The record of a component's or a provider's claims. Read from the bucket it is what somebody said, no proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The public key of the component or provider.
    pub subject: String,
    /// The public key of the account that issued the claims.
    pub issuer: String,
    /// The name, or nothing.
    pub name: String,
    /// The revision as a decimal number.
    pub revision: String,
    /// The version, or nothing.
    pub version: String,
    /// What only components or only providers have.
    pub of: Of,
}

/// What only components or only providers have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Of {
    /// A component.
    Component {
        /// The name by which it can be called, or nothing.
        call_alias: String,
        /// Its tags.
        tags: Vec<String>,
    },
    /// A provider.
    Provider {
        /// The schema of its configuration.
        config_schema: Option<String>,
    },
}

/// A record as the bucket has it, with the names that older hosts gave to fields.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Stored {
    #[serde(skip_serializing_if = "Option::is_none")]
    call_alias: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    config_schema: Option<String>,
    #[serde(skip_serializing)]
    iss: Option<String>,
    issuer: Option<String>,
    name: Option<String>,
    #[serde(skip_serializing)]
    rev: Option<String>,
    revision: Option<String>,
    #[serde(skip_serializing)]
    sub: Option<String>,
    subject: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<Tags>,
    version: Option<String>,
}

impl Record {
    /// The record of a component that was started.
    pub fn new(claims: &Claims<claims::Component>) -> Self {
        let component = claims.metadata.clone();
        Record {
            subject: claims.subject.to_string(),
            issuer: claims.issuer.to_string(),
            name: component.name.unwrap_or_default(),
            revision: component.revision.unwrap_or_default().to_string(),
            version: component.version.unwrap_or_default(),
            of: Of::Component {
                call_alias: component.call_alias.unwrap_or_default(),
                tags: component.tags.unwrap_or_default(),
            },
        }
    }

    /// Whether a key of the bucket is that of a record.
    pub fn is_key(key: &str) -> bool {
        key.starts_with(PREFIX)
    }

    /// Its key in the bucket.
    pub fn key(&self) -> String {
        format!("{PREFIX}{}", self.subject)
    }

    /// Reads the record under a key of the bucket.
    pub fn parse(key: &str, json: &[u8]) -> Result<Self> {
        let stored: Stored = serde_json::from_slice(json).map_err(|error| unreadable(key, &error.to_string()))?;
        let field = |name, value: Option<String>| value.ok_or_else(|| unreadable(key, &format!("it has no {name}")));
        let record = Record {
            subject: field("subject", stored.subject.or(stored.sub))?,
            issuer: field("issuer", stored.issuer.or(stored.iss))?,
            name: field("name", stored.name)?,
            revision: field("revision", stored.revision.or(stored.rev))?,
            version: field("version", stored.version)?,
            of: match (stored.call_alias, stored.tags) {
                (Some(call_alias), Some(Tags(tags))) => Of::Component { call_alias, tags },
                _ => Of::Provider { config_schema: stored.config_schema },
            },
        };
        match record.key() == key {
            true => Ok(record),
            false => Err(unreadable(key, "its subject is another")),
        }
    }

    /// The JSON text of the value in the bucket.
    pub fn to_json(&self) -> Result<String> {
        let mut stored = Stored {
            issuer: Some(self.issuer.clone()),
            name: Some(self.name.clone()),
            revision: Some(self.revision.clone()),
            subject: Some(self.subject.clone()),
            version: Some(self.version.clone()),
            ..Stored::default()
        };
        match &self.of {
            Of::Component { call_alias, tags } => {
                stored.call_alias = Some(call_alias.clone());
                stored.tags = Some(Tags(tags.clone()));
            }
            Of::Provider { config_schema } => stored.config_schema = config_schema.clone(),
        }
        serde_json::to_string(&stored).map_err(|error| Error::decode(format!("claims cannot be written: {error}")))
    }

    /// Its entry in the answer of `claims.get`, where every field is text and some have two names.
    pub fn to_entry(&self) -> BTreeMap<&'static str, String> {
        let mut entry = BTreeMap::from([
            ("iss", self.issuer.clone()),
            ("issuer", self.issuer.clone()),
            ("name", self.name.clone()),
            ("rev", self.revision.clone()),
            ("revision", self.revision.clone()),
            ("sub", self.subject.clone()),
            ("subject", self.subject.clone()),
            ("version", self.version.clone()),
        ]);
        match &self.of {
            Of::Component { call_alias, tags } => {
                entry.insert("call_alias", call_alias.clone());
                entry.insert("tags", tags.join(","));
            }
            Of::Provider { config_schema } => {
                entry.insert("config_schema", config_schema.clone().unwrap_or_default());
            }
        }
        entry
    }
}

fn unreadable(key: &str, reason: &str) -> Error {
    Error::decode(format!("the claims under {key} cannot be used: {reason}"))
}

/// Tags: a list, or one text in which commas join them.
#[derive(Serialize)]
struct Tags(Vec<String>);

impl<'de> Deserialize<'de> for Tags {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TagsVisitor)
    }
}

struct TagsVisitor;

impl<'de> Visitor<'de> for TagsVisitor {
    type Value = Tags;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of tags, or tags joined by commas")
    }

    fn visit_str<E>(self, text: &str) -> Result<Tags, E> {
        Ok(Tags(text.split(',').filter(|tag| !tag.is_empty()).map(str::to_owned).collect()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Tags, A::Error> {
        let mut tags = Vec::new();
        while let Some(tag) = list.next_element()? {
            tags.push(tag);
        }
        Ok(Tags(tags))
    }
}
