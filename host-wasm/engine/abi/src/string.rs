//! Strings in the three encodings of guests, as bytes of their memory.

use trellis_error::{Error, Result};

/// The bit of a length that says that a `latin1+utf16` string is UTF-16.
pub(crate) const UTF16_TAG: u32 = 1 << 31;

/// The text of UTF-8. Traps where it is not.
pub(crate) fn utf8(bytes: &[u8]) -> Result<&str> {
    std::str::from_utf8(bytes).map_err(|e| Error::trap(e.to_string()))
}

/// The characters of little-endian UTF-16. A lone surrogate traps.
pub(crate) fn utf16(bytes: &[u8]) -> impl Iterator<Item = Result<char>> {
    let units = bytes.as_chunks().0.iter().map(|unit| u16::from_le_bytes(*unit));
    char::decode_utf16(units).map(|c| c.map_err(|e| Error::trap(e.to_string())))
}

/// The characters of Latin-1.
pub(crate) fn latin1(bytes: &[u8]) -> impl Iterator<Item = char> {
    bytes.iter().map(|byte| char::from(*byte))
}

/// Appends a character as UTF-8.
pub(crate) fn push_utf8(out: &mut Vec<u8>, c: char) {
    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

/// Text as little-endian UTF-16.
pub(crate) fn to_utf16(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(2 * text.len());
    for unit in text.encode_utf16() {
        out.extend_from_slice(&unit.to_le_bytes());
    }
    out
}

/// Text as Latin-1, where it is.
pub(crate) fn to_latin1(text: &str) -> Option<Vec<u8>> {
    text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect()
}
