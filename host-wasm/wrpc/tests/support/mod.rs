//! What the tests of this crate, of trellis-lattice and of trellis-identity share: where the recorded vectors are, and a seeded source of numbers.
#![allow(dead_code, reason = "every test binary uses its own part")]

use std::path::PathBuf;

/// The lines of a file of recorded vectors, parsed. Where the checkout stands alone there are none, and it says so.
pub fn vectors(name: &str) -> Vec<serde_json::Value> {
    let text = recorded(name).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
}

/// A file of recorded vectors that is one map, parsed; empty where the checkout stands alone.
pub fn scenarios(name: &str) -> serde_json::Map<String, serde_json::Value> {
    document(name).map(|map| map.as_object().expect("the file is a JSON map").clone()).unwrap_or_default()
}

/// A file of recorded vectors that is one document, parsed. Where the checkout stands alone there is none.
pub fn document(name: &str) -> Option<serde_json::Value> {
    recorded(name).map(|text| serde_json::from_str(&text).expect("the document is JSON"))
}

fn recorded(name: &str) -> Option<String> {
    let told = std::env::var_os("TRELLIS_SHARED").map(PathBuf::from);
    let beside = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared"));
    let required = told.is_some();
    let path = told.unwrap_or_else(beside).join("lattice-v1/vectors").join(name);
    match std::fs::read_to_string(&path) {
        Ok(text) => Some(text),
        Err(error) if required => panic!("{}: {error}", path.display()),
        Err(_) => {
            eprintln!("skipped: {name} is not beside this checkout and TRELLIS_SHARED is not set");
            None
        }
    }
}

/// The bytes behind hexadecimal digits.
pub fn unhex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// A seeded xorshift generator.
pub struct Random(u64);

impl Random {
    /// A generator whose numbers follow from `seed`.
    pub fn new(seed: u64) -> Self {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        (self.next() >> 16) % end
    }

    /// Some bytes, fewer than `end`.
    pub fn bytes(&mut self, end: u64) -> Vec<u8> {
        (0..self.below(end)).map(|_| self.next() as u8).collect()
    }

    /// One of several.
    pub fn of<'a>(&mut self, options: &[&'a str]) -> &'a str {
        options[self.below(options.len() as u64) as usize]
    }

    /// One to `most` of the options, joined by dots.
    pub fn subject(&mut self, options: &[&str], most: u64) -> String {
        let tokens: Vec<&str> = (0..=self.below(most)).map(|_| self.of(options)).collect();
        tokens.join(".")
    }
}
