//! Ed25519 keys that name and sign for what is in a lattice: "nkeys". Lattice protocol 1.x, section 1.1.

use std::fmt;
use std::str::FromStr;

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};

use crate::{KeyError, KeyKind, Random, key_text, random_bytes};

/// A public key of any kind.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct PublicKey {
    kind: KeyKind,
    bytes: [u8; 32],
}

impl PublicKey {
    pub(crate) fn new(kind: KeyKind, bytes: [u8; 32]) -> Self {
        PublicKey { kind, bytes }
    }

    /// What the key is used for.
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The key without prefix and checksum.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// The key, if it is of the kind that is needed; `expected` names that in the error.
    pub fn of_kind(self, kind: KeyKind, expected: &'static str) -> Result<Self, KeyError> {
        match self.kind == kind {
            true => Ok(self),
            false => Err(KeyError::Kind { found: self.kind, expected }),
        }
    }

    /// Fails unless the secret half of this key signed `message`.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), KeyError> {
        if self.kind == KeyKind::Curve {
            return Err(KeyError::Kind { found: self.kind, expected: "a key that signs" });
        }
        let key = VerifyingKey::from_bytes(&self.bytes).map_err(|_| KeyError::Point)?;
        let signature = Signature::from_slice(signature).map_err(|_| KeyError::Signature)?;
        key.verify_strict(message, &signature).map_err(|_| KeyError::Signature)
    }
}

impl FromStr for PublicKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        key_text::parse_public(text).map(|(kind, bytes)| PublicKey { kind, bytes })
    }
}

impl TryFrom<String> for PublicKey {
    type Error = KeyError;

    fn try_from(text: String) -> Result<Self, KeyError> {
        text.parse()
    }
}

impl From<PublicKey> for String {
    fn from(key: PublicKey) -> String {
        key.to_string()
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&key_text::public(self.kind, &self.bytes))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A key that signs: of every kind but [`KeyKind::Curve`], which is an [`XKeyPair`](crate::XKeyPair). Its secret is wiped
/// from memory when it is dropped.
pub struct KeyPair {
    kind: KeyKind,
    signing: SigningKey,
}

impl KeyPair {
    /// A new key. `random` must be fit for secrets.
    pub fn generate(kind: KeyKind, random: &mut Random<'_>) -> Result<Self, KeyError> {
        KeyPair::from_bytes(kind, &random_bytes(random))
    }

    /// The key of a seed's 32 bytes.
    pub fn from_bytes(kind: KeyKind, seed: &[u8; 32]) -> Result<Self, KeyError> {
        match kind {
            KeyKind::Curve => Err(KeyError::Kind { found: kind, expected: "a key that signs" }),
            _ => Ok(KeyPair { kind, signing: SigningKey::from_bytes(seed) }),
        }
    }

    /// The key of a seed's text, `S…`.
    pub fn from_seed(text: &str) -> Result<Self, KeyError> {
        let (kind, seed) = key_text::parse_seed(text)?;
        KeyPair::from_bytes(kind, &seed)
    }

    /// The text of its seed: the secret.
    pub fn seed(&self) -> String {
        key_text::seed(self.kind, self.signing.as_bytes())
    }

    /// Its public half.
    pub fn public(&self) -> PublicKey {
        PublicKey { kind: self.kind, bytes: self.signing.verifying_key().to_bytes() }
    }

    /// The signature of a message.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.signing.sign(message).to_bytes()
    }
}

/// Shows the public half only.
impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyPair({})", self.public())
    }
}
