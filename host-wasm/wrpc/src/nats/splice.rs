//! Moves the content of channels into the values that announce them, and out again.
//!
//! A stream or future whose content is complete may travel within the value (ready) instead of on a channel (pending).
//! Peers accept both; in memory, all are pending, and what is complete travels with the announcement.
//!
//! Facts: the lattice protocol 1.x, section 6.3.

use trellis_error::Result;

use super::Path;
use super::content::Content;
use super::walk::{Site, Walk, first};
use crate::Write;

/// How a pending stream or future is encoded.
const PENDING: u8 = 0;

/// A channel as it is announced with the value that it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// Its index path.
    pub path: Path,
    /// The whole of its content where it is complete; nothing follows then.
    pub ready: Option<Vec<u8>>,
}

/// The value with every stream and future pending, and their channels.
pub(super) fn take_out(bytes: Vec<u8>, sites: &[Site]) -> (Vec<u8>, Vec<Channel>) {
    let mut out = Vec::new();
    let mut copied = 0;
    let mut channels = Vec::with_capacity(sites.len());
    for site in sites {
        let ready = site.ready.map(|start| bytes[start..site.encoded.end].to_vec());
        if site.encoded.len() > 1 {
            out.raw(&bytes[copied..site.encoded.start]);
            out.u8(PENDING);
            copied = site.encoded.end;
        }
        channels.push(Channel { path: site.path.clone(), ready });
    }
    if copied == 0 {
        return (bytes, channels);
    }
    out.raw(&bytes[copied..]);
    (out, channels)
}

/// A pending stream or future with its content where that is complete.
pub(super) type Pending<'a> = (&'a Site, Option<Vec<u8>>);

/// The value with what is complete put in, as long as all of it takes no more than `most` bytes, and what is pending
/// still. An empty stream cannot be put in.
pub(super) fn put_in<'a>(
    bytes: Vec<u8>,
    pending: Vec<Pending<'a>>,
    most: usize,
) -> Result<(Vec<u8>, Vec<Pending<'a>>)> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut copied = 0;
    let mut left = Vec::new();
    for (site, content) in pending {
        let prefix = content.as_deref().map(|ready| prefix(&site.content, ready)).transpose()?.flatten();
        let (Some(prefix), Some(ready)) = (prefix, &content) else {
            left.push((site, content));
            continue;
        };
        if out.len() + (bytes.len() - copied) + prefix.len() + ready.len() > most {
            left.push((site, content));
            continue;
        }
        out.raw(&bytes[copied..site.encoded.start]);
        out.raw(&prefix);
        out.raw(ready);
        copied = site.encoded.end;
    }
    out.raw(&bytes[copied..]);
    Ok((out, left))
}

/// What stands before a ready content; `None` where there is no way to say it.
fn prefix(content: &Content, ready: &[u8]) -> Result<Option<Vec<u8>>> {
    let count = match content {
        Content::Value(_) => return Ok((!ready.is_empty()).then(|| vec![1])),
        Content::Bytes => ready.len(),
        Content::Items(item) => {
            let (mut count, mut rest) = (0, ready);
            while let Some(len) = first(&mut Walk::default(), item, rest)? {
                rest = &rest[len..];
                count += 1;
            }
            if rest.is_empty() { count } else { 0 }
        }
    };
    let mut prefix = Vec::new();
    prefix.unsigned(count as u64);
    Ok((count > 0).then_some(prefix))
}
