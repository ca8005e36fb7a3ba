//! Secrets in the clear, and sealed for a provider. Lattice protocol 1.x, sections 7.4 and 7.6.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use trellis_error::{Error, Result};

use crate::{PublicKey, Random, XKeyPair};

/// A secret. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", content = "value")]
pub enum SecretValue {
    /// Text.
    String(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

impl fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretValue(..)")
    }
}

/// Secrets by name, as a provider gets them with a link: sealed with the host's key for the provider's.
pub fn seal_for_provider(
    secrets: &BTreeMap<String, SecretValue>,
    host: &XKeyPair,
    provider: &PublicKey,
    random: &mut Random<'_>,
) -> Result<Vec<u8>> {
    let json = serde_json::to_vec(secrets).map_err(|_| Error::decode("secrets cannot be written"))?;
    host.seal(&json, provider, random)
}
