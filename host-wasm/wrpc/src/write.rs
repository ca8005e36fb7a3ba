//! Writes values in wRPC encoding.

/// Appends encoded values. Implemented for `Vec<u8>`.
pub trait Write {
    /// A raw byte: `u8`, or `s8` by cast; also the tag of an option or result.
    fn u8(&mut self, value: u8);
    /// Raw bytes, without a count.
    fn raw(&mut self, bytes: &[u8]);

    /// A `bool`.
    fn bool(&mut self, value: bool) {
        self.u8(value.into());
    }

    /// An unsigned number: `u16`, `u32`, `u64`, a count or a case index.
    fn unsigned(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.u8(value as u8 | 0x80);
            value >>= 7;
        }
        self.u8(value as u8);
    }

    /// A signed number: `s16`, `s32` or `s64`, in canonical (sign-extended) form.
    fn signed(&mut self, mut value: i64) {
        while !(-64..64).contains(&value) {
            self.u8(value as u8 | 0x80);
            value >>= 7;
        }
        self.u8(value as u8 & 0x7f);
    }

    /// A byte list: a count, then the bytes.
    fn bytes(&mut self, bytes: &[u8]) {
        self.unsigned(bytes.len() as u64);
        self.raw(bytes);
    }

    /// A `string`.
    fn str(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// A `char`: its UTF-8 bytes.
    fn char(&mut self, value: char) {
        self.raw(value.encode_utf8(&mut [0; 4]).as_bytes());
    }

    /// A handle of a resource that lives in this engine: four bytes with their count.
    fn handle(&mut self, rep: u32) {
        self.bytes(&rep.to_le_bytes());
    }

    /// An option: its tag, then the value where there is one.
    fn option<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T))
    where
        Self: Sized,
    {
        self.bool(value.is_some());
        if let Some(value) = value {
            write(self, value);
        }
    }
}

impl Write for Vec<u8> {
    fn u8(&mut self, value: u8) {
        self.push(value);
    }

    fn raw(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}
