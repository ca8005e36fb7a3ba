//! Signed components and what the lattice hears of them, `lattice-v1/vectors/component-claims.json`.

#[path = "../../wrpc/tests/support/mod.rs"]
mod support;

use std::cell::Cell;

use serde_json::Value;
use support::document;
use trellis_error::Kind;
use trellis_identity::claims::{Component, Host};
use trellis_identity::{Claims, KeyKind, KeyPair, PublicKey, Trust, self_signed_host, signed};

/// 2026-11-22T15:06:09Z, when the real host was given the expired component.
const THEN: u64 = 1_795_359_969;

fn embedded(document: &Value, name: &str) -> Claims<Component> {
    let all = document["embedded"].as_array().unwrap();
    let found = all.iter().find(|it| it["component"] == format!("{name}.wasm")).unwrap();
    let claims = Claims::verify(found["jwt"].as_str().unwrap()).unwrap();
    assert_eq!(serde_json::to_value(&claims).unwrap(), found["claims"], "{name}");
    claims
}

fn reaction<'a>(document: &'a Value, id: &str) -> &'a Value {
    let all = document["host_reactions"].as_array().unwrap();
    all.iter().find(|it| it["id"] == id).unwrap()
}

#[test]
fn recorded_claims_hold_for_the_time_a_real_host_takes_them() {
    let Some(document) = document("component-claims.json") else { return };
    for id in ["signed", "signed-min"] {
        let claims = embedded(&document, id);
        claims.check_time(THEN).unwrap();
        let event = &reaction(&document, id)["events"][0]["body"]["data"];
        assert_eq!(claims.metadata.name.as_deref(), event["claims"]["name"].as_str());
        assert_eq!(claims.subject.to_string(), event["public_key"]);
    }
    for (id, now) in [("signed-expired", THEN), ("signed-future", THEN + 1)] {
        let error = embedded(&document, id).check_time(now).unwrap_err();
        assert_eq!(error.kind(), Kind::Denied);
        assert_eq!(error.message(), reaction(&document, id)["events"][0]["body"]["data"]["error"]);
    }
    let future = embedded(&document, "signed-future");
    future.check_time(1_795_791_964).unwrap();
    assert_eq!((future.expires, future.not_before), (Some(1_796_223_964), Some(1_795_791_964)));
}

#[test]
fn recorded_tokens_are_made_again() {
    let Some(document) = document("component-claims.json") else { return };
    let issuer = KeyPair::from_seed(document["issuer_seed"].as_str().unwrap()).unwrap();
    for recorded in document["embedded"].as_array().unwrap() {
        let token = recorded["jwt"].as_str().unwrap();
        let claims: Claims<Component> = Claims::verify(token).unwrap();
        assert_eq!(claims.sign(&issuer).unwrap(), token, "the same bytes, since fields keep their order");
    }
}

#[test]
fn a_token_that_was_altered_is_refused() {
    let Some(document) = document("component-claims.json") else { return };
    let token = document["embedded"][0]["jwt"].as_str().unwrap();
    for at in 0..token.len() {
        let mut altered = token.as_bytes().to_vec();
        altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
        assert!(Claims::<Component>::verify(std::str::from_utf8(&altered).unwrap()).is_err(), "{at}");
    }
    assert!(Claims::<Host>::verify(token).is_err(), "a component is no host");
}

/// A section of a component, its length in five bytes, as linkers have it.
fn section(id: u8, content: &[u8]) -> Vec<u8> {
    let length: [u8; 5] =
        std::array::from_fn(|at| (content.len() >> (7 * at)) as u8 & 0x7f | if at < 4 { 0x80 } else { 0 });
    [&[id], &length[..], content].concat()
}

/// A section encoded anew: its length fits in one byte.
fn short(id: u8, content: &[u8]) -> Vec<u8> {
    [&[id, content.len() as u8], content].concat()
}

fn custom(name: &str, content: &str) -> Vec<u8> {
    [&[name.len() as u8], name.as_bytes(), content.as_bytes()].concat()
}

const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";
const MODULE: &[u8] = b"\0asm\x01\0\0\0";

/// A component with a module inside, which has an old token of its own; and the hash of it encoded anew.
fn component() -> (Vec<u8>, String) {
    let module = [MODULE, &section(0, &custom("jwt", "old")), &section(0, &custom("x", "y"))].concat();
    let bytes = [COMPONENT, &section(1, &module), &section(0, &custom("name", "n"))].concat();
    let anew = [MODULE, &short(0, &custom("x", "y"))].concat();
    let anew = [COMPONENT, &short(1, &anew), &short(0, &custom("name", "n"))].concat();
    (bytes, sha256(&anew))
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02X}")).collect()
}

fn key(kind: KeyKind, seed: u8) -> KeyPair {
    KeyPair::from_bytes(kind, &[seed; 32]).unwrap()
}

