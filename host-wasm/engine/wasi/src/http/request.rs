//! The resources `incoming-request` and `outgoing-request`.

use trellis_error::Result;
use trellis_wrpc::invocation::Channels;
use trellis_wrpc::{Reader, Write};

use super::body::BodySlot;
use super::error_code::REQUEST_BODY_SIZE;
use super::syntax::{self, encoded};
use super::{Fields, IncomingBody};
use crate::meter::{Charge, Meter};
use crate::{Ctx, Reply};

/// Method, path with query, scheme and authority, each encoded: `method`, `option<string>`, `option<scheme>`,
/// `option<string>`.
#[derive(Clone, Debug)]
pub(crate) struct Line([Box<[u8]>; 4]);

pub(super) const METHOD: usize = 0;
pub(super) const PATH: usize = 1;
pub(super) const SCHEME: usize = 2;
pub(super) const AUTHORITY: usize = 3;

impl Line {
    fn read(bytes: &mut Reader<'_>) -> Result<Line> {
        Ok(Line([
            encoded(bytes, syntax::method)?.0.into(),
            encoded(bytes, |bytes| bytes.option(Reader::str))?.0.into(),
            encoded(bytes, |bytes| bytes.option(syntax::scheme))?.0.into(),
            encoded(bytes, |bytes| bytes.option(Reader::str))?.0.into(),
        ]))
    }

    /// Writes it with the path `/` and the scheme HTTPS where there are none.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.raw(&self.0[METHOD]);
        out.raw(if *self.0[PATH] == [0] { &[1, 1, b'/'] } else { &self.0[PATH] });
        out.raw(if *self.0[SCHEME] == [0] { &[1, 1] } else { &self.0[SCHEME] });
        out.raw(&self.0[AUTHORITY]);
    }

    pub fn authority(&self) -> Result<Option<&str>> {
        Reader::new(&self.0[AUTHORITY]).option(Reader::str)
    }
}

impl Default for Line {
    /// GET, and nothing else.
    fn default() -> Self {
        Line([[0].into(), [0].into(), [0].into(), [0].into()])
    }
}

/// The resource `incoming-request`.
pub(crate) struct IncomingRequest {
    line: Line,
    headers: Fields,
    body: Option<IncomingBody>,
}

impl IncomingRequest {
    /// Reads a `wrpc:http` request.
    pub fn read(meter: &Meter, bytes: &mut Reader<'_>, channels: &mut Channels) -> Result<IncomingRequest> {
        let body = Some(IncomingBody::read(meter, bytes, channels)?);
        Ok(IncomingRequest { line: Line::read(bytes)?, headers: Fields::read(meter, bytes)?, body })
    }
}

/// The resource `outgoing-request`.
pub(crate) struct OutgoingRequest {
    pub line: Line,
    pub headers: Fields,
    pub body: BodySlot,
    /// For the line.
    charge: Charge,
}

/// A part of the request line.
pub(super) fn incoming<const WHICH: usize>(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    out.raw(&ctx.table().get::<IncomingRequest>(params.handle()?)?.line.0[WHICH]);
    Ok(Reply::Done)
}

/// A part of the request line.
pub(super) fn outgoing<const WHICH: usize>(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    out.raw(&ctx.table().get::<OutgoingRequest>(params.handle()?)?.line.0[WHICH]);
    Ok(Reply::Done)
}

/// Sets a part of the request line that `valid` reads and judges.
fn set<'a, const WHICH: usize>(
    ctx: &Ctx,
    params: &mut Reader<'a>,
    out: &mut Vec<u8>,
    valid: impl FnOnce(&mut Reader<'a>) -> Result<bool>,
) -> Result<Reply> {
    let rep = params.handle()?;
    let (bytes, valid) = encoded(params, valid)?;
    let mut table = ctx.table();
    let request = table.get_mut::<OutgoingRequest>(rep)?;
    if valid {
        request.line.0[WHICH] = bytes.into();
        request.charge.resize(request.line.0.iter().map(|part| part.len()).sum())?;
    }
    out.bool(!valid);
    Ok(Reply::Done)
}

pub(super) fn incoming_headers(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let headers = ctx.table().get::<IncomingRequest>(params.handle()?)?.headers.clone();
    out.handle(ctx.push(headers)?);
    Ok(Reply::Done)
}

pub(super) fn consume(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let body = ctx.table().get_mut::<IncomingRequest>(params.handle()?)?.body.take();
    super::response::answer_body(ctx, out, body)
}

pub(super) fn constructor(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let headers = ctx.table().take::<Fields>(params.handle()?)?.frozen();
    let charge = ctx.meter().charge(0)?;
    out.handle(ctx.push(OutgoingRequest { line: Line::default(), headers, body: BodySlot::default(), charge })?);
    Ok(Reply::Done)
}

pub(super) fn outgoing_headers(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let headers = ctx.table().get::<OutgoingRequest>(params.handle()?)?.headers.clone();
    out.handle(ctx.push(headers)?);
    Ok(Reply::Done)
}

pub(super) fn body(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let body = {
        let mut table = ctx.table();
        let request = table.get_mut::<OutgoingRequest>(params.handle()?)?;
        request.body.open(ctx.meter(), &request.headers, REQUEST_BODY_SIZE)?
    };
    super::response::answer_body(ctx, out, body)
}

pub(super) fn set_method(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    set::<METHOD>(ctx, params, out, |it| Ok(syntax::method(it)?.is_none_or(syntax::is_token)))
}

pub(super) fn set_path(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    set::<PATH>(ctx, params, out, |it| Ok(it.option(Reader::str)?.is_none_or(syntax::is_path_with_query)))
}

pub(super) fn set_scheme(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    set::<SCHEME>(ctx, params, out, |it| Ok(it.option(syntax::scheme)?.flatten().is_none_or(syntax::is_scheme)))
}

pub(super) fn set_authority(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    set::<AUTHORITY>(ctx, params, out, |it| Ok(it.option(Reader::str)?.is_none_or(syntax::is_authority)))
}
