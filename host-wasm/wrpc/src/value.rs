//! Values as a tree, and the plain recursive codec over it.
//!
//! The engine never builds these trees: it goes straight between guest memory and bytes. This codec is the reference
//! that its tests are judged by, and serves tools. It encodes canonically and decodes what section 6.3 of the lattice
//! protocol says a careful peer accepts.

use trellis_error::{Error, Kind, Result};

use crate::{Reader, Type, Write};

/// Types nested deeper than this are refused, so that recursion is bounded.
pub const MAX_DEPTH: u32 = 100;

/// A value. Floats are their bits, so that values with NaN compare equal to themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A `bool`.
    Bool(bool),
    /// A value of any unsigned type.
    Unsigned(u64),
    /// A value of any signed type.
    Signed(i64),
    /// The bits of an `f32`.
    F32(u32),
    /// The bits of an `f64`.
    F64(u64),
    /// A `char`.
    Char(char),
    /// A `string`.
    String(String),
    /// The items of a list of either kind, or of a stream that is complete.
    List(Vec<Value>),
    /// The fields of a tuple or record.
    Tuple(Vec<Value>),
    /// A case of a variant or enum: its index and payload.
    Case(u32, Option<Box<Value>>),
    /// An option, or a future.
    Option(Option<Box<Value>>),
    /// A result, with the value of its arm where the arm has a type.
    Result(Result<Option<Box<Value>>, Option<Box<Value>>>),
    /// Flags, 8 to a byte: flag `i` is bit `i % 8` of byte `i / 8`.
    Flags(Vec<u8>),
    /// The bytes of a handle.
    Handle(Vec<u8>),
}

impl Value {
    /// Appends this value, which must be one of type `ty`.
    pub fn encode(&self, ty: &Type, out: &mut Vec<u8>) -> Result<()> {
        encode(self, ty, out, MAX_DEPTH)
    }

    /// Reads a value of type `ty`.
    pub fn decode(ty: &Type, bytes: &mut Reader<'_>) -> Result<Value> {
        decode(ty, bytes, MAX_DEPTH)
    }
}

fn encode(value: &Value, ty: &Type, out: &mut Vec<u8>, depth: u32) -> Result<()> {
    let depth = deeper(depth)?;
    match (ty, value) {
        (Type::Bool, Value::Bool(v)) => out.bool(*v),
        (Type::U8, Value::Unsigned(v)) => out.u8(u8::try_from(*v).map_err(|_| mismatch(ty))?),
        (Type::S8, Value::Signed(v)) => out.u8(i8::try_from(*v).map_err(|_| mismatch(ty))? as u8),
        (Type::U16 | Type::U32 | Type::U64, Value::Unsigned(v)) if fits(v.leading_zeros(), bits(ty)) => {
            out.unsigned(*v)
        }
        (Type::S16 | Type::S32 | Type::S64, Value::Signed(v)) if fits(signed_zeros(*v), bits(ty)) => out.signed(*v),
        (Type::F32, Value::F32(v)) => out.raw(&v.to_le_bytes()),
        (Type::F64, Value::F64(v)) => out.raw(&v.to_le_bytes()),
        (Type::Char, Value::Char(v)) => out.char(*v),
        (Type::String, Value::String(v)) => out.str(v),
        (Type::List(item) | Type::Stream(item), Value::List(items)) => {
            out.unsigned(items.len() as u64);
            return items.iter().try_for_each(|v| encode(v, item, out, depth));
        }
        (Type::FixedList(item, count), Value::List(items)) if items.len() == *count as usize => {
            return items.iter().try_for_each(|v| encode(v, item, out, depth));
        }
        (Type::Tuple(types), Value::Tuple(values)) if types.len() == values.len() => {
            return types.iter().zip(values).try_for_each(|(ty, v)| encode(v, ty, out, depth));
        }
        (Type::Variant(cases), Value::Case(case, payload)) => {
            out.unsigned((*case).into());
            let arm = cases.get(*case as usize).ok_or_else(|| mismatch(ty))?;
            return encode_arm(payload.as_deref(), arm.as_ref(), out, depth);
        }
        (Type::Option(some) | Type::Future(some), Value::Option(value)) => {
            out.bool(value.is_some());
            return value.as_ref().map_or(Ok(()), |v| encode(v, some, out, depth));
        }
        (Type::Result(ok, err), Value::Result(value)) => {
            out.bool(value.is_err());
            let (payload, arm) = match value {
                Ok(payload) => (payload, ok),
                Err(payload) => (payload, err),
            };
            return encode_arm(payload.as_deref(), arm.as_deref(), out, depth);
        }
        (Type::Flags(count), Value::Flags(v)) if v.len() == flag_bytes(*count) => out.raw(v),
        (Type::Handle, Value::Handle(v)) => out.bytes(v),
        _ => return Err(mismatch(ty)),
    }
    Ok(())
}

