//! The frames of a channel on NATS, around its content as it is in memory.
//!
//! A stream comes in chunks, each a count and so many items, and ends with a count of zero; a future is its value. An
//! empty message closes either. Where messages begin and end means nothing.
//!
//! Facts: the lattice protocol 1.x, section 6.4.

use std::collections::VecDeque;

use trellis_error::{Error, Result};

use super::content::Content;
use super::walk::{Walk, first, number};
use crate::{Reader, Type, Write};

/// The largest chunk of bytes. Receivers take large ones too, but buffer few messages (section 6.5).
const CHUNK: usize = 32 * 1024;

/// The longest count of a chunk.
const COUNT: usize = 5;

/// The payloads of messages that wait to be sent.
pub(super) type Payloads = VecDeque<Vec<u8>>;

/// Turns the content of a channel into payloads, none of which is empty.
#[derive(Debug)]
pub(super) struct Framer {
    content: Content,
    /// The largest payload.
    most: usize,
    /// The item, or the value of a future, that is not complete yet.
    partial: Vec<u8>,
    walk: Walk,
}

impl Framer {
    pub fn new(content: Content, most: usize) -> Framer {
        Framer { content, most, partial: Vec::new(), walk: Walk::default() }
    }

    /// More of the content. Items go out when they are complete.
    pub fn push(&mut self, bytes: &[u8], out: &mut Payloads) -> Result<()> {
        match &self.content {
            Content::Bytes => bytes.chunks(CHUNK.min(self.most - COUNT)).for_each(|chunk| {
                let mut payload = Vec::with_capacity(chunk.len() + COUNT);
                payload.bytes(chunk);
                out.push_back(payload);
            }),
            Content::Items(item) => {
                self.partial.extend_from_slice(bytes);
                let (mut count, mut whole) = (0, 0);
                while let Some(len) = first(&mut self.walk, item, &self.partial[whole..])? {
                    whole += len;
                    count += 1;
                }
                if count > 0 {
                    let rest = self.partial.split_off(whole);
                    let mut chunk = Vec::with_capacity(COUNT + whole);
                    chunk.unsigned(count);
                    chunk.raw(&self.partial);
                    out.extend(chunk.chunks(self.most).map(<[u8]>::to_vec));
                    self.partial = rest;
                }
            }
            Content::Value(_) => out.extend(bytes.chunks(self.most).map(<[u8]>::to_vec)),
        }
        Ok(())
    }

    /// The content is over; the empty message that closes the channel is the caller's. A stream that breaks off promises
    /// an item that does not come, so that its reader does not take it for complete.
    pub fn end(&mut self, well: bool, out: &mut Payloads) {
        let last = match &self.content {
            Content::Value(_) => return,
            Content::Bytes | Content::Items(_) => u8::from(!well || !self.partial.is_empty()),
        };
        self.partial = Vec::new();
        match out.back_mut() {
            Some(payload) if payload.len() < self.most => payload.u8(last),
            _ => out.push_back(vec![last]),
        }
    }

    /// How many bytes are held.
    pub fn held(&self) -> usize {
        self.partial.len()
    }
}

/// Turns payloads into the content of a channel.
#[derive(Debug)]
pub(super) struct Unframer {
    content: Content,
    /// What cannot be handed on yet: part of a count, of a chunk of items, or of a value.
    partial: Vec<u8>,
    walk: Walk,
    /// Of the current chunk of bytes, how many are still to come.
    left: usize,
}

impl Unframer {
    pub fn new(content: Content) -> Unframer {
        // Chunks of items are followed as the lists that they look like.
        let content = match content {
            Content::Items(item) => Content::Items(Type::list(item)),
            other => other,
        };
        Unframer { content, partial: Vec::new(), walk: Walk::default(), left: 0 }
    }

    /// What a payload brings of the content, and whether that is its end.
    pub fn push(&mut self, payload: &[u8], out: &mut Vec<u8>) -> Result<bool> {
        match &self.content {
            Content::Bytes => self.bytes(payload, out),
            Content::Items(list) => {
                self.partial.extend_from_slice(payload);
                let mut start = 0;
                while let Some(len) = first(&mut self.walk, list, &self.partial[start..])? {
                    let mut items = Reader::new(&self.partial[start..start + len]);
                    if items.u32()? == 0 {
                        self.partial = Vec::new();
                        return Ok(true);
                    }
                    out.raw(items.rest());
                    start += len;
                }
                self.partial.drain(..start);
                Ok(false)
            }
            Content::Value(ty) => {
                self.partial.extend_from_slice(payload);
                let complete = self.walk.advance(ty, &self.partial)?;
                if complete {
                    self.partial.truncate(self.walk.end());
                    out.append(&mut self.partial);
                }
                Ok(complete)
            }
        }
    }

    fn bytes(&mut self, mut payload: &[u8], out: &mut Vec<u8>) -> Result<bool> {
        while let Some(first) = payload.first() {
            if self.left > 0 {
                let (part, rest) = payload.split_at(self.left.min(payload.len()));
                out.raw(part);
                self.left -= part.len();
                payload = rest;
                continue;
            }
            self.partial.push(*first);
            payload = &payload[1..];
            if number(&self.partial, COUNT).is_some() {
                self.left = Reader::new(&self.partial).u32()? as usize;
                self.partial.clear();
                if self.left == 0 {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// The channel was closed before its content ended. For a stream between two chunks that is an end too.
    pub fn close(&self) -> Result<()> {
        let clean = self.left == 0 && self.partial.is_empty() && !matches!(self.content, Content::Value(_));
        if clean { Ok(()) } else { Err(Error::decode("a channel was closed within its content")) }
    }

    /// How many bytes are held.
    pub fn held(&self) -> usize {
        self.partial.len()
    }
}
