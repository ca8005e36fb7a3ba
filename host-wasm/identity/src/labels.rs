//! Labels of a host: lattice protocol 1.x, sections 1.4 and 3.9.

use std::collections::BTreeMap;

use trellis_error::{Error, Kind, Result};

/// What the keys of the host's own labels begin with.
const BUILT_IN: &str = "hostcore.";
/// No host has more labels than this: every heartbeat carries them.
const MAX_LABELS: usize = 256;
/// No key or value is longer than this, in bytes.
const MAX_LENGTH: usize = 1024;

/// The labels of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labels(BTreeMap<String, String>);

impl Labels {
    /// The host's own labels for a platform, such as `wasm32`, `browser` and `wasm`.
    pub fn new(arch: &str, os: &str, os_family: &str) -> Self {
        let built_in = [("arch", arch), ("os", os), ("osfamily", os_family)];
        Labels(built_in.map(|(key, value)| (format!("{BUILT_IN}{key}"), value.to_owned())).into())
    }

    /// Sets a label that the host was configured with. It may replace one of the host's own.
    pub fn configure(&mut self, key: &str, value: &str) -> Result<()> {
        let invalid = |what: &str| Err(Error::new(Kind::InvalidArgument, format!("the label `{key}` {what}")));
        if key.trim().is_empty() {
            return Err(Error::new(Kind::InvalidArgument, "a label has no key"));
        }
        if key.len().max(value.len()) > MAX_LENGTH {
            return Err(Error::limit("labels", format!("a label is longer than {MAX_LENGTH} bytes")));
        }
        if [key, value].into_iter().any(|text| text.contains(char::is_control)) {
            return invalid("has control characters");
        }
        if self.0.len() >= MAX_LABELS && !self.0.contains_key(key) {
            return Err(Error::limit("labels", format!("a host has at most {MAX_LABELS} labels; delete one first")));
        }
        self.0.insert(key.to_owned(), value.to_owned());
        Ok(())
    }

    /// Sets a label while the host runs. The host's own are not set.
    pub fn put(&mut self, key: &str, value: &str) -> Result<()> {
        match key.get(..BUILT_IN.len()).is_some_and(|start| start.eq_ignore_ascii_case(BUILT_IN)) {
            true => Err(Error::new(Kind::InvalidArgument, "hostcore.* labels cannot be set dynamically")),
            false => self.configure(key, value),
        }
    }

    /// Deletes a label, be it the host's own. Returns whether it was there.
    pub fn delete(&mut self, key: &str) -> bool {
        self.0.remove(key).is_some()
    }

    /// Whether these are the labels that an auction asks for: every constraint is a label with exactly that value.
    pub fn satisfy(&self, constraints: &BTreeMap<String, String>) -> bool {
        constraints.iter().all(|(key, value)| self.0.get(key) == Some(value))
    }

    /// The labels by key.
    pub fn as_map(&self) -> &BTreeMap<String, String> {
        &self.0
    }
}

/// The key and value of a label given as `key=value`, with one `=`.
pub fn parse_label(text: &str) -> Result<(&str, &str)> {
    match text.split_once('=') {
        Some((key, value)) if !value.contains('=') => Ok((key, value)),
        _ => Err(Error::new(Kind::InvalidArgument, format!("`{text}` is no label: write it as key=value"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels() -> Labels {
        Labels::new("wasm32", "browser", "wasm")
    }

    #[test]
    fn the_hosts_own_labels_are_set_at_the_start_only() {
        let mut labels = labels();
        labels.configure("hostcore.os", "node").unwrap();
        assert_eq!(labels.as_map()["hostcore.os"], "node");
        for key in ["hostcore.os", "HOSTCORE.x", "HostCore."] {
            let error = labels.put(key, "x").unwrap_err();
            assert_eq!(error.message(), "hostcore.* labels cannot be set dynamically");
        }
        labels.put("hostcoré", "x").unwrap();
        labels.put("zone", "lab").unwrap();
        assert!(labels.delete("hostcore.os") && !labels.delete("hostcore.os"));
    }

    #[test]
    fn constraints_are_compared_exactly() {
        let asks = |pairs: &[(&str, &str)]| {
            let constraints = pairs.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
            labels().satisfy(&constraints)
        };
        assert!(asks(&[]) && asks(&[("hostcore.os", "browser"), ("hostcore.arch", "wasm32")]));
        assert!(!asks(&[("hostcore.os", "Browser")]) && !asks(&[("zone", "")]));
    }

    #[test]
    fn labels_are_bounded() {
        let mut labels = labels();
        for bad in ["", " ", "a\nb"] {
            assert_eq!(labels.put(bad, "x").unwrap_err().kind(), Kind::InvalidArgument);
        }
        assert_eq!(labels.put("x", &"x".repeat(1025)).unwrap_err().kind(), Kind::Limit);
        let set = (0..300).filter(|number| labels.put(&format!("l{number}"), "").is_ok()).count();
        assert_eq!(set, MAX_LABELS - 3);
        labels.put("l0", "again").unwrap();
    }

    #[test]
    fn a_label_is_given_with_one_sign() {
        assert_eq!(parse_label("a=b").unwrap(), ("a", "b"));
        assert_eq!(parse_label("a=").unwrap(), ("a", ""));
        for bad in ["a", "a=b=c", ""] {
            assert!(parse_label(bad).is_err(), "{bad}");
        }
    }
}
