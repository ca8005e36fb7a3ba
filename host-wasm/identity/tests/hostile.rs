//! Whatever a stranger sends: an error, never a panic, and never more trust than was given.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::Value;
use sha2::{Digest, Sha256};
use trellis_error::Kind;
use trellis_identity::claims::{Component, Host};
use trellis_identity::policy::Policy;
use trellis_identity::secrets::{Context, Reference, Request};
use trellis_identity::{
    Claims, KeyKind, KeyPair, Labels, PublicKey, Trust, XKeyPair, parse_label, self_signed_host, signed,
};

fn run<S: Strategy>(seed: u8, cases: u32, strategy: S, test: impl Fn(S::Value)) {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let run = TestRunner::new_with_rng(config, rng).run(&strategy, |value| {
        test(value);
        Ok(())
    });
    run.unwrap_or_else(|failure| panic!("{failure}"));
}

/// Some edits of bytes: where, how many go, and what comes in their place.
fn edits() -> impl Strategy<Value = Vec<(usize, usize, Vec<u8>)>> {
    vec((any::<usize>(), 0..3usize, vec(any::<u8>(), 0..3)), 1..4)
}

fn edited(bytes: &[u8], edits: &[(usize, usize, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for (at, gone, new) in edits {
        let at = at % (bytes.len() + 1);
        bytes.splice(at..(at + gone).min(bytes.len()), new.iter().copied());
    }
    bytes
}

/// JSON whose keys are those that readers know, so that it is often nearly right.
fn json_like() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-zA-Z0-9,._]{0,8}".prop_map(Value::from),
        Just(Value::from("CLAIMS_a")),
    ];
    let key = prop::sample::select(vec![
        "issuer",
        "iss",
        "subject",
        "sub",
        "revision",
        "rev",
        "name",
        "version",
        "tags",
        "call_alias",
        "config_schema",
        "secret",
        "error",
        "string_secret",
        "binary_secret",
        "requestId",
        "permitted",
        "message",
        "exp",
        "wascap",
    ]);
    leaf.prop_recursive(3, 40, 12, move |inner| {
        let object = btree_map(key.clone().prop_map(str::to_owned), inner.clone(), 0..12);
        prop_oneof![
            1 => vec(inner, 0..4).prop_map(Value::from),
            4 => object.prop_map(|object| object.into_iter().collect()),
        ]
    })
}

fn payload() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![1 => vec(any::<u8>(), 0..60), 4 => json_like().prop_map(|value| value.to_string().into_bytes())]
}

#[test]
fn a_text_is_a_key_only_if_it_is_the_text_of_that_key() {
    let text = prop_oneof![
        "\\PC{0,70}",
        "[A-Z2-7]{56}",
        "[A-Z2-7]{58}",
        (any::<[u8; 32]>(), edits()).prop_map(|(seed, edits)| {
            let seed = KeyPair::from_bytes(KeyKind::User, &seed).unwrap().seed();
            String::from_utf8_lossy(&edited(seed.as_bytes(), &edits)).into_owned()
        }),
    ];
    run(1, 1500, text, |text| {
        if let Ok(key) = text.parse::<PublicKey>() {
            assert_eq!(key.to_string(), text);
        }
        if let Ok(key) = KeyPair::from_seed(&text) {
            assert_eq!(key.seed(), text);
        }
        if let Ok(key) = XKeyPair::from_seed(&text) {
            assert_eq!(key.seed(), text);
        }
    });
}

#[test]
fn any_key_verifies_and_opens_without_panics() {
    let text = |bytes: &[u8; 32]| XKeyPair::from_bytes(*bytes).public();
    run(2, 100, (any::<[u8; 32]>(), vec(any::<u8>(), 0..80)), |(bytes, message)| {
        let pair = XKeyPair::from_bytes(bytes);
        assert!(pair.open(&message, &text(&bytes)).is_err());
        assert!(pair.open(&[b"xkv1", &message[..]].concat(), &text(&bytes)).is_err());
        let public = KeyPair::from_bytes(KeyKind::Account, &bytes).unwrap().public();
        assert!(public.verify(&message, &message).is_err());
        assert!(public.verify(b"", &[&bytes[..], &bytes].concat()).is_err());
    });
}

fn account() -> KeyPair {
    KeyPair::from_bytes(KeyKind::Account, &[1; 32]).unwrap()
}

fn claims() -> Claims<Component> {
    Claims {
        expires: None,
        id: "1".to_owned(),
        issued_at: 1,
        issuer: account().public(),
        subject: KeyPair::from_bytes(KeyKind::Module, &[2; 32]).unwrap().public(),
        not_before: None,
        metadata: Component::default(),
        revision: 3,
    }
}

/// A token of this body, by the account.
fn token_of(body: &Value) -> String {
    // Claims of another shape cannot be signed with what the crate offers, so the body of a good token is replaced.
    let token = claims().sign(&account()).unwrap();
    let [header, _, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!() };
    format!("{header}.{}.{signature}", base64url(body.to_string().as_bytes()))
}

fn base64url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let symbols = |chunk: &[u8]| {
        let bits = chunk.iter().enumerate().fold(0u32, |bits, (at, byte)| bits | u32::from(*byte) << (16 - 8 * at));
        let symbol = move |at| char::from(ALPHABET[(bits >> (18 - 6 * at)) as usize & 63]);
        (0..=chunk.len()).map(symbol).collect::<String>()
    };
    bytes.chunks(3).map(symbols).collect()
}

