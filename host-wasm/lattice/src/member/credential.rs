//! Credentials for registries. Facts: the lattice protocol 1.x, section 3.10.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How to log in to a registry. What is secret in it is not printed.
#[derive(Clone, PartialEq, Eq, Deserialize, Serialize)]
pub struct Credential {
    /// The name of the user.
    #[serde(default)]
    pub username: Option<String>,
    /// The password.
    #[serde(default)]
    pub password: Option<String>,
    /// A token in place of name and password.
    #[serde(default)]
    pub token: Option<String>,
    /// `oci`.
    #[serde(default = "oci", rename = "registryType")]
    pub registry_type: String,
}

fn oci() -> String {
    "oci".to_owned()
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential")
            .field("username", &self.username)
            .field("registry_type", &self.registry_type)
            .finish_non_exhaustive()
    }
}
