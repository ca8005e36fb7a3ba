//! The headers of the first message of a call.
//!
//! Facts: the lattice protocol 1.x, sections 6.2 (rule 3) and 6.6. Names are lower-case, exactly as they stand here.

/// Who calls, for the provider that is called: it finds the configuration of the link by these.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The id of the component or provider that calls (`source-id`).
    pub source: Option<String>,
    /// The name of the link in use (`link-name`).
    pub link: Option<String>,
    /// The W3C trace context (`traceparent`).
    pub trace: Option<String>,
    /// What tracing systems add to it (`tracestate`).
    pub trace_state: Option<String>,
}

impl Origin {
    /// The names in the order we send them, each with its field.
    fn fields(&mut self) -> [(&'static str, &mut Option<String>); 4] {
        [
            ("source-id", &mut self.source),
            ("link-name", &mut self.link),
            ("traceparent", &mut self.trace),
            ("tracestate", &mut self.trace_state),
        ]
    }

    /// Reads it from the headers of a call. Others are ignored; of several values the first counts.
    pub fn read<'a>(headers: impl IntoIterator<Item = (&'a str, &'a str)>) -> Origin {
        let mut origin = Origin::default();
        for (name, value) in headers {
            for (_, field) in origin.fields().into_iter().filter(|(known, _)| *known == name) {
                field.get_or_insert_with(|| value.to_owned());
            }
        }
        origin
    }

    /// The headers that say this.
    pub fn headers(mut self) -> Headers {
        self.fields().into_iter().filter_map(|(name, field)| Some((name, field.take()?))).collect()
    }
}

/// Headers as they are sent.
pub type Headers = Vec<(&'static str, String)>;

/// How many bytes of the maximal payload headers take: they are sent in front of the payload.
pub(super) fn size(headers: &Headers) -> usize {
    let fields: usize = headers.iter().map(|(name, value)| name.len() + value.len() + ": \r\n".len()).sum();
    if headers.is_empty() { 0 } else { "NATS/1.0\r\n\r\n".len() + fields }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again_and_has_the_size_of_the_wire() {
        let origin = Origin { source: Some("caller".into()), link: Some("default".into()), ..Origin::default() };
        let headers = origin.clone().headers();
        assert_eq!(size(&headers), "NATS/1.0\r\nsource-id: caller\r\nlink-name: default\r\n\r\n".len());
        assert_eq!(Origin::read(headers.iter().map(|(name, value)| (*name, value.as_str()))), origin);
        assert_eq!(size(&Origin::default().headers()), 0);
        let twice = [("target-id", "x"), ("traceparent", "a"), ("traceparent", "b")];
        assert_eq!(Origin::read(twice), Origin { trace: Some("a".into()), ..Origin::default() });
    }
}
