//! Secrets of a lattice, for JavaScript: what a backend is asked, sealed, and what it answers, opened.

use js_sys::Uint8Array;
use trellis_boundary::{error, random_values, wall_now};
use trellis_error::{Error, Result};
use trellis_identity::secrets::{self, Context, Reference, SecretValue};
use trellis_identity::{PublicKey, Random, self_signed_host};
use wasm_bindgen::prelude::*;

use crate::commands::read;

/// What asks for secrets. The type is `CoreSecrets` of `npm/src/lattice/core.ts`.
#[wasm_bindgen]
pub struct Secrets {
    topic: String,
    host_jwt: String,
}

/// A request that waits for its answer. The type is `CoreSecretRequest` of `npm/src/lattice/core.ts`.
#[wasm_bindgen]
pub struct SecretRequest(secrets::Request);

#[wasm_bindgen]
impl Secrets {
    /// A host of this id and name asks on subjects that begin with `topic`.
    #[wasm_bindgen(constructor)]
    pub fn new(topic: String, host_id: &str, name: &str) -> std::result::Result<Secrets, JsValue> {
        let host_jwt = vouch(host_id, name).map_err(error::to_js)?;
        Ok(Secrets { topic, host_jwt })
    }

    /// Of the config of this name and content (JSON): the name of the secret, its backend, and the subject on which that
    /// tells its key.
    pub fn reference(&self, config: &str, entries: &str) -> std::result::Result<Vec<String>, JsValue> {
        let Reference { name, backend, .. } = parse(config, entries).map_err(error::to_js)?;
        let subject = secrets::server_xkey_subject(&self.topic, &backend);
        Ok(vec![name, backend, subject])
    }

    /// Asks for that secret. `token` is that of who is to have it, `server` the backend's key.
    pub fn request(
        &self,
        config: &str,
        entries: &str,
        token: Option<String>,
        application: Option<String>,
        server: &str,
    ) -> std::result::Result<SecretRequest, JsValue> {
        let context =
            Context { entity_jwt: token.as_deref(), host_jwt: &self.host_jwt, application: application.as_deref() };
        let ask = || {
            let reference = parse(config, entries)?;
            let server: PublicKey = server.trim().parse().map_err(Error::from)?;
            with_random(|random| secrets::Request::new(&self.topic, &reference, context, &server, random))
        };
        ask().map(SecretRequest).map_err(error::to_js)
    }
}

fn parse(config: &str, entries: &str) -> Result<Reference> {
    Reference::parse(config, &read(entries)?)
}

#[wasm_bindgen]
impl SecretRequest {
    /// Where it is published to.
    #[wasm_bindgen(getter)]
    pub fn subject(&self) -> String {
        self.0.subject.clone()
    }

    /// The name and the value of its header.
    #[wasm_bindgen(getter)]
    pub fn header(&self) -> Vec<String> {
        let (name, value) = &self.0.header;
        vec![(*name).to_owned(), value.clone()]
    }

    /// Its payload.
    #[wasm_bindgen(getter)]
    pub fn payload(&self) -> Uint8Array {
        Uint8Array::from(&self.0.payload[..])
    }

    /// The secret in the answer, text or bytes; `sealed_with` is its header `Server-Response-Xkey`.
    pub fn open(&self, sealed_with: Option<String>, payload: &[u8]) -> std::result::Result<JsValue, JsValue> {
        match self.0.pending.open(sealed_with.as_deref(), payload).map_err(error::to_js)? {
            SecretValue::String(text) => Ok(text.into()),
            SecretValue::Bytes(bytes) => Ok(Uint8Array::from(&bytes[..]).into()),
        }
    }
}

fn vouch(host_id: &str, name: &str) -> Result<String> {
    let host: PublicKey = host_id.parse().map_err(Error::from)?;
    with_random(|random| self_signed_host(host, name, (wall_now() / 1000.0) as u64, random))
}

/// Keys and nonces are made of what the platform has, or not at all.
fn with_random<T>(make: impl FnOnce(&mut Random<'_>) -> Result<T>) -> Result<T> {
    let mut failed = false;
    let made = make(&mut |bytes| failed |= random_values(bytes).is_err());
    match failed {
        true => Err(Error::new(trellis_error::Kind::Unsupported, "the platform has no source of random bytes")),
        false => made,
    }
}
