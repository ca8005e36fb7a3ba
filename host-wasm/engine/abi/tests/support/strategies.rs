//! Random types, and random values of them.
#![allow(dead_code, reason = "every test binary uses its own part")]

use proptest::collection::vec;
use proptest::prelude::*;
use trellis_wrpc::{Type as Shape, Value};

/// A type and a value of it.
pub fn typed_value() -> impl Strategy<Value = (Shape, Value)> {
    any_type().prop_flat_map(|ty| (Just(ty.clone()), value_of(&ty)))
}

/// Any type.
pub fn any_type() -> impl Strategy<Value = Shape> {
    use Shape::*;
    let plain = vec![Bool, S8, U8, S16, U16, S32, U32, S64, U64, F32, F64, Char, String, Handle];
    let leaf = prop_oneof![
        14 => proptest::sample::select(plain),
        1 => (1..=32u32).prop_map(Flags),
        1 => (1..700usize).prop_map(|cases| Variant(vec![None; cases])),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        let arm = proptest::option::of(inner.clone());
        prop_oneof![
            inner.clone().prop_map(Shape::list),
            (inner.clone(), 1..5u32).prop_map(|(item, count)| FixedList(Box::new(item), count)),
            vec(inner.clone(), 1..5).prop_map(Tuple),
            vec(arm.clone(), 1..5).prop_map(Variant),
            inner.prop_map(Shape::option),
            (arm.clone(), arm).prop_map(|(ok, err)| Shape::result(ok, err)),
        ]
    })
}

/// A value of `ty`.
fn value_of(ty: &Shape) -> BoxedStrategy<Value> {
    match ty {
        Shape::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        Shape::S8 => any::<i8>().prop_map(|v| Value::Signed(v.into())).boxed(),
        Shape::U8 => any::<u8>().prop_map(|v| Value::Unsigned(v.into())).boxed(),
        Shape::S16 => any::<i16>().prop_map(|v| Value::Signed(v.into())).boxed(),
        Shape::U16 => any::<u16>().prop_map(|v| Value::Unsigned(v.into())).boxed(),
        Shape::S32 => any::<i32>().prop_map(|v| Value::Signed(v.into())).boxed(),
        Shape::U32 => any::<u32>().prop_map(|v| Value::Unsigned(v.into())).boxed(),
        Shape::S64 => any::<i64>().prop_map(Value::Signed).boxed(),
        Shape::U64 => any::<u64>().prop_map(Value::Unsigned).boxed(),
        Shape::F32 => proptest::num::f32::ANY.prop_map(|v| Value::F32(canonical(v).to_bits())).boxed(),
        Shape::F64 => proptest::num::f64::ANY
            .prop_map(|v| Value::F64(if v.is_nan() { 0x7ff8 << 48 } else { v.to_bits() }))
            .boxed(),
        Shape::Char => any::<char>().prop_map(Value::Char).boxed(),
        Shape::String => {
            prop_oneof!["[ -~]{0,20}", "[\u{0}-\u{ff}]{0,20}", "\\PC{0,20}"].prop_map(Value::String).boxed()
        }
        Shape::List(item) | Shape::Stream(item) => vec(value_of(item), 0..6).prop_map(Value::List).boxed(),
        Shape::FixedList(item, count) => vec(value_of(item), *count as usize).prop_map(Value::List).boxed(),
        Shape::Tuple(fields) => fields.iter().map(value_of).collect::<Vec<_>>().prop_map(Value::Tuple).boxed(),
        Shape::Variant(cases) => {
            let cases = cases.clone();
            (0..cases.len()).prop_flat_map(move |case| arm(cases[case].as_ref(), case as u32)).boxed()
        }
        Shape::Option(some) | Shape::Future(some) => {
            proptest::option::of(value_of(some)).prop_map(|v| Value::Option(v.map(Box::new))).boxed()
        }
        Shape::Result(ok, err) => prop_oneof![
            payload(ok.as_deref()).prop_map(|v| Value::Result(Ok(v))),
            payload(err.as_deref()).prop_map(|v| Value::Result(Err(v))),
        ]
        .boxed(),
        Shape::Flags(count) => {
            let (bytes, mask) = (count.div_ceil(8) as usize, (1u64 << count) - 1);
            any::<u64>().prop_map(move |bits| Value::Flags((bits & mask).to_le_bytes()[..bytes].to_vec())).boxed()
        }
        Shape::Handle => any::<[u8; 4]>().prop_map(|rep| Value::Handle(rep.to_vec())).boxed(),
    }
}

fn canonical(value: f32) -> f32 {
    if value.is_nan() { f32::from_bits(0x7fc0_0000) } else { value }
}

fn arm(ty: Option<&Shape>, case: u32) -> BoxedStrategy<Value> {
    payload(ty).prop_map(move |value| Value::Case(case, value)).boxed()
}

fn payload(ty: Option<&Shape>) -> BoxedStrategy<Option<Box<Value>>> {
    match ty {
        Some(ty) => value_of(ty).prop_map(|value| Some(Box::new(value))).boxed(),
        None => Just(None).boxed(),
    }
}
