//! Files and directories as streams.

use std::ops::Bound;
use std::rc::Rc;

use trellis_error::Result;
use trellis_wrpc::{Reader, Write};

use super::descriptor::{Descriptor, READ, WRITE};
use super::error::{ErrorCode, answer};
use super::node::{Node, Time};
use crate::io::{InputStream, OutputStream, Sink, StreamError};
use crate::table::Held;
use crate::{Ctx, Reply};

/// The most bytes that are read at a time.
const MOST: usize = 64 * 1024;

/// A file that is read from an offset on.
pub(crate) struct FileReader {
    node: Rc<Node>,
    offset: u64,
}

impl FileReader {
    /// The next bytes, at most `max`.
    pub fn read(&mut self, max: usize) -> Result<Vec<u8>, StreamError> {
        let bytes = self.node.file(|bytes| {
            let rest = bytes.get(usize::try_from(self.offset).unwrap_or(usize::MAX)..).unwrap_or_default();
            (!rest.is_empty()).then(|| rest[..rest.len().min(max).min(MOST)].to_vec())
        })?;
        let bytes = bytes.ok_or(StreamError::Closed)?;
        self.offset += bytes.len() as u64;
        Ok(bytes)
    }
}

/// A file that is written from an offset on, or at its end.
pub(crate) struct FileWriter {
    node: Rc<Node>,
    offset: Option<u64>,
}

impl FileWriter {
    /// Writes all of `bytes`.
    pub fn write(&mut self, bytes: &[u8], now: Time) -> Result<(), StreamError> {
        self.node.write(self.offset, bytes, now)?;
        self.offset = self.offset.map(|offset| offset + bytes.len() as u64);
        Ok(())
    }
}

/// The resource `directory-entry-stream`: a directory, and the last name that has been given.
pub(crate) struct Entries {
    node: Rc<Node>,
    last: Box<str>,
}

/// Appends a stream of a descriptor that allows it.
fn open<T: Held>(ctx: &Ctx, out: &mut Vec<u8>, stream: Result<T, ErrorCode>) -> Result<Reply> {
    let rep = match stream {
        Ok(stream) => Ok(ctx.push(stream)?),
        Err(code) => Err(code),
    };
    answer(out, rep, Vec::handle)
}

/// The file of a descriptor that has been opened for this.
fn file(descriptor: Descriptor, flag: u8) -> Result<Rc<Node>, ErrorCode> {
    descriptor.node.file(|_| ())?;
    descriptor.allows(flag)?;
    Ok(descriptor.node)
}

pub(super) fn read_via_stream(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let (descriptor, offset) = (ctx.descriptor(params)?, params.u64()?);
    open(ctx, out, file(descriptor, READ).map(|node| InputStream::File(FileReader { node, offset })))
}

fn writer(ctx: &Ctx, out: &mut Vec<u8>, descriptor: Descriptor, offset: Option<u64>) -> Result<Reply> {
    let node = file(descriptor, WRITE);
    open(ctx, out, node.map(|node| OutputStream::new(Sink::File(FileWriter { node, offset }))))
}

pub(super) fn write_via_stream(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let (descriptor, offset) = (ctx.descriptor(params)?, params.u64()?);
    writer(ctx, out, descriptor, Some(offset))
}

pub(super) fn append_via_stream(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let descriptor = ctx.descriptor(params)?;
    writer(ctx, out, descriptor, None)
}

pub(super) fn read_directory(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let node = ctx.descriptor(params)?.node;
    open(ctx, out, node.directory(|_| ()).map(|()| Entries { node, last: "".into() }))
}

pub(super) fn read_directory_entry(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let mut table = ctx.table();
    let entries = table.get_mut::<Entries>(params.handle()?)?;
    let next = entries.node.directory(|all| {
        // No name is empty, so the first comes after the empty one.
        let after = all.range::<str, _>((Bound::Excluded(&*entries.last), Bound::Unbounded)).next();
        after.map(|(name, node)| (name.clone(), node.kind()))
    });
    answer(out, next, |out, next| {
        out.option(next, |out, (name, kind)| {
            out.u8(kind as u8);
            out.str(&name);
            entries.last = name;
        });
    })
}
