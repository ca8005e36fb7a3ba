//! Messages and their headers.
//!
//! Header names keep their case and may have several values; a message of the server carries a status instead of a
//! sender's content (`503`: nobody answers requests to that subject). As NATS has it.

use std::rc::Rc;

use trellis_error::{Error, Kind, Result};

/// The status of a request that reached nobody.
pub const NO_RESPONDERS: u16 = 503;

/// What is published, and what subscribers get.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// Where it was published.
    pub subject: String,
    /// Where an answer is expected.
    pub reply: Option<String>,
    /// The headers.
    pub headers: Headers,
    /// The content.
    pub payload: Rc<[u8]>,
}

impl Message {
    /// The server's answer to a request that reached nobody, for those who wait on its `reply` subject.
    pub fn no_responders(reply: &str) -> Message {
        let headers = Headers { status: Some(NO_RESPONDERS), fields: Vec::new() };
        Message { subject: reply.to_owned(), headers, ..Message::default() }
    }

    /// What counts against the maximal payload: headers as they are on the wire, and content.
    pub fn size(&self) -> usize {
        self.headers.size() + self.payload.len()
    }
}

/// The headers of a message, in the order they were added.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers {
    status: Option<u16>,
    fields: Vec<(String, String)>,
}

impl Headers {
    /// The status, where the message is the server's.
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// Adds a value to those of `name`. White space around a value does not travel.
    pub fn append(&mut self, name: &str, value: &str) -> Result<()> {
        let printable = |byte: u8| byte.is_ascii_graphic() && byte != b':';
        if name.is_empty() || !name.bytes().all(printable) {
            return Err(Error::new(
                Kind::InvalidArgument,
                format!("`{}` is not a valid header name", name.escape_debug()),
            ));
        }
        if value.contains(['\r', '\n']) {
            return Err(Error::new(Kind::InvalidArgument, format!("the value of header `{name}` has a line break")));
        }
        self.fields.push((name.to_owned(), value.trim_ascii().to_owned()));
        Ok(())
    }

    /// The first value of `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// All values of `name`.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.iter().filter(move |(field, _)| *field == name).map(|(_, value)| value)
    }

    /// All names with their values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether the message has no header block.
    pub fn is_empty(&self) -> bool {
        self.status.is_none() && self.fields.is_empty()
    }

    /// The length of the header block on the wire: `NATS/1.0` and each `name: value` with line ends, and an empty line.
    pub fn size(&self) -> usize {
        let status = if self.status.is_some() { " 503".len() } else { 0 };
        let fields: usize = self.fields.iter().map(|(name, value)| name.len() + value.len() + 4).sum();
        if self.is_empty() { 0 } else { "NATS/1.0\r\n\r\n".len() + status + fields }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_their_case_and_may_have_several_values() {
        let mut headers = Headers::default();
        headers.append("source-id", "a").unwrap();
        headers.append("Source-Id", "b").unwrap();
        headers.append("source-id", "  c\t").unwrap();
        assert_eq!(headers.get("source-id"), Some("a"));
        assert_eq!(headers.all("source-id").collect::<Vec<_>>(), ["a", "c"]);
        assert_eq!(headers.get("SOURCE-ID"), None);
    }

    #[test]
    fn what_would_break_the_wire_is_refused() {
        let mut headers = Headers::default();
        for name in ["", "a:b", "a b", "a\r\nb", "é"] {
            assert!(headers.append(name, "x").is_err(), "{name}");
        }
        for value in ["a\rb", "a\nb", "\r\nc: d"] {
            assert!(headers.append("x", value).is_err(), "{value}");
        }
        assert!(headers.is_empty());
    }

    #[test]
    fn the_size_is_that_of_the_wire() {
        let mut headers = Headers::default();
        assert_eq!(headers.size(), 0);
        headers.append("link-name", "default").unwrap();
        assert_eq!(headers.size(), "NATS/1.0\r\nlink-name: default\r\n\r\n".len());
        assert_eq!(Message::no_responders("r").size(), "NATS/1.0 503\r\n\r\n".len());
    }
}
