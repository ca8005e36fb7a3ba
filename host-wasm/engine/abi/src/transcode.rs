//! String conversions between two memories, as the adapters of composed components ask for them.
//!
//! An adapter measures, allocates and checks the areas; a conversion here reads the source, writes the destination
//! and reports how far it came. Lengths count code units.
//!
//! Facts: `wasmtime-environ`'s `fact::transcode` (parameters and results of each conversion).

use trellis_error::{Error, Result};
use trellis_plan::Transcode;

use crate::Guest;
use crate::memory::inconsistent;
use crate::string::{UTF16_TAG, latin1, push_utf8, to_utf16, utf8, utf16};

/// Carries out `op` from memory `from` to memory `to` with the core function's arguments (all `i32`): the source, its
/// length, the destination, and what more the conversion takes.
///
/// Answers up to two results: the core function has as many as its signature says, the others are 0.
pub fn transcode(op: Transcode, from: &impl Guest, to: &impl Guest, args: &[u32]) -> Result<(u32, u32)> {
    let [ptr, len, dst, more @ ..] = args else { return Err(inconsistent()) };
    let source = read(from, *ptr, *len, source_width(op))?;
    let area = Area { to, ptr: *dst };
    let only = |result: u32| (result, 0);
    match (op, more) {
        (Transcode::CopyUtf8, _) => area.write(utf8(&source)?.as_bytes()).map(only),
        (Transcode::CopyUtf16, _) => {
            utf16(&source).try_for_each(|c| c.map(drop))?;
            area.write(&source).map(only)
        }
        (Transcode::CopyLatin1, _) => area.write(&source).map(only),
        (Transcode::Latin1ToUtf16, _) => area.write(&inflate(&source)).map(only),
        (Transcode::Utf8ToUtf16, _) => area.write_units(&to_utf16(utf8(&source)?)).map(only),
        (Transcode::Utf16ToUtf8, [size, ..]) => area.write_utf8(utf16(&source), *size),
        (Transcode::Latin1ToUtf8, [size, ..]) => area.write_utf8(latin1(&source).map(Ok), *size),
        (Transcode::Utf16ToCompactProbablyUtf16, _) => area.write_compact(&source, *len).map(only),
        (Transcode::Utf8ToLatin1, _) => area.write_latin1(utf8(&source)?.chars().map(|c| (c, c.len_utf8()))),
        (Transcode::Utf16ToLatin1, _) => area.write_latin1(units(&source).map(|c| (c, 1))),
        (Transcode::Utf8ToCompactUtf16, [size, so_far]) => {
            area.write_rest(*so_far, *size, &to_utf16(utf8(&source)?)).map(only)
        }
        (Transcode::Utf16ToCompactUtf16, [size, so_far]) => {
            utf16(&source).try_for_each(|c| c.map(drop))?;
            area.write_rest(*so_far, *size, &source).map(only)
        }
        _ => Err(inconsistent()),
    }
}

/// Where a conversion writes.
struct Area<'a, G> {
    to: &'a G,
    ptr: u32,
}

impl<G: Guest> Area<'_, G> {
    fn write(&self, bytes: &[u8]) -> Result<u32> {
        if !bytes.is_empty() {
            self.to.write(self.ptr, bytes)?;
        }
        Ok(0)
    }

    /// Writes UTF-16: how many units.
    fn write_units(&self, bytes: &[u8]) -> Result<u32> {
        self.write(bytes)?;
        Ok(bytes.len() as u32 / 2)
    }

    /// Writes the characters that fit into `size` bytes as UTF-8: how many units were read and bytes written. The
    /// source has one unit for each character of up to 16 bits, otherwise two.
    fn write_utf8(&self, source: impl Iterator<Item = Result<char>>, size: u32) -> Result<(u32, u32)> {
        let mut out = Vec::new();
        let mut read = 0;
        for c in source {
            let c = c?;
            if out.len() + c.len_utf8() > size as usize {
                break;
            }
            push_utf8(&mut out, c);
            read += c.len_utf16() as u32;
        }
        self.write(&out)?;
        Ok((read, out.len() as u32))
    }

    /// Writes the first characters that are Latin-1: how many units were read and bytes written. The source gives
    /// each character with its count of units.
    fn write_latin1(&self, source: impl Iterator<Item = (char, usize)>) -> Result<(u32, u32)> {
        let mut out = Vec::new();
        let mut read = 0;
        for (c, units) in source {
            let Ok(byte) = u8::try_from(u32::from(c)) else { break };
            out.push(byte);
            read += units as u32;
        }
        self.write(&out)?;
        Ok((read, out.len() as u32))
    }

    /// Writes UTF-16 as Latin-1 if all of it is: the length, tagged where it stays UTF-16.
    fn write_compact(&self, source: &[u8], len: u32) -> Result<u32> {
        let mut compact = Some(Vec::new());
        for c in utf16(source) {
            match u8::try_from(u32::from(c?)) {
                Ok(byte) => compact.iter_mut().for_each(|out| out.push(byte)),
                Err(_) => compact = None,
            }
        }
        match compact {
            Some(out) => self.write(&out).map(|_| len),
            None => self.write(source).map(|_| len | UTF16_TAG),
        }
    }

    /// Makes UTF-16 of the Latin-1 written so far, and writes the rest of the text behind it: how many units there
    /// are in all, at most `size`.
    fn write_rest(&self, so_far: u32, size: u32, rest: &[u8]) -> Result<u32> {
        let mut out = inflate(&read(self.to, self.ptr, so_far, 1)?);
        out.extend_from_slice(rest);
        if out.len() as u64 > 2 * u64::from(size) {
            return Err(Error::trap("string content out-of-bounds"));
        }
        self.write_units(&out)
    }
}

fn read(from: &impl Guest, ptr: u32, len: u32, width: u32) -> Result<Vec<u8>> {
    let mut source = Vec::new();
    if len > 0 {
        let len = len.checked_mul(width).ok_or_else(|| Error::trap("string content out-of-bounds"))?;
        from.append(ptr, len, &mut source)?;
    }
    Ok(source)
}

/// How many bytes a conversion with these arguments reads.
pub fn source_bytes(op: Transcode, args: &[u32]) -> u64 {
    args.get(1).map_or(0, |len| u64::from(*len) * u64::from(source_width(op)))
}

fn source_width(op: Transcode) -> u32 {
    match op {
        Transcode::CopyUtf16
        | Transcode::Utf16ToCompactProbablyUtf16
        | Transcode::Utf16ToCompactUtf16
        | Transcode::Utf16ToLatin1
        | Transcode::Utf16ToUtf8 => 2,
        _ => 1,
    }
}

/// The units of UTF-16 as characters up to the first surrogate; those are no Latin-1, so nobody looks further.
fn units(bytes: &[u8]) -> impl Iterator<Item = char> {
    bytes.as_chunks().0.iter().map_while(|unit| char::from_u32(u16::from_le_bytes(*unit).into()))
}

/// Latin-1 as UTF-16.
fn inflate(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().flat_map(|byte| [*byte, 0]).collect()
}
