//! The recorded value encodings, `lattice-v1/vectors/{values,decode,decode-host}.jsonl`.

#[path = "support/notation.rs"]
mod notation;
mod support;

use notation::{Named, parse, value};
use support::{unhex, vectors};
use trellis_error::Result;
use trellis_wrpc::{Reader, Type, Value};

fn encode(value: &Value, ty: &Type) -> Vec<u8> {
    let mut bytes = Vec::new();
    value.encode(ty, &mut bytes).unwrap();
    bytes
}

fn decode(ty: &Type, bytes: &[u8]) -> Result<(Value, usize)> {
    let mut reader = Reader::new(bytes);
    Value::decode(ty, &mut reader).map(|value| (value, reader.rest().len()))
}

/// Generated Rust code writes flags as their whole backing integer; everybody reads, and we write, `ceil(n/8)` bytes.
fn surplus(ty: &Type) -> usize {
    let Type::Flags(count) = ty else { return 0 };
    let bytes = count.div_ceil(8) as usize;
    bytes.next_power_of_two() - bytes
}

#[test]
fn values_are_encoded_as_recorded_and_decoded_back() {
    for line in vectors("values.jsonl") {
        let Named { ty, .. } = &parse(line["type"].as_str().unwrap());
        let value = value(&parse(line["type"].as_str().unwrap()), &line["value"]);
        let recorded = unhex(line["hex"].as_str().unwrap());
        let canonical = &recorded[..recorded.len() - surplus(ty)];
        assert_eq!(encode(&value, ty), canonical, "{line}");
        assert_eq!(decode(ty, &recorded).unwrap(), (value, surplus(ty)), "{line}");
    }
}

#[test]
fn both_generations_of_integers_are_decoded() {
    for line in vectors("decode.jsonl") {
        let named = parse(line["type"].as_str().unwrap());
        let bytes = unhex(line["hex"].as_str().unwrap());
        let decoded = decode(&named.ty, &bytes).ok();
        // Two differences on purpose: an over-long char is no UTF-8, and surplus flags are masked off.
        match (line["type"].as_str().unwrap(), line["hex"].as_str().unwrap()) {
            ("char", "c0af") => assert_eq!(decoded, None),
            ("flags9", "ffff") => assert_eq!(decoded, Some((Value::Flags(vec![0xff, 0x01]), 0))),
            ("flags17", "ffffff") => assert_eq!(decoded, Some((Value::Flags(vec![0xff, 0xff, 0x01]), 0))),
            _ => {
                let either = ["leb128-tokio 0.1.6", "leb128-tokio 0.1.8"].map(|library| &line[library]);
                let expected = either.into_iter().find(|outcome| outcome.get("ok").is_some());
                let expected = expected.map(|o| (value(&named, &o["ok"]), o["left"].as_u64().unwrap() as usize));
                assert_eq!(decoded, expected, "{line}");
            }
        }
    }
}

#[test]
fn what_a_real_host_echoed_decodes_to_the_same_value() {
    for line in vectors("decode-host.jsonl") {
        let name = line["fn"].as_str().unwrap().strip_prefix("e-").unwrap();
        let named = parse(&name.replace("fl", "flags").replace("opt-u32", "option<u32>"));
        let echoed = line["results_hex"].as_str().unwrap();
        let decoded = decode(&named.ty, &unhex(line["params_hex"].as_str().unwrap()));
        // An over-long char is no UTF-8; canonical signed numbers, which that host failed on, are decoded.
        if (name, echoed) == ("char", "2f") {
            assert!(decoded.is_err());
        } else if !echoed.is_empty() {
            assert_eq!(encode(&decoded.unwrap().0, &named.ty), unhex(echoed), "{line}");
        } else {
            assert_eq!(decoded.is_ok(), ["s16", "s32", "s64"].contains(&name), "{line}");
        }
    }
}
