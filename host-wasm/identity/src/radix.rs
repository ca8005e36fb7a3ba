//! Bytes as text: base32 of keys and base64url of tokens, both without padding (RFC 4648).
//!
//! A position in an error is that of the symbol, counted from 0.

/// What is wrong with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// The symbol at this position is not of the alphabet.
    Symbol(usize),
    /// The symbol at this position has bits that belong to no byte: the text was cut off, or two texts are one value.
    TrailingBits(usize),
}

/// An alphabet whose symbols are so many bits each.
pub(crate) struct Radix {
    alphabet: &'static [u8],
    bits: u32,
}

/// Five bits a symbol, upper case.
pub(crate) const BASE32: Radix = Radix { alphabet: b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", bits: 5 };

/// Six bits a symbol, for URLs.
pub(crate) const BASE64URL: Radix =
    Radix { alphabet: b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", bits: 6 };

impl Radix {
    /// The text of some bytes.
    pub fn encode(&self, bytes: &[u8]) -> String {
        let mut text = String::with_capacity((bytes.len() * 8).div_ceil(self.bits as usize));
        let (mut pending, mut count) = (0u32, 0);
        for byte in bytes {
            pending = pending << 8 | u32::from(*byte);
            count += 8;
            while count >= self.bits {
                count -= self.bits;
                text.push(self.symbol(pending >> count));
            }
        }
        if count > 0 {
            text.push(self.symbol(pending << (self.bits - count)));
        }
        text
    }

    /// The bytes of a text. Every value has one text only.
    pub fn decode(&self, text: &str) -> Result<Vec<u8>, Flaw> {
        let mut bytes = Vec::with_capacity(text.len() * self.bits as usize / 8);
        let (mut pending, mut count) = (0u32, 0);
        for (at, symbol) in text.bytes().enumerate() {
            let value = self.alphabet.iter().position(|it| *it == symbol).ok_or(Flaw::Symbol(at))?;
            pending = pending << self.bits | value as u32;
            count += self.bits;
            if count >= 8 {
                count -= 8;
                bytes.push((pending >> count) as u8);
            }
        }
        let left = pending & ((1 << count) - 1);
        match count < self.bits && left == 0 {
            true => Ok(bytes),
            false => Err(Flaw::TrailingBits(text.len().saturating_sub(1))),
        }
    }

    fn symbol(&self, value: u32) -> char {
        let mask = (1 << self.bits) - 1;
        char::from(self.alphabet[(value & mask) as usize])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_those_of_the_rfc() {
        let base32 = ["", "MY", "MZXQ", "MZXW6", "MZXW6YQ", "MZXW6YTB", "MZXW6YTBOI"];
        let base64 = ["", "Zg", "Zm8", "Zm9v", "Zm9vYg", "Zm9vYmE", "Zm9vYmFy"];
        for length in 0..=6 {
            let bytes = &b"foobar"[..length];
            for (radix, text) in [(&BASE32, base32[length]), (&BASE64URL, base64[length])] {
                assert_eq!(radix.encode(bytes), text);
                assert_eq!(radix.decode(text).as_deref(), Ok(bytes));
            }
        }
        assert_eq!(BASE64URL.encode(&[0xfb, 0xff]), "-_8");
    }

    #[test]
    fn a_value_has_one_text() {
        assert_eq!(BASE32.decode("my"), Err(Flaw::Symbol(0)));
        assert_eq!(BASE32.decode("MZ"), Err(Flaw::TrailingBits(1)));
        assert_eq!(BASE32.decode("M"), Err(Flaw::TrailingBits(0)));
        assert_eq!(BASE32.decode("MZA"), Err(Flaw::TrailingBits(2)), "three symbols are no whole bytes");
        assert_eq!(BASE64URL.decode("Zm9vA"), Err(Flaw::TrailingBits(4)));
        assert_eq!(BASE64URL.decode("Zm9="), Err(Flaw::Symbol(3)));
        assert_eq!(BASE64URL.decode("Zé"), Err(Flaw::Symbol(1)));
    }
}
