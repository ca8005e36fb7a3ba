//! X25519 keys that seal what only one reader may open: "xkeys". Lattice protocol 1.x, section 1.2.
//!
//! A sealed box is `xkv1`, a nonce of 24 bytes, and NaCl's `crypto_box`. Whoever opens it needs the public key of the
//! sender, which travels beside it.

use std::fmt;

use crypto_box::aead::Aead;
use crypto_box::{SalsaBox, SecretKey};
use trellis_error::{Error, Kind, Result};

use crate::{KeyError, KeyKind, PublicKey, Random, key_text, random_bytes};

const VERSION: &[u8; 4] = b"xkv1";
const NONCE: usize = 24;

/// A key that seals and opens. Its secret is wiped from memory when it is dropped.
pub struct XKeyPair {
    secret: SecretKey,
}

impl XKeyPair {
    /// A new key. `random` must be fit for secrets.
    pub fn generate(random: &mut Random<'_>) -> Self {
        XKeyPair::from_bytes(random_bytes(random))
    }

    /// The key of a seed's 32 bytes.
    pub fn from_bytes(seed: [u8; 32]) -> Self {
        XKeyPair { secret: SecretKey::from_bytes(seed) }
    }

    /// The key of a seed's text, `SX…`.
    pub fn from_seed(text: &str) -> Result<Self, KeyError> {
        match key_text::parse_seed(text)? {
            (KeyKind::Curve, seed) => Ok(XKeyPair::from_bytes(seed)),
            (found, _) => Err(KeyError::Kind { found, expected: "a curve key" }),
        }
    }

    /// The text of its seed: the secret.
    pub fn seed(&self) -> String {
        key_text::seed(KeyKind::Curve, &self.secret.to_bytes())
    }

    /// Its public half.
    pub fn public(&self) -> PublicKey {
        PublicKey::new(KeyKind::Curve, *self.secret.public_key().as_bytes())
    }

    /// Seals `plain` for the owner of `recipient`, with a nonce from `random`.
    pub fn seal(&self, plain: &[u8], recipient: &PublicKey, random: &mut Random<'_>) -> Result<Vec<u8>> {
        let nonce: [u8; NONCE] = random_bytes(random);
        let sealed = self.shared(recipient)?.encrypt(&nonce.into(), plain);
        let sealed = sealed.map_err(|_| Error::new(Kind::Limit, "what is to be sealed is too long"))?;
        Ok([VERSION, &nonce[..], &sealed].concat())
    }

    /// Opens what the owner of `sender` sealed for this key.
    pub fn open(&self, sealed: &[u8], sender: &PublicKey) -> Result<Vec<u8>> {
        let parts = sealed.strip_prefix(VERSION).and_then(|rest| rest.split_first_chunk::<NONCE>());
        let (nonce, sealed) =
            parts.ok_or_else(|| Error::decode("a sealed box does not begin with xkv1 and a nonce"))?;
        let opened = self.shared(sender)?.decrypt(nonce.into(), sealed);
        opened.map_err(|_| Error::decode("a sealed box does not open: it is for another key, or was altered"))
    }

    fn shared(&self, other: &PublicKey) -> Result<SalsaBox, KeyError> {
        let other = other.of_kind(KeyKind::Curve, "a curve key")?;
        Ok(SalsaBox::new(&crypto_box::PublicKey::from(*other.as_bytes()), &self.secret))
    }
}

/// Shows the public half only.
impl fmt::Debug for XKeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "XKeyPair({})", self.public())
    }
}
