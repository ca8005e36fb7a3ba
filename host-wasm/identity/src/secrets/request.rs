//! What a backend of secrets is asked: a request that only the backend can read, and whose answer only we can.

use serde_json::json;
use trellis_error::{Error, Kind, Result};

use super::answer;
use super::{HOST_XKEY_HEADER, Reference, SecretValue};
use crate::{PublicKey, Random, XKeyPair};

/// On whose behalf a secret is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The token of the component or provider; none where it is not signed, and then it gets no secrets.
    pub entity_jwt: Option<&'a str>,
    /// The token in which the host vouches for itself: [`self_signed_host`](crate::self_signed_host).
    pub host_jwt: &'a str,
    /// The application it belongs to: the annotation `wasmcloud.dev/appspec`.
    pub application: Option<&'a str>,
}

/// A message to a backend. The answer goes to [`Pending::open`].
#[derive(Debug)]
pub struct Request {
    /// Where it is published to.
    pub subject: String,
    /// Its one header: name and value.
    pub header: (&'static str, String),
    /// Its payload.
    pub payload: Vec<u8>,
    /// What opens the answer.
    pub pending: Pending,
}

/// A request that waits for its answer. It has the request's key, which is used for nothing else.
#[derive(Debug)]
pub struct Pending {
    key: XKeyPair,
    name: String,
}

/// Where a backend answers an empty message with its public key, as text. `topic` is the prefix that the host was given.
pub fn server_xkey_subject(topic: &str, backend: &str) -> String {
    subject(topic, backend, "server_xkey")
}

impl Request {
    /// Asks for the secret of a reference. `server` is the backend's key, `random` must be fit for secrets.
    pub fn new(
        topic: &str,
        reference: &Reference,
        context: Context<'_>,
        server: &PublicKey,
        random: &mut Random<'_>,
    ) -> Result<Self> {
        let body = body(reference, context)?;
        let key = XKeyPair::generate(random);
        Ok(Request {
            subject: subject(topic, &reference.backend, "get"),
            header: (HOST_XKEY_HEADER, key.public().to_string()),
            payload: key.seal(body.as_bytes(), server, random)?,
            pending: Pending { key, name: reference.name.clone() },
        })
    }
}

impl Pending {
    /// The secret in an answer. `sealed_with` is its header [`SERVER_XKEY_HEADER`](super::SERVER_XKEY_HEADER); an answer
    /// without can only be an error.
    pub fn open(&self, sealed_with: Option<&str>, payload: &[u8]) -> Result<SecretValue> {
        match sealed_with {
            Some(sender) => answer::secret(&self.name, &self.key.open(payload, &sender.parse()?)?),
            None => Err(answer::failure(payload)),
        }
    }
}

fn subject(topic: &str, backend: &str, operation: &str) -> String {
    format!("{topic}.v1alpha1.{backend}.{operation}")
}

/// What is asked, in the clear.
fn body(reference: &Reference, context: Context<'_>) -> Result<String> {
    let entity_jwt = context.entity_jwt.ok_or_else(|| {
        let message =
            "entity did not have an embedded JWT, required to fetch secrets (was this entity signed during build?)";
        Error::new(Kind::Denied, message)
    })?;
    let body = json!({
        "key": reference.key,
        "field": reference.field,
        "version": reference.version,
        "context": {
            "entity_jwt": entity_jwt,
            "host_jwt": context.host_jwt,
            "application": { "name": context.application, "policy": reference.policy },
        },
    });
    Ok(body.to_string())
}
