//! The functions of the resource `fields`.

use trellis_error::Result;
use trellis_wrpc::{Reader, Write};

use super::Fields;
use super::fields::is_forbidden;
use super::syntax::{is_field_value, is_token};
use crate::{Ctx, Reply};

/// `header-error`.
#[derive(Clone, Copy)]
enum HeaderError {
    InvalidSyntax,
    Forbidden,
    Immutable,
}

fn check_name(name: &str) -> Result<(), HeaderError> {
    match () {
        () if !is_token(name) => Err(HeaderError::InvalidSyntax),
        () if is_forbidden(name) => Err(HeaderError::Forbidden),
        () => Ok(()),
    }
}

fn check_value(value: &[u8]) -> Result<(), HeaderError> {
    if is_field_value(value) { Ok(()) } else { Err(HeaderError::InvalidSyntax) }
}

fn answer(out: &mut Vec<u8>, result: Result<(), HeaderError>) -> Result<Reply> {
    match result {
        Ok(()) => out.u8(0),
        Err(error) => out.raw(&[1, error as u8]),
    }
    Ok(Reply::Done)
}

pub(super) fn constructor(ctx: &Ctx, _params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let fields = Fields::new(ctx.meter())?;
    out.handle(ctx.push(fields)?);
    Ok(Reply::Done)
}

pub(super) fn from_list(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let mut fields = Fields::new(ctx.meter())?;
    for _ in 0..params.u32()? {
        let (name, value) = (params.str()?, params.bytes()?);
        if let Err(error) = check_name(name).and_then(|()| check_value(value)) {
            return answer(out, Err(error));
        }
        fields.append(name, value)?;
    }
    out.u8(0);
    out.handle(ctx.push(fields)?);
    Ok(Reply::Done)
}

pub(super) fn get(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let (rep, name) = (params.handle()?, params.str()?);
    let table = ctx.table();
    let fields = table.get::<Fields>(rep)?;
    out.unsigned(fields.values(name).count() as u64);
    fields.values(name).for_each(|value| out.bytes(value));
    Ok(Reply::Done)
}

pub(super) fn has(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let (rep, name) = (params.handle()?, params.str()?);
    out.bool(ctx.table().get::<Fields>(rep)?.values(name).next().is_some());
    Ok(Reply::Done)
}

/// Changes fields that may be changed, under a name that may be used.
fn change(
    ctx: &Ctx,
    rep: u32,
    name: &str,
    change: impl FnOnce(&mut Fields) -> Result<Result<(), HeaderError>>,
) -> Result<Result<(), HeaderError>> {
    let mut table = ctx.table();
    let fields = table.get_mut::<Fields>(rep)?;
    if !fields.is_mutable() {
        return Ok(Err(HeaderError::Immutable));
    }
    match check_name(name) {
        Ok(()) => change(fields),
        Err(error) => Ok(Err(error)),
    }
}

pub(super) fn set(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let (rep, name, values) = (params.handle()?, params.str()?, params.list(Reader::bytes)?);
    let changed = change(ctx, rep, name, |fields| {
        if let Err(error) = values.iter().try_for_each(|value| check_value(value)) {
            return Ok(Err(error));
        }
        fields.delete(name)?;
        values.iter().try_for_each(|value| fields.append(name, value))?;
        Ok(Ok(()))
    })?;
    answer(out, changed)
}

pub(super) fn delete(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let (rep, name) = (params.handle()?, params.str()?);
    let changed = change(ctx, rep, name, |fields| fields.delete(name).map(Ok))?;
    answer(out, changed)
}

pub(super) fn append(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let (rep, name, value) = (params.handle()?, params.str()?, params.bytes()?);
    let changed = change(ctx, rep, name, |fields| match check_value(value) {
        Ok(()) => fields.append(name, value).map(Ok),
        Err(error) => Ok(Err(error)),
    })?;
    answer(out, changed)
}

pub(super) fn entries(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let rep = params.handle()?;
    let table = ctx.table();
    let entries = table.get::<Fields>(rep)?.iter();
    out.unsigned(entries.len() as u64);
    for (name, value) in entries {
        out.str(name);
        out.bytes(value);
    }
    Ok(Reply::Done)
}

pub(super) fn clone(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let rep = params.handle()?;
    let fields = ctx.table().get::<Fields>(rep)?.thawed();
    out.handle(ctx.push(fields)?);
    Ok(Reply::Done)
}
