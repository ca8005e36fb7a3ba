//! The functions of `descriptor` that take a path.

use std::rc::Rc;

use trellis_error::Result;
use trellis_wrpc::{Reader, Write};

use super::descriptor::{Descriptor, MUTATE_DIRECTORY, READ, WRITE, change_times, new_time, write_hash, write_stat};
use super::error::{ErrorCode, answer, answer_unit};
use super::node::{Node, Time, Type};
use super::path::Place;
use crate::{Ctx, Reply};

// Bits of `open-flags`.
const CREATE: u8 = 1;
const DIRECTORY: u8 = 2;
const EXCLUSIVE: u8 = 4;
const TRUNCATE: u8 = 8;

/// What is at `path`.
fn at(descriptor: &Descriptor, path: &str) -> Result<Rc<Node>, ErrorCode> {
    Place::find(&descriptor.node, path)?.node()
}

pub(super) fn open(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let (base, _follow, path) = (ctx.descriptor(params)?, params.u8()?, params.str()?);
    let (how, flags) = (params.u8()?, params.u8()?);
    match open_node(&base.node, path, how, flags, ctx.outside().wall_now()) {
        Ok(node) => {
            let directory = node.kind() == Type::Directory;
            let flags = if directory { READ | MUTATE_DIRECTORY } else { flags & (READ | WRITE) };
            let rep = ctx.push(Descriptor { node, flags })?;
            answer(out, Ok(rep), Vec::handle)
        }
        Err(code) => answer_unit(out, Err(code)),
    }
}

fn open_node(base: &Rc<Node>, path: &str, how: u8, flags: u8, now: Time) -> Result<Rc<Node>, ErrorCode> {
    if how & CREATE != 0 && how & DIRECTORY != 0 {
        return Err(ErrorCode::Invalid);
    }
    let place = Place::find(base, path)?;
    let node = match place.node() {
        Err(ErrorCode::NoEntry) if how & CREATE != 0 => {
            let node = base.make(Type::File, now)?;
            place.directory.put(place.name_for(Type::File)?, node.clone(), now)?;
            return Ok(node);
        }
        found => found?,
    };
    match node.kind() {
        _ if how & CREATE != 0 && how & EXCLUSIVE != 0 => Err(ErrorCode::Exist),
        Type::File if how & DIRECTORY != 0 => Err(ErrorCode::NotDirectory),
        Type::Directory if how & (CREATE | TRUNCATE) != 0 || flags & WRITE != 0 => Err(ErrorCode::IsDirectory),
        Type::File if how & TRUNCATE != 0 => node.resize(0, now).map(|()| node),
        _ => Ok(node),
    }
}

pub(super) fn stat(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let (base, _follow, path) = (ctx.descriptor(params)?, params.u8()?, params.str()?);
    answer(out, at(&base, path), write_stat)
}

pub(super) fn metadata_hash(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let (base, _follow, path) = (ctx.descriptor(params)?, params.u8()?, params.str()?);
    answer(out, at(&base, path), write_hash)
}

pub(super) fn set_times(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let (base, _follow, path) = (ctx.descriptor(params)?, params.u8()?, params.str()?);
    let now = ctx.outside().wall_now();
    let (accessed, modified) = (new_time(params, now)?, new_time(params, now)?);
    answer_unit(out, at(&base, path).map(|node| change_times(&node, accessed, modified)))
}

pub(super) fn create_directory(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let (base, path) = (ctx.descriptor(params)?, params.str()?);
    answer_unit(out, make_directory(&base.node, path, ctx.outside().wall_now()))
}

fn make_directory(base: &Rc<Node>, path: &str, now: Time) -> Result<(), ErrorCode> {
    let place = Place::find(base, path)?;
    if !matches!(place.node(), Err(ErrorCode::NoEntry)) {
        return Err(ErrorCode::Exist);
    }
    let node = base.make(Type::Directory, now)?;
    place.directory.put(place.name_for(Type::Directory)?, node, now)?;
    Ok(())
}

pub(super) fn remove_directory(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    remove(ctx, params, out, Type::Directory)
}

pub(super) fn unlink_file(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    remove(ctx, params, out, Type::File)
}

fn remove(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>, kind: Type) -> Result<Reply> {
    let (base, path) = (ctx.descriptor(params)?, params.str()?);
    answer_unit(out, remove_node(&base.node, path, kind, ctx.outside().wall_now()))
}

fn remove_node(base: &Rc<Node>, path: &str, kind: Type, now: Time) -> Result<(), ErrorCode> {
    let place = Place::find(base, path)?;
    let name = place.name_for(kind)?;
    replaceable(&*place.node()?, kind)?;
    place.directory.remove(name, now);
    Ok(())
}

/// Whether `node` may go, or give way, to a node of type `kind`: of the same type, and empty if a directory.
fn replaceable(node: &Node, kind: Type) -> Result<(), ErrorCode> {
    match (node.kind(), kind) {
        (Type::Directory, Type::File) => Err(ErrorCode::IsDirectory),
        (Type::File, Type::Directory) => Err(ErrorCode::NotDirectory),
        (Type::Directory, Type::Directory) if !node.directory(|entries| entries.is_empty())? => {
            Err(ErrorCode::NotEmpty)
        }
        _ => Ok(()),
    }
}

pub(super) fn rename(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let (from, old) = (ctx.descriptor(params)?, params.str()?);
    let (to, new) = (ctx.descriptor(params)?, params.str()?);
    answer_unit(out, rename_node((&from.node, old), (&to.node, new), ctx.outside().wall_now()))
}

fn rename_node(from: (&Rc<Node>, &str), to: (&Rc<Node>, &str), now: Time) -> Result<(), ErrorCode> {
    let (from, to) = (Place::find(from.0, from.1)?, Place::find(to.0, to.1)?);
    let node = from.node()?;
    let (old, new) = (from.name_for(node.kind())?, to.name_for(node.kind())?);
    match to.node() {
        Ok(other) if Rc::ptr_eq(&other, &node) => return Ok(()),
        Ok(other) => replaceable(&other, node.kind())?,
        Err(ErrorCode::NoEntry) => {}
        Err(code) => return Err(code),
    }
    if node.contains(&to.directory) {
        return Err(ErrorCode::Invalid);
    }
    // Named anew first, as this can lack the space.
    to.directory.put(new, node, now)?;
    from.directory.remove(old, now);
    Ok(())
}

pub(super) fn link(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    ctx.descriptor(params)?;
    answer_unit(out, Err(ErrorCode::Unsupported))
}

pub(super) fn symlink(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    ctx.descriptor(params)?;
    answer_unit(out, Err(ErrorCode::Unsupported))
}

pub(super) fn readlink(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let (base, path) = (ctx.descriptor(params)?, params.str()?);
    // What is there is no symbolic link.
    answer_unit(out, at(&base, path).and(Err(ErrorCode::Invalid)))
}
