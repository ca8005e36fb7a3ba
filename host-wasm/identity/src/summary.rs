//! The claims of a component as events have them: lattice protocol 1.x, section 4.2.

use serde::Serialize;

use crate::{Claims, claims};

/// The field `claims` of `component_scaled`. Times in it are seconds since 1970 as text, or `never`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    call_alias: Option<String>,
    expires_human: String,
    issuer: String,
    name: Option<String>,
    not_before_human: String,
    revision: Option<i32>,
    tags: Option<Vec<String>>,
    version: Option<String>,
}

impl Summary {
    /// The summary of a component's claims.
    pub fn new(claims: &Claims<claims::Component>) -> Self {
        let component = claims.metadata.clone();
        Summary {
            call_alias: component.call_alias,
            expires_human: time(claims.expires),
            issuer: claims.issuer.to_string(),
            name: component.name,
            not_before_human: time(claims.not_before),
            revision: component.revision,
            tags: component.tags,
            version: component.version,
        }
    }
}

fn time(seconds: Option<u64>) -> String {
    seconds.map_or_else(|| "never".to_owned(), |seconds| seconds.to_string())
}