/// Claims with a hash, and the account's key that may sign them.
fn claims(hash: &str) -> (Claims<Component>, KeyPair) {
    let account = key(KeyKind::Account, 1);
    let claims = Claims {
        expires: Some(200),
        id: "1".to_owned(),
        issued_at: 100,
        issuer: account.public(),
        subject: key(KeyKind::Module, 2).public(),
        not_before: Some(100),
        metadata: Component { hash: hash.to_owned(), ..Component::default() },
        revision: 3,
    };
    (claims, account)
}

fn with_token(bytes: &[u8], token: &str) -> Vec<u8> {
    [bytes, &section(0, &custom("wasmcloud_jwt", token))].concat()
}

#[test]
fn a_component_that_was_signed_is_taken_and_one_that_was_altered_is_not() {
    let (bytes, hash) = component();
    let (claims, account) = claims(&hash);
    let token = claims.sign(&account).unwrap();
    let whole = with_token(&bytes, &token);
    let found = signed(&whole, &Trust::Anyone, 100).unwrap().unwrap();
    assert_eq!((found.token, found.claims), (token.clone(), claims.clone()));

    let refused = |bytes: &[u8], trust: &Trust, now| signed(bytes, trust, now).unwrap_err();
    let altered = [COMPONENT, &section(0, &custom("name", "m")), &whole[COMPONENT.len()..]].concat();
    assert_eq!(
        refused(&altered, &Trust::Anyone, 100).message(),
        "failed to extract module claims: Invalid module hash"
    );
    for now in [99, 200] {
        assert_eq!(refused(&whole, &Trust::Anyone, now).kind(), Kind::Denied);
    }
    let foreign = Claims { issuer: key(KeyKind::Account, 9).public(), ..claims.clone() };
    assert!(foreign.sign(&account).is_err());
    let old = Claims { revision: 2, ..claims };
    assert!(
        signed(&with_token(&altered, &old.sign(&account).unwrap()), &Trust::Anyone, 100).is_err(),
        "the first counts"
    );
    let old = with_token(&[COMPONENT, &section(0, &custom("any", ""))].concat(), &old.sign(&account).unwrap());
    assert!(signed(&old, &Trust::Anyone, 100).unwrap().is_some(), "before revision 3 the hash did not count");
}

#[test]
fn a_host_with_trusted_issuers_takes_theirs_only() {
    let (bytes, hash) = component();
    let (claims, account) = claims(&hash);
    let whole = with_token(&bytes, &claims.sign(&account).unwrap());
    let trust = |keys: &[PublicKey]| Trust::Issuers(keys.to_vec());
    assert!(signed(&whole, &trust(&[account.public()]), 100).unwrap().is_some());
    assert!(signed(&bytes, &Trust::Anyone, 100).unwrap().is_none());
    for (bytes, trust) in [(&whole, trust(&[key(KeyKind::Account, 9).public()])), (&bytes, trust(&[account.public()]))]
    {
        assert_eq!(signed(bytes, &trust, 100).unwrap_err().kind(), Kind::Denied);
    }
}

#[test]
fn an_issuer_is_an_account_and_a_subject_a_component() {
    let (claims, _) = claims("");
    let server = key(KeyKind::Server, 1);
    let by_server = Claims { issuer: server.public(), ..claims.clone() }.sign(&server).unwrap();
    assert_eq!(Claims::<Component>::verify(&by_server).unwrap_err().kind(), Kind::Denied);
    let account = key(KeyKind::Account, 1);
    let of_host = Claims { subject: server.public(), ..claims }.sign(&account).unwrap();
    assert_eq!(Claims::<Component>::verify(&of_host).unwrap_err().kind(), Kind::Denied);
}

#[test]
fn a_host_vouches_for_itself() {
    let host = key(KeyKind::Server, 1).public();
    let next = Cell::new(0);
    let random = &mut |bytes: &mut [u8]| bytes.fill_with(|| next.replace(next.get() + 1));
    let token = self_signed_host(host, "muddy-sky-6234", 1_795_361_164, random).unwrap();
    let claims: Claims<Host> = Claims::verify(&token).unwrap();
    assert_eq!((claims.subject, claims.issued_at, claims.expires), (host, 1_795_361_164, None));
    let Some(document) = document("secrets.json") else { return };
    let recorded = &document["steps"][1]["backend"][1]["request"]["context"]["host_jwt_claims"];
    let ours = serde_json::to_value(&claims).unwrap();
    for field in ["iat", "wascap", "wascap_revision"] {
        assert_eq!(ours[field], recorded[field]);
    }
    let fields = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(fields(&ours), fields(recorded));
    assert!(self_signed_host(key(KeyKind::Module, 1).public(), "x", 0, random).is_err());
}
