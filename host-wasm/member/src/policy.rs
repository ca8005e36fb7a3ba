//! The policy service of a lattice, for JavaScript: what is known of its decisions, and how to ask it.

use std::cell::RefCell;
use std::collections::BTreeMap;

use js_sys::{Array, Uint8Array};
use serde::Deserialize;
use trellis_boundary::{error, random_values, wall_now};
use trellis_error::{Error, Kind, Result};
use trellis_identity::policy::{self, Check, Component, IssuedClaims, Provider};
use trellis_lattice::Claims;
use wasm_bindgen::prelude::*;

use crate::commands::read;

/// What a host knows of its policy service. The type is `CorePolicy` of `npm/src/lattice/core.ts`.
#[wasm_bindgen]
pub struct Policy {
    policy: RefCell<policy::Policy>,
    host_id: String,
    lattice: String,
    labels: BTreeMap<String, String>,
}

/// What it wants to do.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Question {
    kind: String,
    id: String,
    image_ref: String,
    #[serde(default)]
    max_instances: u32,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
    claims: Option<Claims>,
    /// Of `performInvocation`: the instance and the function.
    #[serde(default)]
    call: (String, String),
}

#[wasm_bindgen]
impl Policy {
    /// Nothing is known yet. `labels` are those of the host, as JSON.
    #[wasm_bindgen(constructor)]
    pub fn new(host_id: String, lattice: String, labels: &str) -> std::result::Result<Policy, JsValue> {
        Ok(Policy { policy: RefCell::default(), host_id, lattice, labels: read(labels).map_err(error::to_js)? })
    }

    /// Returns nothing where what the question (JSON) is about is permitted, and throws `denied` where it is not. Where
    /// nothing is known: the id of the request, and, unless it has been asked already, what is to be published.
    pub fn check(&self, question: &str) -> std::result::Result<Option<Array>, JsValue> {
        let checked = self.check_question(question).map_err(error::to_js)?;
        let Some((request_id, payload)) = checked else { return Ok(None) };
        let asking = Array::of1(&request_id.into());
        if let Some(payload) = payload {
            asking.push(&Uint8Array::from(&payload[..]));
        }
        Ok(Some(asking))
    }

    /// The service's reply to a request: after that, `check` knows. Throws `decode`, and then nothing is known.
    pub fn answer(&self, request_id: &str, payload: &[u8]) -> std::result::Result<(), JsValue> {
        let answer = self.policy.borrow_mut().answer(request_id, payload);
        answer.transpose().map(drop).map_err(error::to_js)
    }

    /// There will be no reply to a request.
    #[wasm_bindgen(js_name = giveUp)]
    pub fn give_up(&self, request_id: &str) {
        self.policy.borrow_mut().give_up(request_id);
    }

    /// The service has changed a decision. Throws `decode`.
    pub fn change(&self, payload: &[u8]) -> std::result::Result<(), JsValue> {
        self.policy.borrow_mut().change(payload).map(drop).map_err(error::to_js)
    }

    /// Changes may have been missed: nothing is known any more.
    pub fn forget(&self) {
        self.policy.borrow_mut().forget();
    }
}

impl Policy {
    fn check_question(&self, json: &str) -> Result<Option<(String, Option<Vec<u8>>)>> {
        let Question { kind, id, image_ref, max_instances, annotations, claims, call } = read(json)?;
        let now = wall_now() as u64;
        let claims = claims.map(|Claims { public_key, issuer, issued_at, expires, .. }| {
            IssuedClaims::new(public_key, issuer, issued_at, expires, now / 1000)
        });
        let annotations = &annotations;
        let provider = Provider { provider_id: &id, image_ref: &image_ref, annotations, claims: claims.clone() };
        let component = Component { component_id: &id, image_ref: &image_ref, max_instances, annotations, claims };
        let question = match kind.as_str() {
            "startComponent" => policy::Question::StartComponent(&component),
            "startProvider" => policy::Question::StartProvider(&provider),
            "performInvocation" => {
                policy::Question::PerformInvocation { interface: &call.0, function: &call.1, target: &component }
            }
            _ => return Err(Error::new(Kind::InvalidArgument, format!("no policy service decides about {kind}"))),
        };
        let host = policy::Host { public_key: &self.host_id, lattice: &self.lattice, labels: &self.labels };
        // A platform without randomness has made no key of a host, so this does not fail.
        let random = &mut |bytes: &mut [u8]| random_values(bytes).unwrap_or_default();
        match self.policy.borrow_mut().check(question, &host, now, random)? {
            Check::Decided(decision) => decision.enforce(question).map(|()| None),
            Check::Ask { request_id, payload } => Ok(Some((request_id, Some(payload)))),
            Check::Wait { request_id } => Ok(Some((request_id, None))),
        }
    }
}
