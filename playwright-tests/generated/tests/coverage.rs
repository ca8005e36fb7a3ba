//! The usual cases have what they are for: a property test that has forgotten half of the types would pass, too.

use std::collections::HashSet;
use std::mem::{Discriminant, discriminant};

use trellis_generated::flat::{Core, flat, flat_all};
use trellis_generated::guest::Encoding;
use trellis_generated::{CASES, Case, SEED};
use trellis_wrpc::Type;

fn cases() -> Vec<Case> {
    (0..CASES).map(|number| Case::new(SEED, number).unwrap()).collect()
}

fn assert_often(what: &str, cases: &[Case], is: impl Fn(&Case) -> bool) {
    let times = cases.iter().filter(|case| is(case)).count();
    assert!(times >= 10, "{what}: {times} of {}", cases.len());
}

/// This type and those within it.
fn parts(ty: &Type) -> Vec<&Type> {
    let inner: Vec<&Type> = match ty {
        Type::List(item) | Type::FixedList(item, _) | Type::Option(item) => vec![item],
        Type::Tuple(fields) => fields.iter().collect(),
        Type::Variant(cases) => cases.iter().flatten().collect(),
        Type::Result(ok, err) => ok.iter().chain(err).map(|arm| &**arm).collect(),
        _ => Vec::new(),
    };
    std::iter::once(ty).chain(inner.into_iter().flat_map(parts)).collect()
}

fn types(case: &Case) -> Vec<&Type> {
    case.signature.params.iter().chain(&case.signature.result).flat_map(parts).collect()
}

#[test]
fn a_seed_means_the_same_cases() {
    let of = |seed| cases_in_json(seed);
    assert_eq!(of(7), of(7));
    assert_ne!(of(7), of(8));
}

fn cases_in_json(seed: u64) -> String {
    let cases: Vec<_> = (0..10).map(|number| Case::new(seed, number).unwrap()).collect();
    serde_json::to_string(&cases).unwrap() + &cases.iter().map(|case| case.text.as_str()).collect::<String>()
}

#[test]
fn every_type_occurs() {
    let cases = cases();
    let kinds: HashSet<Discriminant<Type>> = cases.iter().flat_map(types).map(discriminant).collect();
    assert_eq!(kinds.len(), 20);
    assert_often("32 flags", &cases, |case| types(case).contains(&&Type::Flags(32)));
    assert_often("records", &cases, |case| case.text.contains("(record"));
    assert_often("enums", &cases, |case| case.text.contains("(enum"));
    assert_often("wide discriminants", &cases, |case| {
        types(case).iter().any(|ty| matches!(ty, Type::Variant(cases) if cases.len() > 256))
    });
    assert_often("floats in slots of integers", &cases, |case| {
        let joins = |ty: &&Type| {
            matches!(ty, Type::Variant(cases) if cases.iter().flatten().any(|case| {
                matches!(case, Type::F32 | Type::F64) && matches!(flat(ty)[1], Core::I32 | Core::I64)
            }))
        };
        types(case).iter().any(joins)
    });
}

#[test]
fn every_way_of_passing_occurs() {
    let cases = cases();
    let params = |case: &Case| flat_all(&case.signature.params).len();
    let results = |case: &Case| case.signature.result.as_ref().map(|ty| flat(ty).len());
    assert_often("flat parameters", &cases, |case| (2..=16).contains(&params(case)));
    assert_often("spilled parameters", &cases, |case| params(case) > 16);
    assert_often("no parameters", &cases, |case| params(case) == 0);
    assert_often("a flat result", &cases, |case| results(case) == Some(1));
    assert_often("a spilled result", &cases, |case| results(case) > Some(1));
    assert_often("no result", &cases, |case| results(case).is_none());
}

#[test]
fn every_pair_of_encodings_occurs() {
    let chains: HashSet<Vec<&str>> =
        cases().iter().map(|case| case.guests.iter().map(|encoding| encoding.name()).collect()).collect();
    assert_eq!(chains.len(), Encoding::ALL.len() + Encoding::ALL.len().pow(2));
}

#[test]
fn extremes_occur() {
    let cases = cases();
    let calls = |case: &Case, is: fn(&str) -> bool| case.calls.iter().any(|call| is(&call.seen) || is(&call.results));
    assert_often("NaNs with a payload", &cases, |case| case.calls.iter().any(|call| call.params != call.seen));
    assert_often("the last character", &cases, |case| calls(case, |hex| hex.contains("f48fbfbf")));
    assert_often("values longer than a block", &cases, |case| calls(case, |hex| hex.len() > 2 * 16 * 1024));
}
