//! The resource `descriptor`: its functions that take no path.

use std::rc::Rc;

use trellis_error::{Error, Result};
use trellis_wrpc::{Reader, Write};

use super::error::{ErrorCode, answer, answer_unit};
use super::node::{Node, Time};
use super::tree::Filesystem;
use crate::{Ctx, Reply};

// Bits of `descriptor-flags`.
pub(super) const READ: u8 = 1;
pub(super) const WRITE: u8 = 2;
pub(super) const MUTATE_DIRECTORY: u8 = 32;

/// The most bytes that one `read` gives.
pub(super) const MOST: u64 = 1024 * 1024;

/// The resource `descriptor`: an open file or directory.
#[derive(Clone)]
pub(crate) struct Descriptor {
    pub(super) node: Rc<Node>,
    pub(super) flags: u8,
}

impl Descriptor {
    /// The root of a filesystem.
    pub fn root(filesystem: &Filesystem) -> Descriptor {
        Descriptor { node: filesystem.0.clone(), flags: READ | MUTATE_DIRECTORY }
    }

    /// Fails unless it has been opened for this.
    pub(super) fn allows(&self, flag: u8) -> Result<(), ErrorCode> {
        if self.flags & flag == 0 { Err(ErrorCode::BadDescriptor) } else { Ok(()) }
    }

    fn read(&self, len: u64, offset: u64) -> Result<(Vec<u8>, bool), ErrorCode> {
        self.allows(READ)?;
        self.node.file(|bytes| {
            let size = bytes.len() as u64;
            let start = offset.min(size);
            let end = start + len.min(MOST).min(size - start);
            (bytes[start as usize..end as usize].to_vec(), end == size)
        })
    }
}

impl Ctx {
    /// The descriptor that is the next parameter.
    pub(super) fn descriptor(&self, params: &mut Reader<'_>) -> Result<Descriptor> {
        self.table().get::<Descriptor>(params.handle()?).cloned()
    }
}

/// The new time that a `new-timestamp` asks for.
pub(super) fn new_time(params: &mut Reader<'_>, now: Time) -> Result<Option<Time>> {
    match params.u32()? {
        0 => Ok(None),
        1 => Ok(Some(now)),
        2 => Ok(Some((params.u64()?, params.u32()?))),
        case => Err(Error::decode(format!("new-timestamp has no case {case}"))),
    }
}

/// Sets the times that are to change.
pub(super) fn change_times(node: &Node, accessed: Option<Time>, modified: Option<Time>) {
    accessed.into_iter().for_each(|time| node.accessed.set(time));
    modified.into_iter().for_each(|time| node.modified.set(time));
}

/// Appends a `descriptor-stat`.
pub(super) fn write_stat(out: &mut Vec<u8>, node: Rc<Node>) {
    out.u8(node.kind() as u8);
    out.unsigned(1);
    out.unsigned(node.size());
    for (seconds, nanoseconds) in [node.accessed.get(), node.modified.get(), node.modified.get()] {
        out.u8(1);
        out.unsigned(seconds);
        out.unsigned(nanoseconds.into());
    }
}

/// Appends a `metadata-hash-value`: what the node is, not what it contains.
pub(super) fn write_hash(out: &mut Vec<u8>, node: Rc<Node>) {
    out.unsigned(node.id.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    out.unsigned(node.id);
}

pub(super) fn advise(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    ctx.descriptor(params)?;
    answer_unit(out, Ok(()))
}

pub(super) fn sync(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    ctx.descriptor(params)?;
    answer_unit(out, Ok(()))
}

pub(super) fn get_flags(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let flags = ctx.descriptor(params)?.flags;
    answer(out, Ok(flags), Vec::u8)
}

pub(super) fn get_type(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let kind = ctx.descriptor(params)?.node.kind();
    answer(out, Ok(kind as u8), Vec::u8)
}

pub(super) fn stat(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let node = ctx.descriptor(params)?.node;
    answer(out, Ok(node), write_stat)
}

pub(super) fn metadata_hash(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let node = ctx.descriptor(params)?.node;
    answer(out, Ok(node), write_hash)
}

pub(super) fn is_same_object(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let (one, other) = (ctx.descriptor(params)?, ctx.descriptor(params)?);
    out.bool(Rc::ptr_eq(&one.node, &other.node));
    Ok(Reply::Done)
}

pub(super) fn set_size(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let (descriptor, size) = (ctx.descriptor(params)?, params.u64()?);
    let now = ctx.outside().wall_now();
    let set = descriptor.allows(WRITE).and_then(|()| descriptor.node.resize(size, now));
    answer_unit(out, set)
}

pub(super) fn set_times(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let (descriptor, now) = (ctx.descriptor(params)?, ctx.outside().wall_now());
    let (accessed, modified) = (new_time(params, now)?, new_time(params, now)?);
    change_times(&descriptor.node, accessed, modified);
    answer_unit(out, Ok(()))
}

pub(super) fn read(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let (descriptor, len, offset) = (ctx.descriptor(params)?, params.u64()?, params.u64()?);
    answer(out, descriptor.read(len, offset), |out, (bytes, end)| {
        out.bytes(&bytes);
        out.bool(end);
    })
}

pub(super) fn write(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let (descriptor, bytes, offset) = (ctx.descriptor(params)?, params.bytes()?, params.u64()?);
    let now = ctx.outside().wall_now();
    let written = descriptor.allows(WRITE).and_then(|()| descriptor.node.write(Some(offset), bytes, now));
    answer(out, written, |out, ()| out.unsigned(bytes.len() as u64))
}
