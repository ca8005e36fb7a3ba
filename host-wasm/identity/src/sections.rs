//! The sections of a module or component, and the token in one of them.
//!
//! Facts: the binary format of the WebAssembly core and component model specifications; lattice protocol 1.x, section
//! 10.3: the token is the content of a custom section `wasmcloud_jwt`, formerly `jwt`.

use trellis_error::{Error, Kind, Result};

const CORE: &[u8; 8] = b"\0asm\x01\0\0\0";
const COMPONENT: &[u8; 8] = b"\0asm\x0d\0\x01\0";

/// The sections of a module or component. Ends after the first error.
pub(crate) struct Sections<'a> {
    /// Whether it is a component, which can have modules and components inside.
    pub component: bool,
    rest: &'a [u8],
}

/// A section: its content, and where that is more than content, what it is.
pub(crate) enum Section<'a> {
    /// The token of the claims, which a hash leaves out.
    Token(&'a [u8]),
    /// A module or component within a component.
    Nested(u8, &'a [u8]),
    /// Anything else.
    Other(u8, &'a [u8]),
}

impl<'a> Sections<'a> {
    /// The sections of these bytes.
    pub fn of(bytes: &'a [u8]) -> Result<Self> {
        let (header, rest) = bytes.split_first_chunk().ok_or_else(cut_off)?;
        match header {
            CORE | COMPONENT => Ok(Sections { component: header == COMPONENT, rest }),
            _ => Err(Error::new(Kind::InvalidComponent, "the bytes are neither a component nor a module")),
        }
    }

    fn read(&mut self) -> Result<Section<'a>> {
        let (id, rest) = self.rest.split_first().ok_or_else(cut_off)?;
        let (content, rest) = prefixed(rest)?;
        self.rest = rest;
        Ok(match id {
            0 if matches!(prefixed(content)?.0, b"wasmcloud_jwt" | b"jwt") => Section::Token(prefixed(content)?.1),
            1 | 4 if self.component => Section::Nested(*id, content),
            _ => Section::Other(*id, content),
        })
    }
}

impl<'a> Iterator for Sections<'a> {
    type Item = Result<Section<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let section = self.read();
        if section.is_err() {
            self.rest = &[];
        }
        Some(section)
    }
}

/// The text of the token in these bytes; none where they are not signed. Of several the first counts.
pub(crate) fn token(bytes: &[u8]) -> Result<Option<&str>> {
    for section in Sections::of(bytes)? {
        if let Section::Token(text) = section? {
            let text = std::str::from_utf8(text).map_err(|_| Error::decode("the component's token is not text"))?;
            return Ok(Some(text));
        }
    }
    Ok(None)
}

/// As many bytes as the number before them says, and the rest.
fn prefixed(bytes: &[u8]) -> Result<(&[u8], &[u8])> {
    let (mut length, mut rest) = (0u64, bytes);
    for shift in [0, 7, 14, 21, 28] {
        let (byte, after) = rest.split_first().ok_or_else(cut_off)?;
        rest = after;
        length |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            let length = usize::try_from(length).map_err(|_| cut_off())?;
            return rest.split_at_checked(length).ok_or_else(cut_off);
        }
    }
    Err(Error::new(Kind::InvalidComponent, "the length of a section is no 32-bit number"))
}

fn cut_off() -> Error {
    Error::new(Kind::InvalidComponent, "the component ends in the middle of a section")
}
