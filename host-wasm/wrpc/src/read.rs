//! Reads values from bytes that anybody may have sent.

use trellis_error::{Error, Result};

/// No list reserves room for more items than this before it has read them: an item may take a byte here and a hundred
/// in memory.
const MAX_RESERVED: usize = 4096;

/// A cursor over encoded values. Every method fails with a decode error instead of reading past the end.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Reads from the start of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Reader { rest: bytes }
    }

    /// What has not been read yet.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Fails unless everything has been read.
    pub fn finish(&self) -> Result<()> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(Error::decode(format!("{} bytes follow the last value", self.rest.len())))
        }
    }

    /// The next `len` bytes.
    pub fn take(&mut self, len: usize) -> Result<&'a [u8]> {
        let (head, rest) = self.rest.split_at_checked(len).ok_or_else(end)?;
        self.rest = rest;
        Ok(head)
    }

    /// The next `N` bytes.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (head, rest) = self.rest.split_first_chunk::<N>().ok_or_else(end)?;
        self.rest = rest;
        Ok(*head)
    }

    /// A raw byte: `u8`, or `s8` by cast.
    pub fn u8(&mut self) -> Result<u8> {
        let (head, rest) = self.rest.split_first().ok_or_else(end)?;
        self.rest = rest;
        Ok(*head)
    }

    /// A `bool`; also the tag of an option (false: none) or result (false: ok).
    pub fn bool(&mut self) -> Result<bool> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(Error::decode(format!("{other} is neither 0 nor 1"))),
        }
    }

    /// An unsigned LEB128 number of at most `bits` bits.
    pub fn unsigned(&mut self, bits: u32) -> Result<u64> {
        let first = self.u8()?;
        if first < 0x80 {
            return Ok(first.into());
        }
        let mut value = u64::from(first & 0x7f);
        let mut shift = 7;
        loop {
            if shift >= bits {
                return Err(overflow(bits));
            }
            let byte = self.u8()?;
            let part = u64::from(byte & 0x7f);
            if bits - shift < 7 && part >> (bits - shift) != 0 {
                return Err(overflow(bits));
            }
            value |= part << shift;
            if byte < 0x80 {
                return Ok(value);
            }
            shift += 7;
        }
    }

    /// A signed LEB128 number of `bits` bits. The last byte of the longest form may be sign-extended (canonical) or
    /// masked to the bits that remain: wasmCloud 1.9 accepts only the second, later peers only the first.
    pub fn signed(&mut self, bits: u32) -> Result<i64> {
        let mut value = 0u64;
        let mut shift = 0;
        loop {
            let byte = self.u8()?;
            let part = u64::from(byte & 0x7f);
            let left = bits - shift;
            if left < 7 {
                let extended = part >> (left - 1);
                let ones = 0x7f >> (left - 1);
                if byte >= 0x80 || !(part >> left == 0 || extended == ones) {
                    return Err(overflow(bits));
                }
            }
            value |= part << shift;
            let width = (shift + 7).min(bits);
            if byte < 0x80 {
                let unused = 64 - width;
                return Ok(((value << unused) as i64) >> unused);
            }
            shift += 7;
            if shift >= bits {
                return Err(overflow(bits));
            }
        }
    }

    /// A `u16`.
    pub fn u16(&mut self) -> Result<u16> {
        self.unsigned(16).map(|v| v as u16)
    }

    /// A `u32`; also a length, a count or a case index.
    pub fn u32(&mut self) -> Result<u32> {
        self.unsigned(32).map(|v| v as u32)
    }

    /// A `u64`.
    pub fn u64(&mut self) -> Result<u64> {
        self.unsigned(64)
    }

    /// A byte list: a count, then the bytes.
    pub fn bytes(&mut self) -> Result<&'a [u8]> {
        let len = self.u32()?;
        self.take(len as usize)
    }

    /// A `string`.
    pub fn str(&mut self) -> Result<&'a str> {
        std::str::from_utf8(self.bytes()?).map_err(|_| Error::decode("a string is not UTF-8"))
    }

    /// A `char`: its UTF-8 bytes.
    pub fn char(&mut self) -> Result<char> {
        let first = *self.rest.first().ok_or_else(end)?;
        let len = match first {
            0..0x80 => 1,
            0xc0..0xe0 => 2,
            0xe0..0xf0 => 3,
            _ => 4,
        };
        let text = std::str::from_utf8(self.take(len)?).ok();
        text.and_then(|t| t.chars().next()).ok_or_else(|| Error::decode("a char is not UTF-8"))
    }

    /// A handle of a resource that lives in this engine: its representation, as [`crate::Write::handle`] wrote it.
    pub fn handle(&mut self) -> Result<u32> {
        let bytes = self.bytes()?;
        let rep: [u8; 4] = bytes.try_into().map_err(|_| Error::decode("a handle does not belong to this engine"))?;
        Ok(u32::from_le_bytes(rep))
    }

    /// An option: reads the value where there is one.
    pub fn option<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<Option<T>> {
        if self.bool()? { read(self).map(Some) } else { Ok(None) }
    }

    /// A list: reads its items one by one. Every item takes at least a byte (there are no empty records), so a count
    /// that the remaining bytes cannot hold fails before anything is read or reserved.
    pub fn list<T>(&mut self, mut read: impl FnMut(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        let count = self.u32()? as usize;
        if count > self.rest.len() {
            return Err(end());
        }
        let mut items = Vec::with_capacity(count.min(MAX_RESERVED));
        for _ in 0..count {
            items.push(read(self)?);
        }
        Ok(items)
    }
}

fn end() -> Error {
    Error::decode("the bytes end within a value")
}

fn overflow(bits: u32) -> Error {
    Error::decode(format!("a number exceeds its {bits} bits"))
}
