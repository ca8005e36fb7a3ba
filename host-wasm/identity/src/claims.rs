//! What an issuer says of a component or a host, for a time. Lattice protocol 1.x, sections 1.3 and 10.3.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use trellis_error::{Error, Kind, Result};

use crate::radix::BASE32;
use crate::relative::relative;
use crate::{KeyKind, KeyPair, PublicKey, Random, jwt, random_bytes};

/// The revision of the claims' format that this crate writes.
const REVISION: u32 = 3;

/// Claims about a subject. Times are in seconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims<M> {
    /// From when on they are void.
    #[serde(rename = "exp", default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<u64>,
    /// Their id.
    #[serde(rename = "jti")]
    pub id: String,
    /// When they were issued.
    #[serde(rename = "iat")]
    pub issued_at: u64,
    /// The account that issued and signed them.
    #[serde(rename = "iss")]
    pub issuer: PublicKey,
    /// Whom they are about.
    #[serde(rename = "sub")]
    pub subject: PublicKey,
    /// Before when they do not hold yet.
    #[serde(rename = "nbf", default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<u64>,
    /// What they say.
    #[serde(rename = "wascap")]
    pub metadata: M,
    /// The revision of their format. The hash of a component counts from 3 on.
    #[serde(rename = "wascap_revision", default)]
    pub revision: u32,
}

/// What claims say of a kind of subject.
pub trait Metadata: Serialize + DeserializeOwned {
    /// The kind of the subject's key.
    const SUBJECT: KeyKind;
}

/// What claims say of a component.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Component {
    /// Its name, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The SHA-256 of its bytes without the claims, in upper-case hexadecimal digits.
    pub hash: String,
    /// Tags, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// A number that grows with every release.
    #[serde(rename = "rev", default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<i32>,
    /// The version, for people.
    #[serde(rename = "ver", default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// A name by which it can be called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_alias: Option<String>,
    /// Whether it is a capability provider.
    #[serde(rename = "prov", default)]
    pub provider: bool,
}

impl Metadata for Component {
    const SUBJECT: KeyKind = KeyKind::Module;
}

/// What claims say of a host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    /// Its friendly name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its labels; `self_signed` is `true` where the host vouches for itself.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
}

impl Metadata for Host {
    const SUBJECT: KeyKind = KeyKind::Server;
}

impl<M: Metadata> Claims<M> {
    /// The token of these claims, signed with the key of their issuer.
    pub fn sign(&self, issuer: &KeyPair) -> Result<String> {
        if issuer.public() != self.issuer {
            return Err(Error::new(Kind::InvalidArgument, "claims can only be signed with the key of their issuer"));
        }
        jwt::sign(self, issuer)
    }

    /// The claims of a token, if an account signed them. Whether they hold now is for [`Claims::check_time`].
    pub fn verify(token: &str) -> Result<Self> {
        let claims: Self = jwt::verify(token, |claims: &Self| claims.issuer)?;
        match (claims.issuer.kind(), claims.subject.kind()) {
            (KeyKind::Account, subject) if subject == M::SUBJECT => Ok(claims),
            (issuer, subject) => Err(Error::new(
                Kind::Denied,
                format!(
                    "a token is of the {issuer} key's about a {subject} key, not of an account's about a {}",
                    M::SUBJECT
                ),
            )),
        }
    }
}

impl<M> Claims<M> {
    /// Fails unless the claims hold at `now`. The message is that of the hosts in the lattice.
    pub fn check_time(&self, now: u64) -> Result<()> {
        let refused = |message| Err(Error::new(Kind::Denied, message));
        match (self.expires, self.not_before) {
            (Some(time), _) if time <= now => refused(format!("token expired at `{}`", relative(time, now))),
            (_, Some(time)) if time > now => refused(format!("token cannot be used before `{}`", relative(time, now))),
            _ => Ok(()),
        }
    }
}

/// The token in which a host vouches for itself towards backends of secrets, signed by an account made up for it.
/// `name` is its friendly name, `now` in seconds since 1970.
pub fn self_signed_host(host: PublicKey, name: &str, now: u64, random: &mut Random<'_>) -> Result<String> {
    let account = KeyPair::generate(KeyKind::Account, random)?;
    let id: [u8; 16] = random_bytes(random);
    let labels = BTreeMap::from([("self_signed".to_owned(), "true".to_owned())]);
    let claims = Claims {
        expires: None,
        id: BASE32.encode(&id),
        issued_at: now,
        issuer: account.public(),
        subject: host.of_kind(KeyKind::Server, "the key of a host")?,
        not_before: None,
        metadata: Host { name: Some(name.to_owned()), labels },
        revision: REVISION,
    };
    claims.sign(&account)
}
