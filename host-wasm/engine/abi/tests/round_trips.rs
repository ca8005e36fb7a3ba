//! Any value of any type goes through a guest unchanged, and lies there as the specification says.

#[path = "../../../wrpc/tests/support/notation.rs"]
mod notation;
#[path = "support/reference.rs"]
mod reference;
#[path = "support/strategies.rs"]
mod strategies;
mod support;
#[path = "../../../wrpc/tests/support/mod.rs"]
mod vectors;

use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use support::{HEAP, Latin1OrUtf16, Mock, Utf8, Utf16, abi, function};
use trellis_plan::{CoreType, StringEncoding};
use trellis_wrpc::{Reader, Type as Shape, Value};

/// Sends a value through a guest as parameters and as a result, and looks at it there.
fn travel(ty: &Shape, value: &Value, bytes: &[u8], encoding: StringEncoding) {
    let shapes = [Shape::U8, ty.clone(), Shape::Bool];
    let (types, f) = function(&shapes, Some(ty));
    let guest = Mock::new(1 << 20);
    let abi = abi(&types, encoding, &guest);

    let params = [&[7], bytes, &[1]].concat();
    let (mut flat, mut lifted) = (Vec::new(), Vec::new());
    abi.lower_params(&f, &mut Reader::new(&params), &mut flat).unwrap();
    assert_eq!(flat.len(), f.lift.params.len());
    for (value, core) in flat.iter().zip(&f.lift.params) {
        assert!(matches!(core, CoreType::I64 | CoreType::F64) || *value <= u32::MAX.into());
    }
    abi.lift_params(&f, &flat, &mut lifted).unwrap();
    assert_eq!(lifted, params);
    if f.params_spilled {
        let there = reference::load(&guest.memory.borrow(), flat[0] as usize, &Shape::Tuple(shapes.into()), encoding);
        assert_eq!(there, Value::Tuple(vec![Value::Unsigned(7), value.clone(), Value::Bool(true)]));
    }

    let area = HEAP / 2;
    lifted.clear();
    let result = abi.lower_result(&f, &mut Reader::new(bytes), &[area.into()]).unwrap();
    if f.result_spilled {
        assert_eq!(&reference::load(&guest.memory.borrow(), area as usize, ty, encoding), value);
    }
    abi.lift_result(&f, if f.result_spilled { area.into() } else { result }, &mut lifted).unwrap();
    assert_eq!(lifted, bytes);
}

fn travel_any(encoding: StringEncoding) {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[encoding as u8; 32]);
    let config = Config { cases: 600, failure_persistence: None, ..Config::default() };
    let run = TestRunner::new_with_rng(config, rng).run(&strategies::typed_value(), |(ty, value)| {
        let mut bytes = Vec::new();
        value.encode(&ty, &mut bytes).unwrap();
        travel(&ty, &value, &bytes, encoding);
        Ok(())
    });
    run.unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn any_value_travels_in_utf8() {
    travel_any(Utf8);
}

#[test]
fn any_value_travels_in_utf16() {
    travel_any(Utf16);
}

#[test]
fn any_value_travels_in_latin1_or_utf16() {
    travel_any(Latin1OrUtf16);
}

#[test]
fn recorded_values_travel() {
    for line in vectors::vectors("values.jsonl") {
        let named = notation::parse(line["type"].as_str().unwrap());
        if matches!(named.ty, Shape::Flags(33..)) {
            continue; // Components have at most 32 flags.
        }
        let value = notation::value(&named, &line["value"]);
        let mut bytes = vectors::unhex(line["hex"].as_str().unwrap());
        if let Shape::Flags(count) = named.ty {
            bytes.truncate(count.div_ceil(8) as usize);
        }
        for encoding in [Utf8, Utf16, Latin1OrUtf16] {
            travel(&named.ty, &value, &bytes, encoding);
        }
    }
}
