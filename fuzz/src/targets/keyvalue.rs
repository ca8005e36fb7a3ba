//! The in-memory keyvalue: whatever the parameters, it answers or refuses, holds no more than it may, and what was set
//! is got.

use arbitrary::{Result, Unstructured};
use trellis_lattice::MemoryKeyValue;
use trellis_wrpc::Write;

use crate::heap;

const FUNCTIONS: [(&str, &str); 10] = [
    ("wrpc:keyvalue/store@0.2.0-draft", "get"),
    ("wrpc:keyvalue/store@0.2.0-draft", "set"),
    ("wrpc:keyvalue/store@0.2.0-draft", "delete"),
    ("wrpc:keyvalue/store@0.2.0-draft", "exists"),
    ("wrpc:keyvalue/store@0.2.0-draft", "list-keys"),
    ("wrpc:keyvalue/atomics@0.2.0-draft", "increment"),
    ("wrpc:keyvalue/batch@0.2.0-draft", "get-many"),
    ("wrpc:keyvalue/batch@0.2.0-draft", "set-many"),
    ("wrpc:keyvalue/batch@0.2.0-draft", "delete-many"),
    ("wrpc:keyvalue/none@0.2.0-draft", "none"),
];

/// How many bytes it may hold.
const MOST: usize = 4096;

pub(super) fn run(data: &[u8]) {
    let _ = heap::within((1 << 20) + 200 * data.len(), || play(&mut Unstructured::new(data)));
}

fn play(u: &mut Unstructured<'_>) -> Result<()> {
    let mut store = MemoryKeyValue::new(MOST);
    let mut out = Vec::new();
    while !u.is_empty() {
        let (instance, function) = *u.choose(&FUNCTIONS)?;
        let params = params(u)?;
        out.truncate(1);
        let before = out.clone();
        if store.call(instance, function, &params, &mut out).is_err() {
            assert_eq!(out, before, "a call that fails leaves no answer");
        }
        set_and_get(&mut store, u.choose::<&str>(&["", "a", "key"])?);
    }
    Ok(())
}

/// A few values, or something like values, one after the other.
fn params(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let mut params = Vec::new();
    if u.arbitrary()? {
        params.str(u.choose::<&str>(&["", "b", "bucket"])?);
        params.str(u.choose::<&str>(&["", "a", "key"])?);
    }
    for _ in 0..u.int_in_range(0..=3)? {
        match u.int_in_range(0..=3)? {
            0 => params.str(u.arbitrary()?),
            1 => params.bytes(u.arbitrary()?),
            2 => params.unsigned(u.arbitrary()?),
            _ => params.raw(&u.arbitrary::<[u8; 4]>()?),
        }
    }
    Ok(params)
}

fn set_and_get(store: &mut MemoryKeyValue, key: &str) {
    let (mut set, mut out) = (Vec::new(), Vec::new());
    set.str("bucket");
    set.str(key);
    let get = set.clone();
    set.bytes(b"value");
    store.call(FUNCTIONS[1].0, "set", &set, &mut out).expect("a call that is well-formed is answered");
    if out == [0] {
        out.clear();
        store.call(FUNCTIONS[0].0, "get", &get, &mut out).expect("a call that is well-formed is answered");
        assert_eq!(out, b"\0\x01\x05value", "what was set is got");
    }
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    (1..20_u8).map(|step| (0..250_u8).map(|i| i.wrapping_mul(step)).collect()).collect()
}