fn encode_arm(value: Option<&Value>, ty: Option<&Type>, out: &mut Vec<u8>, depth: u32) -> Result<()> {
    match (value, ty) {
        (Some(value), Some(ty)) => encode(value, ty, out, depth),
        (None, None) => Ok(()),
        _ => Err(Error::new(Kind::InvalidArgument, "a case has a payload exactly when its type says so")),
    }
}

fn decode(ty: &Type, bytes: &mut Reader<'_>, depth: u32) -> Result<Value> {
    let depth = deeper(depth)?;
    Ok(match ty {
        Type::Bool => Value::Bool(bytes.bool()?),
        Type::U8 => Value::Unsigned(bytes.u8()?.into()),
        Type::S8 => Value::Signed((bytes.u8()? as i8).into()),
        Type::U16 | Type::U32 | Type::U64 => Value::Unsigned(bytes.unsigned(bits(ty))?),
        Type::S16 | Type::S32 | Type::S64 => Value::Signed(bytes.signed(bits(ty))?),
        Type::F32 => Value::F32(u32::from_le_bytes(bytes.array()?)),
        Type::F64 => Value::F64(u64::from_le_bytes(bytes.array()?)),
        Type::Char => Value::Char(bytes.char()?),
        Type::String => Value::String(bytes.str()?.to_owned()),
        Type::List(item) | Type::Stream(item) => Value::List(bytes.list(|bytes| decode(item, bytes, depth))?),
        Type::FixedList(item, count) => {
            Value::List((0..*count).map(|_| decode(item, bytes, depth)).collect::<Result<_>>()?)
        }
        Type::Tuple(types) => Value::Tuple(types.iter().map(|ty| decode(ty, bytes, depth)).collect::<Result<_>>()?),
        Type::Variant(cases) => {
            let case = bytes.u32()?;
            let arm = cases.get(case as usize).ok_or_else(|| Error::decode(format!("there is no case {case}")))?;
            Value::Case(case, decode_arm(arm.as_ref(), bytes, depth)?)
        }
        Type::Option(some) | Type::Future(some) => {
            Value::Option(bytes.option(|bytes| decode(some, bytes, depth))?.map(Box::new))
        }
        Type::Result(ok, err) => Value::Result(match bytes.bool()? {
            false => Ok(decode_arm(ok.as_deref(), bytes, depth)?),
            true => Err(decode_arm(err.as_deref(), bytes, depth)?),
        }),
        Type::Flags(count) => Value::Flags(decode_flags(*count, bytes)?),
        Type::Handle => Value::Handle(bytes.bytes()?.to_vec()),
    })
}

fn decode_arm(ty: Option<&Type>, bytes: &mut Reader<'_>, depth: u32) -> Result<Option<Box<Value>>> {
    ty.map(|ty| decode(ty, bytes, depth).map(Box::new)).transpose()
}

/// Bits beyond the last flag are masked off, as hosts do.
fn decode_flags(count: u32, bytes: &mut Reader<'_>) -> Result<Vec<u8>> {
    let mut flags = bytes.take(flag_bytes(count))?.to_vec();
    if let (Some(last), used @ 1..) = (flags.last_mut(), count % 8) {
        *last &= 0xff >> (8 - used);
    }
    Ok(flags)
}

fn flag_bytes(count: u32) -> usize {
    count.div_ceil(8) as usize
}

fn deeper(depth: u32) -> Result<u32> {
    depth.checked_sub(1).ok_or_else(|| Error::new(Kind::Limit, format!("a type is nested deeper than {MAX_DEPTH}")))
}

fn bits(ty: &Type) -> u32 {
    match ty {
        Type::S16 | Type::U16 => 16,
        Type::S32 | Type::U32 => 32,
        _ => 64,
    }
}

/// Whether a number of 64 bits with so many redundant leading ones or zeros fits in `bits`.
fn fits(redundant: u32, bits: u32) -> bool {
    64 - redundant <= bits
}

/// How many leading bits of a signed number repeat its sign bit.
fn signed_zeros(value: i64) -> u32 {
    (value ^ (value >> 63)).leading_zeros() - 1
}

fn mismatch(ty: &Type) -> Error {
    Error::new(Kind::InvalidArgument, format!("a value is not of type {ty:?}"))
}
