//! Who a host is, and what signed components say of themselves.

use trellis_boundary::{error, random_values, wall_now};
use trellis_error::{Error, Kind};
use trellis_identity::{KeyKind, KeyPair, PublicKey, Trust, signed};
use trellis_lattice::Claims;
use wasm_bindgen::prelude::*;

use crate::actions::text;

/// The key of a host.
#[wasm_bindgen]
pub struct HostKey(KeyPair);

#[wasm_bindgen]
impl HostKey {
    /// The key with this seed (`SN…`), or a new one.
    #[wasm_bindgen(constructor)]
    pub fn new(seed: Option<String>) -> Result<HostKey, JsValue> {
        let pair = match seed {
            Some(seed) => KeyPair::from_seed(&seed).map_err(|error| error::to_js(error.into()))?,
            None => generate()?,
        };
        if pair.public().kind() != KeyKind::Server {
            let message = "the seed of a host is that of a server key and begins with SN";
            return Err(error::to_js(Error::new(Kind::InvalidArgument, message)));
        }
        Ok(HostKey(pair))
    }

    /// The id of the host.
    #[wasm_bindgen(getter)]
    pub fn id(&self) -> String {
        self.0.public().to_string()
    }

    /// The seed, to have the same id another time.
    #[wasm_bindgen(getter)]
    pub fn seed(&self) -> String {
        self.0.seed()
    }
}

fn generate() -> Result<KeyPair, JsValue> {
    let mut seed = [0; 32];
    random_values(&mut seed)?;
    KeyPair::from_bytes(KeyKind::Server, &seed).map_err(|error| error::to_js(error.into()))
}

/// A name for people: `icy-waterfall-0042`.
#[wasm_bindgen(js_name = friendlyName)]
pub fn friendly_name() -> Result<String, JsValue> {
    let mut random = [0; 4];
    random_values(&mut random)?;
    Ok(trellis_identity::friendly_name(u32::from_le_bytes(random)))
}

/// The claims of a component as JSON and their token, checked in full; nothing where it is not signed. With `issuers`, only what one of
/// them signed passes. Errors: `denied`, `decode`, `invalid-component`, and `invalid-argument` for what is no issuer.
#[wasm_bindgen(js_name = verifyClaims)]
pub fn verify_claims(bytes: &[u8], issuers: Option<Vec<String>>) -> Result<Option<Vec<String>>, JsValue> {
    let trust = match issuers {
        None => Trust::Anyone,
        Some(issuers) => {
            let keys = issuers.iter().map(|issuer| issuer.parse::<PublicKey>()).collect::<Result<Vec<_>, _>>();
            Trust::Issuers(keys.map_err(|error| error::to_js(error.into()))?)
        }
    };
    let Some(signed) = signed(bytes, &trust, (wall_now() / 1000.0) as u64).map_err(error::to_js)? else {
        return Ok(None);
    };
    let metadata = signed.claims.metadata;
    let claims = Claims {
        public_key: signed.claims.subject.to_string(),
        issuer: signed.claims.issuer.to_string(),
        name: metadata.name,
        revision: metadata.revision,
        version: metadata.version,
        call_alias: metadata.call_alias,
        tags: metadata.tags,
        issued_at: signed.claims.issued_at,
        not_before: signed.claims.not_before,
        expires: signed.claims.expires,
    };
    Ok(Some(vec![text(&claims), signed.token]))
}
