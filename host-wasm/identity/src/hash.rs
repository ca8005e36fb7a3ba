//! The hash of a component that its claims have: SHA-256 of the component encoded anew, without tokens.
//!
//! Encoded anew means that every section has its length in as few bytes as it takes, within nested modules and
//! components too, and that tokens are left out at any depth. Nothing is copied for it: one pass finds the new lengths,
//! the other feeds the hash. Lattice protocol 1.x, section 10.3.

use sha2::{Digest, Sha256};
use trellis_error::{Error, Kind, Result};

use crate::sections::{Section, Sections};

/// Components nest no deeper than this.
const MAX_DEPTH: usize = 64;
/// The length of the eight bytes that every module and component begins with.
const HEADER: usize = 8;

/// The hash, in upper-case hexadecimal digits.
pub(crate) fn hash(bytes: &[u8]) -> Result<String> {
    let mut lengths = Vec::new();
    measure(bytes, 0, &mut lengths)?;
    let mut hash = Sha256::new();
    feed(bytes, &mut lengths.into_iter(), &mut hash)?;
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02X}")).collect())
}

/// The length of `bytes` when encoded anew. Notes the lengths of nested ones in the order in which they begin.
fn measure(bytes: &[u8], depth: usize, lengths: &mut Vec<usize>) -> Result<usize> {
    if depth > MAX_DEPTH {
        return Err(Error::new(Kind::Limit, format!("components are nested more than {MAX_DEPTH} deep")));
    }
    let mut total = HEADER;
    for section in Sections::of(bytes)? {
        let content = match section? {
            Section::Token(_) => continue,
            Section::Other(_, content) => content.len(),
            Section::Nested(_, nested) => {
                let at = lengths.len();
                lengths.push(0);
                lengths[at] = measure(nested, depth + 1, lengths)?;
                lengths[at]
            }
        };
        total += 1 + leb(content).count() + content;
    }
    Ok(total)
}

/// Hashes `bytes` encoded anew, with the lengths of nested ones that were found.
fn feed(bytes: &[u8], lengths: &mut impl Iterator<Item = usize>, hash: &mut Sha256) -> Result<()> {
    hash.update(&bytes[..HEADER]);
    for section in Sections::of(bytes)? {
        match section? {
            Section::Token(_) => {}
            Section::Other(id, content) => {
                begin(id, content.len(), hash);
                hash.update(content);
            }
            Section::Nested(id, nested) => {
                begin(id, lengths.next().unwrap_or_default(), hash);
                feed(nested, lengths, hash)?;
            }
        }
    }
    Ok(())
}

fn begin(id: u8, length: usize, hash: &mut Sha256) {
    hash.update([id]);
    leb(length).for_each(|byte| hash.update([byte]));
}

/// A number in unsigned LEB128.
fn leb(number: usize) -> impl Iterator<Item = u8> {
    let mut rest = Some(number);
    std::iter::from_fn(move || {
        let number = rest?;
        rest = Some(number >> 7).filter(|left| *left > 0);
        Some((number & 0x7f) as u8 | if rest.is_some() { 0x80 } else { 0 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_take_as_few_bytes_as_they_can() {
        for (number, bytes) in [(0, &[0][..]), (127, &[127]), (128, &[0x80, 1]), (300, &[0xac, 2])] {
            assert!(leb(number).eq(bytes.iter().copied()), "{number}");
        }
    }
}
