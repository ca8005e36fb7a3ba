//! Loads values from guest memory as the specification's Python does: plain, slow, without a plan.

use trellis_plan::StringEncoding;
use trellis_wrpc::{Type as Shape, Value};

/// Cases of a variant; options and results are variants, too.
fn cases(ty: &Shape) -> Option<Vec<Option<Shape>>> {
    match ty {
        Shape::Variant(cases) => Some(cases.clone()),
        Shape::Option(some) => Some(vec![None, Some((**some).clone())]),
        Shape::Result(ok, err) => Some([ok, err].map(|arm| arm.as_deref().cloned()).into()),
        _ => None,
    }
}

fn discriminant_size(count: usize) -> usize {
    match (count as f64).log2() / 8.0 {
        n if n <= 1.0 => 1,
        n if n <= 2.0 => 2,
        _ => 4,
    }
}

pub fn alignment(ty: &Shape) -> usize {
    if let Some(cases) = cases(ty) {
        return cases.iter().flatten().map(alignment).max().unwrap_or(1).max(discriminant_size(cases.len()));
    }
    match ty {
        Shape::Tuple(fields) => fields.iter().map(alignment).max().unwrap(),
        Shape::FixedList(item, _) => alignment(item),
        Shape::String | Shape::List(_) => 4,
        Shape::Flags(1..=8) | Shape::Bool | Shape::S8 | Shape::U8 => 1,
        Shape::Flags(9..=16) | Shape::S16 | Shape::U16 => 2,
        Shape::S64 | Shape::U64 | Shape::F64 => 8,
        _ => 4,
    }
}

pub fn size(ty: &Shape) -> usize {
    if let Some(cases) = cases(ty) {
        let payload = cases.iter().flatten().map(size).max().unwrap_or(0);
        return (payload_offset(&cases) + payload).next_multiple_of(alignment(ty));
    }
    match ty {
        Shape::Tuple(fields) => {
            let end = fields.iter().fold(0usize, |at, field| at.next_multiple_of(alignment(field)) + size(field));
            end.next_multiple_of(alignment(ty))
        }
        Shape::FixedList(item, count) => size(item) * *count as usize,
        Shape::String | Shape::List(_) => 8,
        other => alignment(other),
    }
}

fn payload_offset(cases: &[Option<Shape>]) -> usize {
    let align = cases.iter().flatten().map(alignment).max().unwrap_or(1);
    discriminant_size(cases.len()).next_multiple_of(align)
}

fn int(memory: &[u8], at: usize, size: usize) -> u64 {
    memory[at..at + size].iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte))
}

pub fn load(memory: &[u8], at: usize, ty: &Shape, encoding: StringEncoding) -> Value {
    assert_eq!(at % alignment(ty), 0);
    let word = |at| int(memory, at, 4) as usize;
    let loads = |from: usize, ty: &Shape, count: usize| {
        (0..count).map(|i| load(memory, from + i * size(ty), ty, encoding)).collect()
    };
    if let Some(cases) = cases(ty) {
        let case = int(memory, at, discriminant_size(cases.len())) as usize;
        let payload = cases[case].as_ref();
        let payload = payload.map(|ty| Box::new(load(memory, at + payload_offset(&cases), ty, encoding)));
        return match ty {
            Shape::Variant(_) => Value::Case(case as u32, payload),
            Shape::Option(_) => Value::Option(payload),
            _ => Value::Result(if case == 0 { Ok(payload) } else { Err(payload) }),
        };
    }
    let plain = int(memory, at, size(ty).min(8));
    match ty {
        Shape::Bool => Value::Bool(plain != 0),
        Shape::U8 | Shape::U16 | Shape::U32 | Shape::U64 => Value::Unsigned(plain),
        Shape::S8 => Value::Signed((plain as i8).into()),
        Shape::S16 => Value::Signed((plain as i16).into()),
        Shape::S32 => Value::Signed((plain as i32).into()),
        Shape::S64 => Value::Signed(plain as i64),
        Shape::F32 => Value::F32(plain as u32),
        Shape::F64 => Value::F64(plain),
        Shape::Char => Value::Char(char::from_u32(plain as u32).unwrap()),
        Shape::String => Value::String(string(memory, word(at), word(at + 4), encoding)),
        Shape::List(item) => Value::List(loads(word(at), item, word(at + 4))),
        Shape::FixedList(item, count) => Value::List(loads(at, item, *count as usize)),
        Shape::Tuple(fields) => {
            let mut at = at;
            let field = |ty: &Shape| {
                let start = at.next_multiple_of(alignment(ty));
                at = start + size(ty);
                load(memory, start, ty, encoding)
            };
            Value::Tuple(fields.iter().map(field).collect())
        }
        Shape::Flags(count) => Value::Flags(plain.to_le_bytes()[..count.div_ceil(8) as usize].to_vec()),
        Shape::Handle => Value::Handle((plain as u32).to_le_bytes().to_vec()),
        Shape::Variant(_) | Shape::Option(_) | Shape::Result(..) => unreachable!(),
        Shape::Stream(_) | Shape::Future(_) => unreachable!("components of WASI 0.2 have neither"),
    }
}

fn string(memory: &[u8], ptr: usize, len: usize, encoding: StringEncoding) -> String {
    let utf16 = |units: usize| {
        let units: Vec<u16> = (0..units).map(|i| int(memory, ptr + 2 * i, 2) as u16).collect();
        String::from_utf16(&units).unwrap()
    };
    match encoding {
        StringEncoding::Utf8 => String::from_utf8(memory[ptr..ptr + len].to_vec()).unwrap(),
        StringEncoding::Utf16 => utf16(len),
        StringEncoding::Latin1OrUtf16 if len >> 31 == 1 => utf16(len & 0x7fff_ffff),
        StringEncoding::Latin1OrUtf16 => memory[ptr..ptr + len].iter().map(|byte| char::from(*byte)).collect(),
    }
}
