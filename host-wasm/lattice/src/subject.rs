//! Subjects and the patterns that subscribe to them.
//!
//! A subject is tokens joined by dots. In a pattern the token `*` stands for any one token and a final `>` for one or
//! more; within a longer token both are plain characters. As nats-server has it.

use trellis_error::{Error, Kind, Result};

/// No subject or pattern is longer than this, in bytes.
pub const MAX_LENGTH: usize = 2048;

/// Fails unless a message may be published to `subject`.
pub fn check(subject: &str) -> Result<()> {
    check_tokens(subject)?;
    match subject.split('.').find(|token| matches!(*token, "*" | ">")) {
        None => Ok(()),
        Some(token) => Err(invalid(subject, &format!("a message cannot be published to the wildcard {token}"))),
    }
}

/// Fails unless one may subscribe to `pattern`.
pub fn check_pattern(pattern: &str) -> Result<()> {
    check_tokens(pattern)?;
    match pattern.split('.').rev().skip(1).any(|token| token == ">") {
        false => Ok(()),
        true => Err(invalid(pattern, "> can only be the last token")),
    }
}

fn check_tokens(subject: &str) -> Result<()> {
    if subject.len() > MAX_LENGTH {
        return Err(Error::new(Kind::InvalidArgument, format!("a subject is longer than {MAX_LENGTH} bytes")));
    }
    if subject.split('.').any(str::is_empty) {
        return Err(invalid(subject, "it has an empty token"));
    }
    if subject.contains([' ', '\t', '\r', '\n', '\x0c', '\0']) {
        return Err(invalid(subject, "it has white space"));
    }
    Ok(())
}

/// Whether a subscription to `pattern` gets what is published to `subject`.
pub fn matches(pattern: &str, subject: &str) -> bool {
    let (mut pattern, mut subject) = (pattern.split('.'), subject.split('.'));
    loop {
        match (pattern.next(), subject.next()) {
            (None, None) | (Some(">"), Some(_)) => return true,
            (Some(wanted), Some(token)) if wanted == "*" || wanted == token => {}
            _ => return false,
        }
    }
}

fn invalid(subject: &str, reason: &str) -> Error {
    Error::new(Kind::InvalidArgument, format!("`{subject}` is not a valid subject: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_have_no_wildcards_empty_tokens_or_white_space() {
        for good in [
            "a",
            "a.b.c",
            "$KV.x.y",
            "_INBOX.q",
            "a*b.c>",
            "é.x",
            "default.kv.wrpc.0.0.1.wasi:kv/store@0.2.0-draft.get",
        ] {
            assert!(check(good).is_ok(), "{good}");
        }
        for bad in ["", ".", "a.", ".a", "a..b", "a b", "a\t", "a\r\nb", "*", "a.*", ">", "a.>", &"x".repeat(2049)] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn patterns_have_wildcards_as_whole_tokens() {
        for good in ["a", "*", ">", "a.*.c", "*.*", "a.>", "a.b>", "a>.b", "a.*>"] {
            assert!(check_pattern(good).is_ok(), "{good}");
        }
        for bad in ["", ">.a", "a.>.b", "a..*", "a *", "*.", &"x".repeat(2049)] {
            assert!(check_pattern(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn wildcards_match_tokens() {
        for (pattern, subject) in
            [("a.b", "a.b"), ("a.*", "a.b"), ("*.*", "a.b"), ("a.>", "a.b.c"), (">", "a"), ("a.*.>", "a.b.c.d")]
        {
            assert!(matches(pattern, subject), "{pattern} {subject}");
        }
        for (pattern, subject) in
            [("a.b", "a.c"), ("a.*", "a"), ("a.*", "a.b.c"), ("a.>", "a"), ("a", "a.b"), ("a.b*", "a.bc"), ("*", "a.b")]
        {
            assert!(!matches(pattern, subject), "{pattern} {subject}");
        }
    }
}
