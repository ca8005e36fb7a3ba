//! Signed text: JSON Web Tokens with an Ed25519 signature. Lattice protocol 1.x, section 10.3.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use trellis_error::{Error, Result};

use crate::radix::{BASE64URL, Flaw};
use crate::{KeyPair, PublicKey};

/// No token is longer than this, in bytes.
const MAX_LENGTH: usize = 64 * 1024;
const TYPE: &str = "jwt";
const ALGORITHM: &str = "Ed25519";

#[derive(Serialize, Deserialize)]
struct Header {
    typ: String,
    alg: String,
}

/// The token of a body that `issuer` signs.
pub(crate) fn sign(body: &impl Serialize, issuer: &KeyPair) -> Result<String> {
    let header = Header { typ: TYPE.to_owned(), alg: ALGORITHM.to_owned() };
    let signed = format!("{}.{}", encode(&header)?, encode(body)?);
    let token = format!("{signed}.{}", BASE64URL.encode(&issuer.sign(signed.as_bytes())));
    check_length(&token)?;
    Ok(token)
}

/// The body of a token, if whom it names as its issuer has signed it.
pub(crate) fn verify<T: DeserializeOwned>(token: &str, issuer: impl Fn(&T) -> PublicKey) -> Result<T> {
    check_length(token)?;
    let (signed, signature) = token.rsplit_once('.').ok_or_else(malformed)?;
    let (header, body) = signed.split_once('.').ok_or_else(malformed)?;
    let header: Header = decode(header)?;
    if (header.typ.as_str(), header.alg.as_str()) != (TYPE, ALGORITHM) {
        return Err(Error::decode(format!("a token is no {TYPE} that is signed with {ALGORITHM}")));
    }
    let body = decode(body)?;
    issuer(&body).verify(signed.as_bytes(), &BASE64URL.decode(signature).map_err(undecodable)?)?;
    Ok(body)
}

fn check_length(token: &str) -> Result<()> {
    match token.len() <= MAX_LENGTH {
        true => Ok(()),
        false => Err(Error::limit("token", format!("a token is longer than {MAX_LENGTH} bytes"))),
    }
}

fn encode(part: &impl Serialize) -> Result<String> {
    let json = serde_json::to_vec(part).map_err(|error| Error::decode(format!("a token cannot be made: {error}")))?;
    Ok(BASE64URL.encode(&json))
}

fn decode<T: DeserializeOwned>(part: &str) -> Result<T> {
    let json = BASE64URL.decode(part).map_err(undecodable)?;
    serde_json::from_slice(&json).map_err(|error| Error::decode(format!("a token cannot be read: {error}")))
}

fn malformed() -> Error {
    Error::decode("a token is not three parts joined by dots")
}

fn undecodable(_: Flaw) -> Error {
    Error::decode("a part of a token is not base64url without padding")
}
