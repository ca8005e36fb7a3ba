//! The in-memory key-value provider: the bytes of section 8.3, its bounds, and a naive model under random use.

#[path = "../../wrpc/tests/support/mod.rs"]
mod support;

use std::collections::BTreeMap;

use support::Random;
use trellis_error::Kind;
use trellis_lattice::MemoryKeyValue;
use trellis_wrpc::{Reader, Type, Value, Write};

const STORE: &str = "wrpc:keyvalue/store@0.2.0-draft";
const ATOMICS: &str = "wrpc:keyvalue/atomics@0.2.0-draft";
const BATCH: &str = "wrpc:keyvalue/batch@0.2.0-draft";

fn provider() -> MemoryKeyValue {
    MemoryKeyValue::new(1 << 20)
}

fn call(provider: &mut MemoryKeyValue, instance: &str, function: &str, params: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.str("default");
    params(&mut bytes);
    let mut out = Vec::new();
    provider.call(instance, function, &bytes, &mut out).unwrap();
    out
}

fn set(provider: &mut MemoryKeyValue, key: &str, value: &[u8]) -> Vec<u8> {
    call(provider, STORE, "set", |params| {
        params.str(key);
        params.bytes(value);
    })
}

fn get(provider: &mut MemoryKeyValue, key: &str) -> Vec<u8> {
    call(provider, STORE, "get", |params| params.str(key))
}

fn increment(provider: &mut MemoryKeyValue, key: &str, delta: u64) -> Vec<u8> {
    call(provider, ATOMICS, "increment", |params| {
        params.str(key);
        params.unsigned(delta);
    })
}

fn list(provider: &mut MemoryKeyValue, cursor: Option<u64>) -> (Vec<String>, Option<u64>) {
    let out = call(provider, STORE, "list-keys", |params| params.option(cursor, |params, v| params.unsigned(v)));
    let mut reader = Reader::new(&out);
    assert!(!reader.bool().unwrap());
    let keys = reader.list(|reader| reader.str().map(str::to_owned)).unwrap();
    let cursor = reader.option(Reader::u64).unwrap();
    reader.finish().unwrap();
    (keys, cursor)
}

