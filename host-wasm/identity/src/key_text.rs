//! Keys as text: a prefix, 32 bytes and a checksum in base32. Lattice protocol 1.x, section 1.1.

use crate::radix::BASE32;
use crate::{KeyError, KeyKind};

/// The characters of a public key.
const PUBLIC: usize = 56;
/// The characters of a seed.
const SEED: usize = 58;
/// The upper five bits of a seed's first byte, which are the letter `S`.
const SEED_PREFIX: u8 = 0x90;

/// The text of a public key.
pub(crate) fn public(kind: KeyKind, key: &[u8; 32]) -> String {
    encode(&[kind.prefix()], key)
}

/// The kind and bytes of a public key.
pub(crate) fn parse_public(text: &str) -> Result<(KeyKind, [u8; 32]), KeyError> {
    let ([prefix], key) = decode(text, PUBLIC)?;
    Ok((KeyKind::from_prefix(prefix).ok_or(KeyError::Prefix(prefix))?, key))
}

/// The text of a seed.
pub(crate) fn seed(kind: KeyKind, seed: &[u8; 32]) -> String {
    let prefix = kind.prefix();
    encode(&[SEED_PREFIX | prefix >> 5, (prefix & 31) << 3], seed)
}

/// The kind and bytes of a seed.
pub(crate) fn parse_seed(text: &str) -> Result<(KeyKind, [u8; 32]), KeyError> {
    let ([first, second], seed) = decode(text, SEED)?;
    let kind = KeyKind::from_prefix((first & 7) << 5 | second >> 3);
    match kind.filter(|_| first & 0xf8 == SEED_PREFIX) {
        Some(kind) => Ok((kind, seed)),
        None => Err(KeyError::Prefix(first)),
    }
}

fn encode(prefix: &[u8], key: &[u8; 32]) -> String {
    let mut bytes = Vec::with_capacity(prefix.len() + 34);
    bytes.extend_from_slice(prefix);
    bytes.extend_from_slice(key);
    bytes.extend_from_slice(&crc16(&bytes).to_le_bytes());
    BASE32.encode(&bytes)
}

/// The prefix of `N` bytes and the key in a text of `expected` characters.
fn decode<const N: usize>(text: &str, expected: usize) -> Result<([u8; N], [u8; 32]), KeyError> {
    if text.len() != expected {
        return Err(KeyError::Length { found: text.len(), expected });
    }
    let bytes = BASE32.decode(text)?;
    let (body, checksum) = bytes.split_last_chunk::<2>().ok_or(KeyError::Checksum)?;
    if crc16(body).to_le_bytes() != *checksum {
        return Err(KeyError::Checksum);
    }
    let (prefix, key) = body.split_first_chunk::<N>().ok_or(KeyError::Checksum)?;
    Ok((*prefix, key.try_into().map_err(|_| KeyError::Checksum)?))
}

/// CRC-16/XMODEM.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte) << 8, |crc, _| (crc << 1) ^ if crc & 0x8000 != 0 { 0x1021 } else { 0 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_has_its_check_value() {
        assert_eq!(crc16(b"123456789"), 0x31c3);
    }

    #[test]
    fn what_is_no_kind_of_key_is_refused() {
        let seed = |first, second| parse_seed(&encode(&[first, second], &[0; 32]));
        assert_eq!(seed(0x90, 0), Ok((KeyKind::Account, [0; 32])));
        assert_eq!(seed(0x00, 0), Err(KeyError::Prefix(0x00)), "an account without the S");
        assert_eq!(seed(0x90, 8), Err(KeyError::Prefix(0x90)), "no kind has the prefix 1");
        for prefix in [0x90, 0xc8, 0x01] {
            assert_eq!(parse_public(&encode(&[prefix], &[0; 32])), Err(KeyError::Prefix(prefix)));
        }
    }
}
