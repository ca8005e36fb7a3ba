//! Lift: values of the guest to bytes.
//!
//! A record, a parameter area or a list is read as one block and then taken apart; a string and a list of bytes or
//! floats goes straight to the end of the output.

use trellis_error::{Error, Result};
use trellis_plan::{StringEncoding, TypeId, TypeKind, Variant};
use trellis_wrpc::Write;

use crate::memory::{LIST, MAX_BYTES, POINTER, STRING, bounds, check_aligned, from, inconsistent, load, with_area};
use crate::string::{UTF16_TAG, latin1, push_utf8, utf8, utf16};
use crate::{Abi, Guest, Handles, scalar};

/// How many bytes of a list are read at once.
const BLOCK: u32 = 16 * 1024;

/// The next flat value.
pub(crate) fn next(flat: &mut &[u64]) -> Result<u64> {
    let (first, rest) = flat.split_first().ok_or_else(inconsistent)?;
    *flat = rest;
    Ok(*first)
}

impl<G: Guest, H: Handles> Abi<'_, G, H> {
    /// Reads an area that the guest has pointed to, and lifts it.
    pub(crate) fn lift_area(
        &self,
        ptr: u32,
        size: u32,
        align: u32,
        lift: impl FnOnce(&[u8]) -> Result<()>,
    ) -> Result<()> {
        check_aligned(ptr, align)?;
        with_area(size, |area| {
            self.guest.read(ptr, area).map_err(|e| bounds(e, POINTER))?;
            lift(area)
        })
    }

    /// Lifts the value at the start of `at`.
    pub(crate) fn lift_memory(&self, ty: TypeId, at: &[u8], out: &mut Vec<u8>) -> Result<()> {
        let ty = &self.types[ty];
        match &ty.kind {
            TypeKind::Record(fields) => {
                fields.iter().try_for_each(|field| self.lift_memory(field.ty, from(at, field.offset)?, out))
            }
            TypeKind::Variant(variant) => {
                let discriminant = load(at, variant.discriminant_size)? as u32;
                match lift_case(variant, discriminant, out)? {
                    Some(payload) => self.lift_memory(payload, from(at, variant.payload_offset)?, out),
                    None => Ok(()),
                }
            }
            TypeKind::FixedList(item, count) => {
                let size = self.types[*item].size;
                (0..*count).try_for_each(|i| self.lift_memory(*item, from(at, i.saturating_mul(size))?, out))
            }
            TypeKind::String => self.lift_string(load(at, 4)? as u32, load(from(at, 4)?, 4)? as u32, out),
            TypeKind::List(item) => self.lift_list(*item, load(at, 4)? as u32, load(from(at, 4)?, 4)? as u32, out),
            TypeKind::Own(table) => self.handles.lift_own(*table, load(at, 4)? as u32, out),
            TypeKind::Borrow(table) => self.handles.lift_borrow(*table, load(at, 4)? as u32, out),
            scalar => scalar::lift(scalar, load(at, ty.size)?, out),
        }
    }

    /// Lifts the value at the start of `flat`, and steps behind it.
    pub(crate) fn lift_flat(&self, ty: TypeId, flat: &mut &[u64], out: &mut Vec<u8>) -> Result<()> {
        let ty = &self.types[ty];
        match &ty.kind {
            TypeKind::Record(fields) => fields.iter().try_for_each(|field| self.lift_flat(field.ty, flat, out)),
            TypeKind::Variant(variant) => {
                let case = lift_case(variant, next(flat)? as u32, out)?;
                let joined = ty.flat.len().checked_sub(1).and_then(|len| flat.split_at_checked(len));
                let (mut payload, rest) = joined.ok_or_else(inconsistent)?;
                *flat = rest;
                case.map_or(Ok(()), |case| self.lift_flat(case, &mut payload, out))
            }
            TypeKind::FixedList(item, count) => (0..*count).try_for_each(|_| self.lift_flat(*item, flat, out)),
            TypeKind::String => self.lift_string(next(flat)? as u32, next(flat)? as u32, out),
            TypeKind::List(item) => self.lift_list(*item, next(flat)? as u32, next(flat)? as u32, out),
            TypeKind::Own(table) => self.handles.lift_own(*table, next(flat)? as u32, out),
            TypeKind::Borrow(table) => self.handles.lift_borrow(*table, next(flat)? as u32, out),
            scalar => scalar::lift(scalar, next(flat)?, out),
        }
    }

    fn lift_list(&self, item: TypeId, ptr: u32, count: u32, out: &mut Vec<u8>) -> Result<()> {
        let ty = &self.types[item];
        let len = content_len(count, ty.size, LIST)?;
        check_aligned(ptr, ty.align)?;
        out.unsigned(count.into());
        if len == 0 {
            return if count == 0 { self.check_bounds(ptr, 0, LIST) } else { Err(inconsistent()) };
        }
        let start = out.len();
        match &ty.kind {
            TypeKind::U8 | TypeKind::S8 => self.lift_bytes(ptr, len, LIST, out)?,
            TypeKind::F32 | TypeKind::F64 => {
                self.lift_bytes(ptr, len, LIST, out)?;
                scalar::canonicalize(&ty.kind, &mut out[start..]);
            }
            _ => self.lift_items(item, ty.size, ptr, len, out)?,
        }
        self.check_lifted(out.len())
    }

    fn lift_items(&self, item: TypeId, size: u32, mut ptr: u32, len: u32, out: &mut Vec<u8>) -> Result<()> {
        let whole = (BLOCK / size).max(1) * size;
        let mut block = Vec::with_capacity(len.min(whole) as usize);
        let mut left = len;
        while left > 0 {
            let part = left.min(whole);
            block.clear();
            self.lift_bytes(ptr, part, LIST, &mut block)?;
            for at in block.chunks_exact(size as usize) {
                self.lift_memory(item, at, out)?;
            }
            self.check_lifted(out.len())?;
            ptr = ptr.wrapping_add(part);
            left -= part;
        }
        Ok(())
    }

    fn lift_string(&self, ptr: u32, len: u32, out: &mut Vec<u8>) -> Result<()> {
        match self.encoding {
            StringEncoding::Utf8 => self.lift_utf8(ptr, len, out),
            StringEncoding::Utf16 => self.lift_utf16(ptr, len, out),
            StringEncoding::Latin1OrUtf16 if len & UTF16_TAG != 0 => self.lift_utf16(ptr, len ^ UTF16_TAG, out),
            StringEncoding::Latin1OrUtf16 => self.lift_latin1(ptr, len, out),
        }?;
        self.check_lifted(out.len())
    }

    fn lift_utf8(&self, ptr: u32, len: u32, out: &mut Vec<u8>) -> Result<()> {
        content_len(len, 1, STRING)?;
        out.unsigned(len.into());
        let start = out.len();
        self.lift_bytes(ptr, len, STRING, out)?;
        utf8(&out[start..]).map(drop)
    }

    fn lift_utf16(&self, ptr: u32, units: u32, out: &mut Vec<u8>) -> Result<()> {
        let len = content_len(units, 2, STRING)?;
        check_aligned(ptr, 2)?;
        let mut content = Vec::new();
        self.lift_bytes(ptr, len, STRING, &mut content)?;
        let len: usize = utf16(&content).map(|c| c.map(char::len_utf8)).sum::<Result<_>>()?;
        out.unsigned(len as u64);
        out.reserve(len);
        utf16(&content).try_for_each(|c| c.map(|c| push_utf8(out, c)))
    }

    fn lift_latin1(&self, ptr: u32, len: u32, out: &mut Vec<u8>) -> Result<()> {
        content_len(len, 1, STRING)?;
        check_aligned(ptr, 2)?;
        let mut content = Vec::new();
        self.lift_bytes(ptr, len, STRING, &mut content)?;
        let len: usize = latin1(&content).map(char::len_utf8).sum();
        out.unsigned(len as u64);
        out.reserve(len);
        latin1(&content).for_each(|c| push_utf8(out, c));
        Ok(())
    }

    fn check_lifted(&self, bytes: usize) -> Result<()> {
        if bytes <= self.most {
            return Ok(());
        }
        let message = format!("a message of {bytes} bytes or more; maxMessageBytes allows {}", self.most);
        Err(Error::limit("maxMessageBytes", message))
    }

    fn lift_bytes(&self, ptr: u32, len: u32, reason: &'static str, out: &mut Vec<u8>) -> Result<()> {
        let lifted = out.len().saturating_add(len as usize);
        if len == 0 || lifted > self.most {
            self.check_bounds(ptr, len, reason)?;
            return self.check_lifted(lifted);
        }
        self.guest.append(ptr, len, out).map_err(|e| bounds(e, reason))
    }
}

/// Appends a case's index: its payload's type.
fn lift_case(variant: &Variant, discriminant: u32, out: &mut Vec<u8>) -> Result<Option<TypeId>> {
    let case = variant.cases.get(discriminant as usize);
    let case = case.ok_or_else(|| Error::trap("invalid variant discriminant"))?;
    out.unsigned(discriminant.into());
    Ok(*case)
}

/// How many bytes `count` items of `size` bytes have.
fn content_len(count: u32, size: u32, reason: &'static str) -> Result<u32> {
    let len = u64::from(count) * u64::from(size);
    if len > MAX_BYTES { Err(Error::trap(reason)) } else { Ok(len as u32) }
}
