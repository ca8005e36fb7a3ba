//! What a backend of secrets answers.

use serde::Deserialize;
use serde_json::Value;
use trellis_error::{Error, Kind, Result};

use super::SecretValue;

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    secret: Option<Secret>,
    #[serde(default)]
    error: Option<Value>,
}

/// A secret as backends send it. Its `version` is of no use to us.
#[derive(Deserialize)]
struct Secret {
    #[serde(default)]
    string_secret: Option<String>,
    #[serde(default)]
    binary_secret: Option<Vec<u8>>,
}

/// The secret in the opened answer to the request for `name`.
pub(super) fn secret(name: &str, json: &[u8]) -> Result<SecretValue> {
    let answer = parse(json)?;
    if let Some(error) = answer.error {
        return Err(refusal(&error));
    }
    let secret = answer.secret.map(|secret| (secret.string_secret, secret.binary_secret));
    match secret {
        Some((Some(text), _)) => Ok(SecretValue::String(text)),
        Some((None, Some(bytes))) => Ok(SecretValue::Bytes(bytes)),
        _ => Err(Error::new(Kind::NotFound, format!("secret {name} did not contain a value"))),
    }
}

/// The error in an answer that was not sealed, which no secret may come in.
pub(super) fn failure(json: &[u8]) -> Error {
    match parse(json) {
        Ok(Answer { error: Some(error), .. }) => refusal(&error),
        Ok(_) => Error::decode("the backend's answer is not sealed, so no secret is taken from it"),
        Err(error) => error,
    }
}

fn parse(json: &[u8]) -> Result<Answer> {
    serde_json::from_slice(json).map_err(|error| {
        // The text of the error may quote what was to be secret.
        let (line, column) = (error.line(), error.column());
        Error::decode(format!("the answer of a secrets backend cannot be read (line {line}, column {column})"))
    })
}

/// The error of a backend: `"SecretNotFound"`, or `{"UpstreamError":"why"}`.
fn refusal(error: &Value) -> Error {
    let (name, reason) = match error {
        Value::String(name) => (name.as_str(), None),
        Value::Object(object) => {
            let first = object.iter().next();
            first.map_or(("Other", None), |(name, reason)| (name.as_str(), reason.as_str()))
        }
        _ => ("Other", None),
    };
    let kind = if name == "SecretNotFound" { Kind::NotFound } else { Kind::Denied };
    let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
    Error::new(kind, format!("server error: {}{reason}", words(name)))
}

/// `SecretNotFound` as `Secret not found`.
fn words(name: &str) -> String {
    let mut words = String::new();
    for (at, c) in name.chars().enumerate() {
        if at > 0 && c.is_ascii_uppercase() {
            words.push(' ');
        }
        words.push(if at > 0 { c.to_ascii_lowercase() } else { c });
    }
    words
}