/// The message where the answer is `err(other(message))`.
fn refusal(out: &[u8]) -> Option<String> {
    let error = Type::Variant(vec![None, None, Some(Type::String)]);
    match Value::decode(&Type::result(None, Some(error)), &mut Reader::new(out)) {
        Ok(Value::Result(Err(Some(error)))) => match *error {
            Value::Case(2, Some(text)) => match *text {
                Value::String(text) => Some(text),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

#[test]
fn the_bytes_are_those_of_the_protocol() {
    let kv = &mut provider();
    set(kv, "k", &[1, 2]);
    let params = [0x07, 0x64, 0x65, 0x66, 0x61, 0x75, 0x6c, 0x74, 0x01, 0x6b];
    let mut out = Vec::new();
    kv.call(STORE, "get", &params, &mut out).unwrap();
    assert_eq!(out, [0, 1, 2, 1, 2]);
    let kv = &mut provider();
    set(kv, "a", &[9]);
    let out = call(kv, BATCH, "get-many", |params| params.raw(&[2, 1, b'a', 2, b'z', b'z']));
    assert_eq!(out, [0x00, 0x02, 0x01, 0x01, 0x61, 0x01, 0x09, 0x00]);
}

#[test]
fn store_gets_sets_deletes_and_tells() {
    let kv = &mut provider();
    let exists = |kv: &mut MemoryKeyValue| call(kv, STORE, "exists", |params| params.str("k"));
    assert_eq!(get(kv, "k"), [0, 0]);
    assert_eq!(exists(kv), [0, 0]);
    assert_eq!(set(kv, "k", b"old"), [0]);
    assert_eq!(set(kv, "k", b""), [0]);
    assert_eq!(get(kv, "k"), [0, 1, 0]);
    assert_eq!(set(kv, "k", b"longer"), [0]);
    assert_eq!(kv.get("default", "k"), Some(&b"longer"[..]));
    assert_eq!(exists(kv), [0, 1]);
    assert_eq!(kv.get("other", "k"), None);
    for _ in 0..2 {
        assert_eq!(call(kv, STORE, "delete", |params| params.str("k")), [0]);
        assert_eq!(exists(kv), [0, 0]);
    }
}

#[test]
fn increment_counts_in_decimal_text() {
    let kv = &mut provider();
    assert_eq!(increment(kv, "n", 300), [0, 0xac, 0x02]);
    assert_eq!(increment(kv, "n", 1), [0, 0xad, 0x02]);
    assert_eq!(kv.get("default", "n"), Some(&b"301"[..]));
    set(kv, "n", b"41\n");
    assert_eq!(increment(kv, "n", 1), [0, 42]);
    set(kv, "n", b"x");
    assert!(refusal(&increment(kv, "n", 1)).unwrap().contains("not a number"));
    set(kv, "n", u64::MAX.to_string().as_bytes());
    assert!(refusal(&increment(kv, "n", 1)).unwrap().contains("overflows"));
    assert_eq!(kv.get("default", "n"), Some(u64::MAX.to_string().as_bytes()));
}

#[test]
fn batch_works_on_many_keys() {
    let kv = &mut provider();
    let pairs: [(&str, &[u8]); 2] = [("a", b"1"), ("b", b"")];
    let out = call(kv, BATCH, "set-many", |params| {
        params.unsigned(2);
        for (key, value) in pairs {
            params.str(key);
            params.bytes(value);
        }
    });
    assert_eq!(out, [0]);
    assert_eq!((kv.get("default", "a"), kv.get("default", "b")), (Some(&b"1"[..]), Some(&b""[..])));
    assert_eq!(call(kv, BATCH, "delete-many", |params| params.raw(&[2, 1, b'a', 1, b'q'])), [0]);
    assert_eq!(kv.get("default", "a"), None);
}

#[test]
fn listing_goes_on_where_it_was_although_keys_come_and_go() {
    let kv = &mut provider();
    for i in 0..2500 {
        set(kv, &format!("k{i}"), b"");
    }
    let (first, cursor) = list(kv, None);
    for i in 0..1500 {
        call(kv, STORE, "delete", |params| params.str(&format!("k{i}")));
    }
    set(kv, "late", b"");
    let (second, next) = list(kv, cursor);
    let (third, end) = list(kv, next);
    assert_eq!((first.len(), second.len(), third.len(), end), (1000, 1000, 1, None));
    let kept: Vec<String> = (1500..2500).map(|i| format!("k{i}")).collect();
    assert_eq!((second, third), (kept, vec!["late".to_owned()]));
    assert_eq!(list(kv, Some(u64::MAX)), (vec![], None));
}

#[test]
fn what_is_stored_is_bounded() {
    let kv = &mut MemoryKeyValue::new(1000);
    assert_eq!(set(kv, "a", &[0; 500]), [0]);
    let full = set(kv, "b", &[0; 500]);
    assert!(refusal(&full).unwrap().contains("full"), "{full:?}");
    assert_eq!(get(kv, "b"), [0, 0]);
    // What was given back can be used again, for ever.
    for i in 0..1000 {
        let key = format!("k{}", i % 2);
        assert_eq!(set(kv, &key, &vec![0; i % 150]), [0]);
        assert_eq!(call(kv, STORE, "delete", |params| params.str(&key)), [0]);
    }
    for (key, len) in [("a", 700), ("a", 0), ("b", 600), ("b", 1), ("a", 700)] {
        assert_eq!(set(kv, key, &vec![0; len]), [0], "{key} {len}");
    }
    // Names of buckets count too.
    let mut refused = 0;
    for i in 0..100 {
        let mut params = Vec::new();
        params.str(&format!("bucket-{i}"));
        params.raw(&[1, b'k', 0]);
        let mut out = Vec::new();
        kv.call(STORE, "set", &params, &mut out).unwrap();
        refused += refusal(&out).is_some() as u32;
    }
    assert!(refused > 90, "{refused}");
}

#[test]
fn an_answer_is_bounded_however_often_a_key_is_named() {
    let kv = &mut MemoryKeyValue::new(4 << 20);
    set(kv, "a", &vec![0; 1 << 20]);
    let out = call(kv, BATCH, "get-many", |params| {
        params.unsigned(1000);
        (0..1000).for_each(|_| params.str("a"));
    });
    assert!(refusal(&out).is_some());
}

#[test]
fn wrong_calls_fail_and_leave_the_answer_alone() {
    let kv = &mut provider();
    let mut out = vec![7];
    let mut params = Vec::new();
    params.str("default");
    params.str("k");
    for (instance, function) in [
        (STORE, "open"),
        (STORE, "increment"),
        (ATOMICS, "get"),
        ("wrpc:keyvalue/store@0.2.0", "get"),
        ("wasi:keyvalue/store@0.2.0-draft", "get"),
        ("", ""),
    ] {
        assert_eq!(kv.call(instance, function, &params, &mut out).unwrap_err().kind(), Kind::NotFound, "{instance}");
    }
    for cut in 0..params.len() {
        assert_eq!(kv.call(STORE, "get", &params[..cut], &mut out).unwrap_err().kind(), Kind::Decode);
    }
    assert_eq!(out, [7]);
}

#[test]
fn random_parameters_never_panic() {
    let random = &mut Random::new(0x5eed);
    let kv = &mut MemoryKeyValue::new(4096);
    let functions = ["get", "set", "delete", "exists", "list-keys", "increment", "get-many", "set-many", "delete-many"];
    for _ in 0..50_000 {
        let mut params: Vec<u8> = (0..random.below(12)).map(|_| random.below(6) as u8).collect();
        params.extend((0..random.below(3)).map(|_| random.next() as u8));
        let instance = random.of(&[STORE, ATOMICS, BATCH]);
        let _ = kv.call(instance, random.of(&functions), &params, &mut Vec::new());
    }
}

#[test]
fn the_store_equals_a_map_under_random_use() {
    let random = &mut Random::new(0xabcd);
    let kv = &mut provider();
    let mut model: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for _ in 0..20_000 {
        let key = format!("k{}", random.below(50));
        match random.below(3) {
            0 => {
                let value = vec![1; random.below(40) as usize];
                assert_eq!(set(kv, &key, &value), [0]);
                model.insert(key, value);
            }
            1 => {
                call(kv, STORE, "delete", |params| params.str(&key));
                model.remove(&key);
            }
            _ => assert_eq!(kv.get("default", &key), model.get(&key).map(Vec::as_slice)),
        }
    }
    let (mut keys, _) = list(kv, None);
    keys.sort();
    assert_eq!(keys, model.into_keys().collect::<Vec<_>>());
}
