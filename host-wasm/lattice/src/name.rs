//! Names of lattices, components, providers, links and buckets.
//!
//! Each must be one token of a subject and part of a bucket's or key's name, so all share one rule: sections 1.4 and
//! 1.5 of the lattice protocol.

use trellis_error::{Error, Kind, Result};

/// No name is longer than this, in bytes.
const MAX_LENGTH: usize = 256;

/// Fails unless `name` is one or more of `A-Z a-z 0-9 _ -`. `what` says in the error what was to be named.
pub fn check_name(what: &str, name: &str) -> Result<()> {
    let valid = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if name.is_empty() || name.len() > MAX_LENGTH || !name.bytes().all(valid) {
        return Err(Error::new(
            Kind::InvalidArgument,
            format!("`{name}` cannot be the name of a {what}: use 1 to {MAX_LENGTH} of A-Z, a-z, 0-9, _ and -"),
        ));
    }
    Ok(())
}

/// Fails unless `queue` may name a queue group: no white space. Groups of a lattice have dots (`default.kv`).
pub(crate) fn check_queue(queue: &str) -> Result<()> {
    if queue.is_empty() || queue.len() > 2 * MAX_LENGTH || queue.contains(char::is_whitespace) {
        return Err(Error::new(Kind::InvalidArgument, format!("`{queue}` cannot be the name of a queue group")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_token_of_letters_digits_and_dashes() {
        for good in ["a", "http-hello", "A_9", "-"] {
            assert!(check_name("component", good).is_ok(), "{good}");
        }
        for bad in ["", "a.b", "a b", "*", ">", "é", "a/b", &"x".repeat(257)] {
            assert!(check_name("component", bad).is_err(), "{bad}");
        }
    }
}
