//! The recorded keys, signatures and sealed boxes, `lattice-v1/vectors/nkeys.json`.

#[path = "../../wrpc/tests/support/mod.rs"]
mod support;

use serde_json::Value;
use support::{Random, document, unhex};
use trellis_identity::{KeyError, KeyKind, KeyPair, PublicKey, XKeyPair};

fn list(document: &Value, name: &str) -> Vec<Value> {
    document[name].as_array().expect("a list").clone()
}

fn text<'a>(object: &'a Value, name: &str) -> &'a str {
    object[name].as_str().expect("a text")
}

fn raw_seed(key: &Value) -> [u8; 32] {
    match text(key, "raw_seed") {
        "1..32" => std::array::from_fn(|at| at as u8 + 1),
        "zeros" => [0; 32],
        "ff" => [0xff; 32],
        other => panic!("{other}"),
    }
}

#[test]
fn keys_are_those_of_their_seeds() {
    let Some(document) = document("nkeys.json") else { return };
    for key in list(&document, "keys") {
        let (seed, public): (_, PublicKey) = (text(&key, "seed"), text(&key, "public").parse().unwrap());
        assert_eq!(public.to_string(), text(&key, "public"));
        assert_eq!(public.kind().to_string(), text(&key, "kind"));
        if public.kind() == KeyKind::Curve {
            let pair = XKeyPair::from_seed(seed).unwrap();
            assert_eq!((pair.public(), pair.seed().as_str()), (public, seed));
            assert_eq!(XKeyPair::from_bytes(raw_seed(&key)).public(), public);
            continue;
        }
        let pair = KeyPair::from_seed(seed).unwrap();
        assert_eq!((pair.public(), pair.seed().as_str()), (public, seed));
        assert_eq!(KeyPair::from_bytes(public.kind(), &raw_seed(&key)).unwrap().public(), public);
        let (message, signature) = (text(&key, "message_utf8").as_bytes(), unhex(text(&key, "signature_hex")));
        assert_eq!(pair.sign(message).to_vec(), signature);
        assert_eq!(public.verify(message, &signature), Ok(()));
        assert_eq!(public.verify(b"another", &signature), Err(KeyError::Signature));
        assert_eq!(public.verify(message, &signature[1..]), Err(KeyError::Signature));
    }
}

#[test]
fn boxes_open_for_their_reader_and_nobody_else() {
    let Some(document) = document("nkeys.json") else { return };
    for sealed in list(&document, "sealed") {
        let key = |name| XKeyPair::from_seed(text(&sealed, name)).unwrap();
        let (sender, recipient) = (key("sender_seed"), key("recipient_seed"));
        assert_eq!(sender.public().to_string(), text(&sealed, "sender_public"));
        assert_eq!(recipient.public().to_string(), text(&sealed, "recipient_public"));
        let (plain, bytes) = (text(&sealed, "plain").as_bytes(), unhex(text(&sealed, "sealed_hex")));
        assert_eq!(recipient.open(&bytes, &sender.public()).unwrap(), plain);
        // With the recorded nonce, sealing gives the recorded box.
        let nonce = &mut |buffer: &mut [u8]| buffer.copy_from_slice(&bytes[4..28]);
        assert_eq!(sender.seal(plain, &recipient.public(), nonce).unwrap(), bytes);
        let stranger = XKeyPair::from_bytes([3; 32]);
        assert!(stranger.open(&bytes, &sender.public()).is_err());
        for at in 0..bytes.len() {
            let mut altered = bytes.clone();
            altered[at] ^= 1;
            assert_eq!(recipient.open(&altered, &sender.public()).unwrap_err().code(), "decode", "{at}");
            assert!(recipient.open(&bytes[..at], &sender.public()).is_err(), "{at}");
        }
    }
}

/// The error of ours that the recorded one of the nkeys crate is.
fn expected(recorded: &str, length: usize) -> KeyError {
    let last = recorded.rsplit(' ').next().and_then(|it| it.parse().ok());
    match (recorded, last) {
        ("Checksum match failure: Checksum mismatch", _) => KeyError::Checksum,
        (text, Some(at)) if text.contains("invalid symbol at") => KeyError::Symbol(at),
        (text, Some(at)) if text.contains("non-zero trailing bits at") => KeyError::TrailingBits(at),
        (text, Some(found)) if text.contains("Bad ") => KeyError::Length { found, expected: length },
        other => panic!("{other:?}"),
    }
}

#[test]
fn invalid_keys_are_refused_for_the_recorded_reason() {
    let Some(document) = document("nkeys.json") else { return };
    for key in list(&document, "invalid_public") {
        let error = text(&key, "public").parse::<PublicKey>().unwrap_err();
        assert_eq!(error, expected(text(&key, "nkeys_error"), 56), "{key}");
    }
    for key in list(&document, "invalid_seed") {
        let error = KeyPair::from_seed(text(&key, "seed")).unwrap_err();
        assert_eq!(error, expected(text(&key, "nkeys_error"), 58), "{key}");
        assert_eq!(XKeyPair::from_seed(text(&key, "seed")).unwrap_err(), error);
    }
}

#[test]
fn what_was_sealed_opens_again() {
    let mut random = Random::new(7);
    for _ in 0..50 {
        let fill = &mut |buffer: &mut [u8]| buffer.fill_with(|| random.next() as u8);
        let (sender, recipient) = (XKeyPair::generate(fill), XKeyPair::generate(fill));
        let mut plain = [0; 100];
        fill(&mut plain);
        let sealed = sender.seal(&plain, &recipient.public(), fill).unwrap();
        assert_eq!(recipient.open(&sealed, &sender.public()).unwrap(), plain);
        let signer = KeyPair::generate(KeyKind::Server, fill).unwrap();
        assert_eq!(signer.public().verify(&plain, &signer.sign(&plain)), Ok(()));
        assert_eq!(KeyPair::from_seed(&signer.seed()).unwrap().public(), signer.public());
    }
}

#[test]
fn a_key_does_only_what_its_kind_does() {
    let (signer, curve) = (KeyPair::from_bytes(KeyKind::Server, &[1; 32]).unwrap(), XKeyPair::from_bytes([1; 32]));
    let found = |kind| move |error| matches!(error, KeyError::Kind { found, .. } if found == kind);
    assert!(KeyPair::from_seed(&curve.seed()).is_err_and(found(KeyKind::Curve)));
    assert!(XKeyPair::from_seed(&signer.seed()).is_err_and(found(KeyKind::Server)));
    assert!(KeyPair::generate(KeyKind::Curve, &mut |_| {}).is_err_and(found(KeyKind::Curve)));
    assert!(curve.public().verify(b"", &[0; 64]).is_err_and(found(KeyKind::Curve)));
    assert_eq!(curve.seal(b"", &signer.public(), &mut |_| {}).unwrap_err().code(), "invalid-argument");
    let shown = format!("{signer:?} {curve:?}");
    assert!(!shown.contains(&signer.seed()) && !shown.contains(&curve.seed()), "{shown}");
}
