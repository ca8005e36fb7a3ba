//! Lower: bytes to values of the guest.
//!
//! The guest's `realloc` is called in the order and with the sizes of the specification. A record, a parameter area
//! or a list is put together as one block and then written; a string in UTF-8 and a list of bytes is written straight
//! from the input. Nothing is allocated that the length of the input does not justify.

use std::mem::take;

use trellis_error::{Error, Kind, Result};
use trellis_plan::{StringEncoding, Type, TypeId, TypeKind, Variant};
use trellis_wrpc::Reader;

use crate::memory::{MAX_BYTES, from_mut, inconsistent, store};
use crate::string::{UTF16_TAG, to_latin1, to_utf16};
use crate::{Abi, Guest, Handles, scalar};

/// How many bytes of a list are written at once.
const BLOCK: u32 = 16 * 1024;

impl<G: Guest, H: Handles> Abi<'_, G, H> {
    /// Lowers a value to the start of `at`, which is zero.
    pub(crate) fn lower_memory(&self, ty: TypeId, bytes: &mut Reader<'_>, at: &mut [u8]) -> Result<()> {
        let ty = &self.types[ty];
        match &ty.kind {
            TypeKind::Record(fields) => {
                fields.iter().try_for_each(|field| self.lower_memory(field.ty, bytes, from_mut(at, field.offset)?))
            }
            TypeKind::Variant(variant) => {
                let (discriminant, case) = lower_case(variant, bytes)?;
                store(at, variant.discriminant_size, discriminant.into())?;
                match case {
                    Some(payload) => self.lower_memory(payload, bytes, from_mut(at, variant.payload_offset)?),
                    None => Ok(()),
                }
            }
            TypeKind::FixedList(item, count) => {
                let size = self.types[*item].size;
                (0..*count).try_for_each(|i| self.lower_memory(*item, bytes, from_mut(at, i.saturating_mul(size))?))
            }
            TypeKind::String | TypeKind::List(_) => {
                let (ptr, len) = self.lower_content(ty, bytes)?;
                store(at, 4, ptr.into())?;
                store(from_mut(at, 4)?, 4, len.into())
            }
            TypeKind::Own(table) => store(at, 4, self.handles.lower_own(*table, bytes)?.into()),
            TypeKind::Borrow(table) => store(at, 4, self.handles.lower_borrow(*table, bytes)?.into()),
            scalar => store(at, ty.size, scalar::lower(scalar, bytes)?),
        }
    }

    /// Lowers a value to the start of `flat`, which is zero, and steps behind it.
    pub(crate) fn lower_flat(&self, ty: TypeId, bytes: &mut Reader<'_>, flat: &mut &mut [u64]) -> Result<()> {
        let ty = &self.types[ty];
        match &ty.kind {
            TypeKind::Record(fields) => fields.iter().try_for_each(|field| self.lower_flat(field.ty, bytes, flat)),
            TypeKind::Variant(variant) => {
                let (discriminant, case) = lower_case(variant, bytes)?;
                put(flat, discriminant.into())?;
                let joined = ty.flat.len().checked_sub(1).ok_or_else(inconsistent)?;
                let (mut payload, rest) = take(flat).split_at_mut_checked(joined).ok_or_else(inconsistent)?;
                *flat = rest;
                case.map_or(Ok(()), |case| self.lower_flat(case, bytes, &mut payload))
            }
            TypeKind::FixedList(item, count) => (0..*count).try_for_each(|_| self.lower_flat(*item, bytes, flat)),
            TypeKind::String | TypeKind::List(_) => {
                let (ptr, len) = self.lower_content(ty, bytes)?;
                put(flat, ptr.into())?;
                put(flat, len.into())
            }
            TypeKind::Own(table) => put(flat, self.handles.lower_own(*table, bytes)?.into()),
            TypeKind::Borrow(table) => put(flat, self.handles.lower_borrow(*table, bytes)?.into()),
            scalar => put(flat, scalar::lower(scalar, bytes)?),
        }
    }

    /// Lowers a string or list: its pointer and length.
    fn lower_content(&self, ty: &Type, bytes: &mut Reader<'_>) -> Result<(u32, u32)> {
        let TypeKind::List(item) = ty.kind else { return self.lower_string(bytes.str()?) };
        let count = bytes.u32()?;
        let ty = &self.types[item];
        let ptr = match &ty.kind {
            TypeKind::U8 | TypeKind::S8 => self.place(1, bytes.take(count as usize)?)?,
            TypeKind::F32 | TypeKind::F64 => self.lower_floats(ty, count, bytes)?,
            _ => self.lower_items(item, ty, count, bytes)?,
        };
        Ok((ptr, count))
    }

    fn lower_floats(&self, ty: &Type, count: u32, bytes: &mut Reader<'_>) -> Result<u32> {
        let len = (count as usize).checked_mul(ty.size as usize).ok_or_else(too_long)?;
        let mut content = bytes.take(len)?.to_vec();
        scalar::canonicalize(&ty.kind, &mut content);
        self.place(ty.align, &content)
    }

    fn lower_items(&self, item: TypeId, ty: &Type, count: u32, bytes: &mut Reader<'_>) -> Result<u32> {
        // Every item takes a byte at least, so a count beyond the input is refused before memory is asked for.
        if count as usize > bytes.rest().len() {
            return Err(Error::decode("a list has fewer items than its count says"));
        }
        let len = content_len(u64::from(count) * u64::from(ty.size))?;
        let start = self.alloc(ty.align, len)?;
        let whole = (BLOCK / ty.size.max(1)).max(1) * ty.size;
        let mut block = vec![0; len.min(whole) as usize];
        let mut done = 0;
        while done < len {
            let part = &mut block[..(len - done).min(whole) as usize];
            part.fill(0);
            for at in part.chunks_exact_mut(ty.size as usize) {
                self.lower_memory(item, bytes, at)?;
            }
            self.fill(start.wrapping_add(done), part)?;
            done += part.len() as u32;
        }
        Ok(start)
    }

    fn lower_string(&self, text: &str) -> Result<(u32, u32)> {
        match self.encoding {
            StringEncoding::Utf8 => Ok((self.place(1, text.as_bytes())?, text.len() as u32)),
            StringEncoding::Utf16 => {
                let worst = content_len(2 * text.len() as u64)?;
                let ptr = self.alloc(2, worst)?;
                let content = to_utf16(text);
                let ptr = self.place_shrunk(ptr, worst, &content)?;
                Ok((ptr, content.len() as u32 / 2))
            }
            StringEncoding::Latin1OrUtf16 => self.lower_compact(text),
        }
    }

    /// Latin-1 if the text is, in an area that was measured for it; otherwise UTF-16 in an area that has grown.
    fn lower_compact(&self, text: &str) -> Result<(u32, u32)> {
        let len = content_len(text.len() as u64)?;
        let ptr = self.alloc(2, len)?;
        if let Some(content) = to_latin1(text) {
            let ptr = self.place_shrunk(ptr, len, &content)?;
            return Ok((ptr, content.len() as u32));
        }
        self.check_area(ptr, len)?;
        let worst = content_len(2 * text.len() as u64)?;
        let ptr = self.resize(ptr, len, 2, worst)?;
        let content = to_utf16(text);
        let ptr = self.place_shrunk(ptr, worst, &content)?;
        Ok((ptr, (content.len() as u32 / 2) | UTF16_TAG))
    }

    /// Writes `content` to a new area of its size.
    fn place(&self, align: u32, content: &[u8]) -> Result<u32> {
        let ptr = self.alloc(align, content_len(content.len() as u64)?)?;
        self.fill(ptr, content)?;
        Ok(ptr)
    }

    /// Writes `content` to an area of `size` bytes, and gives back what it does not need.
    fn place_shrunk(&self, ptr: u32, size: u32, content: &[u8]) -> Result<u32> {
        let len = content.len() as u32;
        if len < size {
            self.check_area(ptr, size)?;
        }
        self.fill(ptr, content)?;
        if len == size {
            return Ok(ptr);
        }
        let ptr = self.resize(ptr, size, 2, len)?;
        self.check_area(ptr, len)?;
        Ok(ptr)
    }
}

/// Puts the next flat value.
fn put(flat: &mut &mut [u64], bits: u64) -> Result<()> {
    let (first, rest) = take(flat).split_first_mut().ok_or_else(inconsistent)?;
    *first = bits;
    *flat = rest;
    Ok(())
}

/// The next case of a variant: its index and its payload's type.
fn lower_case(variant: &Variant, bytes: &mut Reader<'_>) -> Result<(u32, Option<TypeId>)> {
    let discriminant = bytes.u32()?;
    let case = variant.cases.get(discriminant as usize);
    let case = case.ok_or_else(|| Error::decode(format!("a variant has no case {discriminant}")))?;
    Ok((discriminant, *case))
}

fn content_len(len: u64) -> Result<u32> {
    if len > MAX_BYTES { Err(too_long()) } else { Ok(len as u32) }
}

fn too_long() -> Error {
    Error::new(Kind::Limit, "a string or list is longer than a guest can take")
}
