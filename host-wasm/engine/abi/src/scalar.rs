//! Values of one core value: numbers, `bool`, `char` and flags.
//!
//! Their bits are the same in a flat value and in memory, so one lift and one lower serve both: lifting ignores the
//! bits beyond the type's width, lowering extends to 32 bits as the type's sign asks.

use trellis_error::{Error, Result};
use trellis_plan::TypeKind;
use trellis_wrpc::{Reader, Write};

use crate::memory::inconsistent;

const NAN32: u32 = 0x7fc0_0000;
const NAN64: u64 = 0x7ff8_0000_0000_0000;

/// Appends the value with these bits.
pub(crate) fn lift(kind: &TypeKind, bits: u64, out: &mut Vec<u8>) -> Result<()> {
    match kind {
        TypeKind::Bool => out.bool(bits as u32 != 0),
        TypeKind::S8 | TypeKind::U8 => out.u8(bits as u8),
        TypeKind::S16 => out.signed((bits as i16).into()),
        TypeKind::U16 => out.unsigned((bits as u16).into()),
        TypeKind::S32 => out.signed((bits as i32).into()),
        TypeKind::U32 => out.unsigned((bits as u32).into()),
        TypeKind::S64 => out.signed(bits as i64),
        TypeKind::U64 => out.unsigned(bits),
        TypeKind::F32 => out.raw(&canonical32(bits as u32).to_le_bytes()),
        TypeKind::F64 => out.raw(&canonical64(bits).to_le_bytes()),
        TypeKind::Char => {
            out.char(char::from_u32(bits as u32).ok_or_else(|| Error::trap("invalid `char` bit pattern"))?);
        }
        TypeKind::Flags(count) => {
            let len = flags_len(*count)?;
            out.raw(&(bits & flags_mask(*count)).to_le_bytes()[..len]);
        }
        _ => return Err(inconsistent()),
    }
    Ok(())
}

/// Reads a value: its bits.
pub(crate) fn lower(kind: &TypeKind, bytes: &mut Reader<'_>) -> Result<u64> {
    Ok(match kind {
        TypeKind::Bool => bytes.bool()?.into(),
        TypeKind::S8 => (bytes.u8()? as i8 as u32).into(),
        TypeKind::U8 => bytes.u8()?.into(),
        TypeKind::S16 => (bytes.signed(16)? as u32).into(),
        TypeKind::U16 => bytes.u16()?.into(),
        TypeKind::S32 => (bytes.signed(32)? as u32).into(),
        TypeKind::U32 => bytes.u32()?.into(),
        TypeKind::S64 => bytes.signed(64)? as u64,
        TypeKind::U64 => bytes.u64()?,
        TypeKind::F32 => canonical32(u32::from_le_bytes(bytes.array()?)).into(),
        TypeKind::F64 => canonical64(u64::from_le_bytes(bytes.array()?)),
        TypeKind::Char => u32::from(bytes.char()?).into(),
        TypeKind::Flags(count) => {
            let mut bits = [0; 8];
            let len = flags_len(*count)?;
            bits[..len].copy_from_slice(bytes.take(len)?);
            u64::from_le_bytes(bits) & flags_mask(*count)
        }
        _ => return Err(inconsistent()),
    })
}

fn flags_len(count: u32) -> Result<usize> {
    if count <= 32 { Ok(count.div_ceil(8) as usize) } else { Err(inconsistent()) }
}

fn flags_mask(count: u32) -> u64 {
    (1 << count) - 1
}

fn canonical32(bits: u32) -> u32 {
    if f32::from_bits(bits).is_nan() { NAN32 } else { bits }
}

fn canonical64(bits: u64) -> u64 {
    if f64::from_bits(bits).is_nan() { NAN64 } else { bits }
}

/// Makes every NaN among the items of a `list<f32>` or `list<f64>` the canonical one.
pub(crate) fn canonicalize(kind: &TypeKind, items: &mut [u8]) {
    match kind {
        TypeKind::F32 => each(items, |bits| canonical32(u32::from_le_bytes(bits)).to_le_bytes()),
        TypeKind::F64 => each(items, |bits| canonical64(u64::from_le_bytes(bits)).to_le_bytes()),
        _ => {}
    }
}

fn each<const N: usize>(items: &mut [u8], change: impl Fn([u8; N]) -> [u8; N]) {
    for item in items.as_chunks_mut::<N>().0 {
        *item = change(*item);
    }
}
