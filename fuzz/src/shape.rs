//! Types of values, and values of them, as the fuzzer's bytes say.

use arbitrary::{Result, Unstructured};
use trellis_wrpc::{Type, Value};

/// Any type. It nests no deeper than `depth`, and its lists and strings no deeper than `lists`: lists may overlap in a
/// guest, so every level of them makes a small memory mean a far larger value.
pub(crate) fn ty(u: &mut Unstructured<'_>, depth: u32, lists: u32) -> Result<Type> {
    const PLAIN: [Type; 13] = [
        Type::Bool,
        Type::S8,
        Type::U8,
        Type::S16,
        Type::U16,
        Type::S32,
        Type::U32,
        Type::S64,
        Type::U64,
        Type::F32,
        Type::F64,
        Type::Char,
        Type::Handle,
    ];
    let choices = if depth == 0 { 3 } else { 9 };
    Ok(match u.int_in_range(0..=choices)? {
        0 | 1 => u.choose(&PLAIN)?.clone(),
        2 if lists == 0 => Type::Bool,
        2 => Type::String,
        3 => Type::Flags(u.int_in_range(1..=32)?),
        4 if lists == 0 => Type::FixedList(Box::new(ty(u, depth - 1, 0)?), 3),
        4 => Type::list(ty(u, depth - 1, lists - 1)?),
        5 => Type::FixedList(Box::new(ty(u, depth - 1, lists)?), u.int_in_range(1..=5)?),
        6 => Type::Tuple(some(u, 1, |u| ty(u, depth - 1, lists))?),
        7 if u.ratio(1, 8)? => Type::Variant(vec![None; u.int_in_range(1..=300)?]),
        7 => Type::Variant(some(u, 1, |u| maybe(u, |u| ty(u, depth - 1, lists)))?),
        8 => Type::option(ty(u, depth - 1, lists)?),
        _ => Type::result(maybe(u, |u| ty(u, depth - 1, lists))?, maybe(u, |u| ty(u, depth - 1, lists))?),
    })
}

/// Any value of a type. Handles are those of this engine, and NaN is the canonical one.
pub(crate) fn value(u: &mut Unstructured<'_>, ty: &Type) -> Result<Value> {
    Ok(match ty {
        Type::Bool => Value::Bool(u.arbitrary()?),
        Type::U8 => Value::Unsigned(u.arbitrary::<u8>()?.into()),
        Type::U16 => Value::Unsigned(u.arbitrary::<u16>()?.into()),
        Type::U32 => Value::Unsigned(u.arbitrary::<u32>()?.into()),
        Type::U64 => Value::Unsigned(u.arbitrary()?),
        Type::S8 => Value::Signed(u.arbitrary::<i8>()?.into()),
        Type::S16 => Value::Signed(u.arbitrary::<i16>()?.into()),
        Type::S32 => Value::Signed(u.arbitrary::<i32>()?.into()),
        Type::S64 => Value::Signed(u.arbitrary()?),
        Type::F32 => Value::F32(canonical_f32(u.arbitrary()?)),
        Type::F64 => Value::F64(canonical_f64(u.arbitrary()?)),
        Type::Char => Value::Char(u.arbitrary()?),
        Type::String => Value::String(u.arbitrary()?),
        Type::List(item) | Type::Stream(item) => Value::List(some(u, 0, |u| value(u, item))?),
        Type::FixedList(item, count) => Value::List((0..*count).map(|_| value(u, item)).collect::<Result<_>>()?),
        Type::Tuple(fields) => Value::Tuple(fields.iter().map(|ty| value(u, ty)).collect::<Result<_>>()?),
        Type::Variant(cases) => {
            let case = u.choose_index(cases.len())?;
            Value::Case(case as u32, payload(u, cases[case].as_ref())?)
        }
        Type::Option(some) | Type::Future(some) => Value::Option(maybe(u, |u| value(u, some).map(Box::new))?),
        Type::Result(ok, _) if u.arbitrary()? => Value::Result(Ok(payload(u, ok.as_deref())?)),
        Type::Result(_, err) => Value::Result(Err(payload(u, err.as_deref())?)),
        Type::Flags(count) => {
            let bits = u.arbitrary::<u64>()? & ((1 << count) - 1);
            Value::Flags(bits.to_le_bytes()[..count.div_ceil(8) as usize].to_vec())
        }
        Type::Handle => Value::Handle(u.arbitrary::<[u8; 4]>()?.into()),
    })
}

/// The type with options and results as the variants that they are in a plan: there, the tag of a variant may be longer
/// than it has to be.
pub(crate) fn as_variants(ty: &Type) -> Type {
    let all = |types: &[Type]| types.iter().map(as_variants).collect();
    let arm = |ty: &Option<Box<Type>>| ty.as_deref().map(as_variants);
    match ty {
        Type::List(item) => Type::list(as_variants(item)),
        Type::FixedList(item, count) => Type::FixedList(Box::new(as_variants(item)), *count),
        Type::Tuple(fields) => Type::Tuple(all(fields)),
        Type::Variant(cases) => Type::Variant(cases.iter().map(|case| case.as_ref().map(as_variants)).collect()),
        Type::Option(some) => Type::Variant(vec![None, Some(as_variants(some))]),
        Type::Result(ok, err) => Type::Variant(vec![arm(ok), arm(err)]),
        other => other.clone(),
    }
}

/// The value with every NaN the canonical one.
pub(crate) fn canonical(value: Value) -> Value {
    let boxed = |value: Option<Box<Value>>| value.map(|value| Box::new(canonical(*value)));
    match value {
        Value::F32(bits) => Value::F32(canonical_f32(f32::from_bits(bits))),
        Value::F64(bits) => Value::F64(canonical_f64(f64::from_bits(bits))),
        Value::List(items) => Value::List(items.into_iter().map(canonical).collect()),
        Value::Tuple(fields) => Value::Tuple(fields.into_iter().map(canonical).collect()),
        Value::Case(case, payload) => Value::Case(case, boxed(payload)),
        Value::Option(some) => Value::Option(boxed(some)),
        Value::Result(arm) => Value::Result(arm.map(boxed).map_err(boxed)),
        other => other,
    }
}

fn canonical_f32(value: f32) -> u32 {
    if value.is_nan() { 0x7fc0_0000 } else { value.to_bits() }
}

fn canonical_f64(value: f64) -> u64 {
    if value.is_nan() { 0x7ff8 << 48 } else { value.to_bits() }
}

fn payload(u: &mut Unstructured<'_>, ty: Option<&Type>) -> Result<Option<Box<Value>>> {
    ty.map(|ty| value(u, ty).map(Box::new)).transpose()
}

fn maybe<T>(u: &mut Unstructured<'_>, make: impl FnOnce(&mut Unstructured<'_>) -> Result<T>) -> Result<Option<T>> {
    if u.arbitrary()? { make(u).map(Some) } else { Ok(None) }
}

fn some<T>(
    u: &mut Unstructured<'_>,
    least: usize,
    mut make: impl FnMut(&mut Unstructured<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let count = u.int_in_range(least..=least + 4)?;
    (0..count).map(|_| make(u)).collect()
}