#[test]
fn only_the_token_that_was_signed_is_taken() {
    let good = claims().sign(&account()).unwrap();
    assert!(Claims::<Component>::verify(&good).is_ok());
    run(3, 500, edits(), |edits| {
        let altered = String::from_utf8_lossy(&edited(good.as_bytes(), &edits)).into_owned();
        assert_eq!(Claims::<Component>::verify(&altered).is_ok(), altered == good);
    });
    run(4, 300, json_like(), |body| {
        assert!(Claims::<Component>::verify(&token_of(&body)).is_err());
        assert!(Claims::<Host>::verify(&token_of(&body)).is_err());
    });
    let long = format!("{}.x", "A".repeat(1 << 17));
    assert_eq!(Claims::<Host>::verify(&long).unwrap_err().kind(), Kind::Limit);
}

const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";
const MODULE: &[u8] = b"\0asm\x01\0\0\0";

/// A section with its length in two bytes.
fn section(id: u8, content: &[u8]) -> Vec<u8> {
    let length = [content.len() as u8 & 0x7f | 0x80, (content.len() >> 7) as u8];
    [&[id], &length[..], content].concat()
}

/// A section with its length in one byte, as the hash has it.
fn anew(id: u8, content: &[u8]) -> Vec<u8> {
    [&[id, content.len() as u8], content].concat()
}

/// A component in a component, with a module and an old token inside, its sections made by `section`.
fn nested(section: fn(u8, &[u8]) -> Vec<u8>, old_token: &[u8]) -> Vec<u8> {
    let module = [MODULE, old_token, &section(1, b"\0")].concat();
    let inner = [COMPONENT, &section(1, &module)].concat();
    [COMPONENT, &section(4, &inner)].concat()
}

fn with_token(bytes: &[u8], claims: &Claims<Component>) -> Vec<u8> {
    let token = claims.sign(&account()).unwrap();
    [bytes, &section(0, &[b"\x0dwasmcloud_jwt", token.as_bytes()].concat())].concat()
}

#[test]
fn the_sections_of_anything_are_read_without_panics() {
    let hash: String = Sha256::digest(nested(anew, b"")).iter().map(|byte| format!("{byte:02X}")).collect();
    let claims = Claims { metadata: Component { hash, ..Component::default() }, ..claims() };
    let whole = with_token(&nested(section, &section(0, b"\x03jwtx")), &claims);
    let trust = Trust::Issuers(vec![account().public()]);
    assert_eq!(signed(&whole, &trust, 0).unwrap().unwrap().claims, claims);
    run(5, 1000, edits(), |edits| {
        if let Ok(found) = signed(&edited(&whole, &edits), &trust, 0) {
            assert_eq!(found.unwrap().claims, claims);
        }
    });
    run(6, 2000, vec(any::<u8>(), 0..40), |bytes| {
        let component = [COMPONENT, &bytes].concat();
        assert!(!matches!(signed(&component, &Trust::Anyone, 0), Ok(Some(_))));
        assert!(signed(&bytes, &trust, 0).is_err());
    });
}

#[test]
fn what_is_nested_too_deep_is_refused() {
    let nested = |depth: usize| {
        let inside = |bytes: Vec<u8>, _| [COMPONENT, &section(4, &bytes)].concat();
        let bytes = (0..depth).fold(COMPONENT.to_vec(), inside);
        signed(&with_token(&bytes, &claims()), &Trust::Anyone, 0).unwrap_err().kind()
    };
    assert_eq!((nested(64), nested(65), nested(1000)), (Kind::Denied, Kind::Limit, Kind::Limit));
}

#[test]
fn messages_of_anybody_are_read_without_panics() {
    let server = XKeyPair::from_bytes([1; 32]);
    let entries = ["type", "name", "backend", "key"].map(|key| {
        let value = if key == "type" { "secret.wasmcloud.dev/v1alpha1" } else { "x" };
        (key.to_owned(), value.to_owned())
    });
    let reference = Reference::parse("SECRET", &entries.into()).unwrap();
    let context = Context { entity_jwt: Some("e"), host_jwt: "h", application: None };
    let request = Request::new("t", &reference, context, &server.public(), &mut |bytes| bytes.fill(1)).unwrap();
    let reader = request.header.1.parse().unwrap();
    run(7, 1000, payload(), |payload| {
        let _any = Policy::default().change(&payload);
        assert!(request.pending.open(None, &payload).is_err());
        assert!(request.pending.open(Some(&server.public().to_string()), &payload).is_err());
    });
    run(8, 100, payload(), |payload| {
        let sealed = server.seal(&payload, &reader, &mut |nonce| nonce.fill(2)).unwrap();
        let _any = request.pending.open(Some(&server.public().to_string()), &sealed);
    });
}

#[test]
fn references_and_labels_of_anybody_are_read_without_panics() {
    let key = prop::sample::select(vec!["type", "name", "backend", "key", "policy", "version"]);
    let value = prop_oneof![Just("secret.wasmcloud.dev/v1alpha1".to_owned()), "\\PC{0,10}"];
    run(9, 2000, btree_map(key.prop_map(str::to_owned), value, 0..7), |entries: BTreeMap<String, String>| {
        if let Ok(reference) = Reference::parse("SECRET", &entries) {
            assert!(!reference.backend.contains(['.', ' ', '*', '>']));
        }
    });
    run(10, 2000, ("\\PC{0,20}", "\\PC{0,20}"), |(key, value)| {
        let mut labels = Labels::new("wasm32", "browser", "wasm");
        if labels.put(&key, &value).is_ok() {
            assert_eq!(labels.as_map()[&key], value);
        }
        let _any = parse_label(&key);
    });
    let host = KeyPair::from_bytes(KeyKind::Server, &[1; 32]).unwrap().public();
    let long = self_signed_host(host, &"x".repeat(100_000), 0, &mut |_| {});
    assert_eq!(long.unwrap_err().kind(), Kind::Limit, "nobody could read it");
}
