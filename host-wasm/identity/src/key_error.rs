//! What can be wrong with a key.

use std::fmt;

use trellis_error::{Error, Kind};

use crate::KeyKind;
use crate::radix::Flaw;

/// Why a text is no key, or a key cannot do what it was asked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyError {
    /// The text has another length than keys have, in bytes.
    Length {
        /// The length it has.
        found: usize,
        /// The length it must have: 56 for a public key, 58 for a seed.
        expected: usize,
    },
    /// The character at this position, counted from 0, is not of `A-Z` and `2-7`.
    Symbol(usize),
    /// The last character, which is at this position, cannot be the last of a key.
    TrailingBits(usize),
    /// The checksum does not match: a character was mistyped.
    Checksum,
    /// The first bytes name no kind of key, or a public key was given for a seed or the reverse.
    Prefix(u8),
    /// The key is of another kind than is needed here.
    Kind {
        /// The kind it has.
        found: KeyKind,
        /// What it must be.
        expected: &'static str,
    },
    /// The public key is no point of the curve, so it has no secret key.
    Point,
    /// The signature was not made with this key, or what it signs was altered.
    Signature,
}

impl From<Flaw> for KeyError {
    fn from(flaw: Flaw) -> Self {
        match flaw {
            Flaw::Symbol(at) => KeyError::Symbol(at),
            Flaw::TrailingBits(at) => KeyError::TrailingBits(at),
        }
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyError::Length { found, expected } => write!(f, "the key has {found} characters, not {expected}"),
            KeyError::Symbol(at) => write!(f, "the character {at} of the key is none of A-Z and 2-7"),
            KeyError::TrailingBits(at) => write!(f, "the character {at} of the key cannot be its last"),
            KeyError::Checksum => f.write_str("the checksum of the key does not match; check for a typing error"),
            KeyError::Prefix(byte) => {
                write!(f, "the key begins with {byte:#04x}, which is no kind of key fit for this")
            }
            KeyError::Kind { found, expected } => write!(f, "the key is of the kind {found}, but {expected} is needed"),
            KeyError::Point => f.write_str("the public key is no point of the curve"),
            KeyError::Signature => f.write_str("signature is not valid"),
        }
    }
}

impl std::error::Error for KeyError {}

impl From<KeyError> for Error {
    fn from(error: KeyError) -> Self {
        let kind = match error {
            KeyError::Signature => Kind::Denied,
            KeyError::Kind { .. } => Kind::InvalidArgument,
            _ => Kind::Decode,
        };
        Error::new(kind, error.to_string())
    }
}
