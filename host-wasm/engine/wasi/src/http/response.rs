//! The resources `incoming-response` and `outgoing-response`.

use trellis_error::Result;
use trellis_wrpc::invocation::Channels;
use trellis_wrpc::{Reader, Write};

use super::body::BodySlot;
use super::error_code::RESPONSE_BODY_SIZE;
use super::{Fields, IncomingBody};
use crate::meter::Meter;
use crate::table::Held;
use crate::{Ctx, Reply};

/// The resource `incoming-response`.
pub(crate) struct IncomingResponse {
    status: u16,
    headers: Fields,
    body: Option<IncomingBody>,
}

impl IncomingResponse {
    /// Reads a `wrpc:http` response.
    pub fn read(meter: &Meter, bytes: &mut Reader<'_>, channels: &mut Channels) -> Result<IncomingResponse> {
        let body = Some(IncomingBody::read(meter, bytes, channels)?);
        Ok(IncomingResponse { status: bytes.u16()?, headers: Fields::read(meter, bytes)?, body })
    }
}

/// The resource `outgoing-response`.
pub(crate) struct OutgoingResponse {
    pub status: u16,
    pub headers: Fields,
    pub body: BodySlot,
}

/// Appends a `result` of a body that can be had once.
pub(super) fn answer_body(ctx: &Ctx, out: &mut Vec<u8>, body: Option<impl Held>) -> Result<Reply> {
    match body {
        None => out.u8(1),
        Some(body) => {
            out.u8(0);
            out.handle(ctx.push(body)?);
        }
    }
    Ok(Reply::Done)
}

pub(super) fn incoming_status(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    out.unsigned(ctx.table().get::<IncomingResponse>(params.handle()?)?.status.into());
    Ok(Reply::Done)
}

pub(super) fn incoming_headers(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let headers = ctx.table().get::<IncomingResponse>(params.handle()?)?.headers.clone();
    out.handle(ctx.push(headers)?);
    Ok(Reply::Done)
}

pub(super) fn consume(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let body = ctx.table().get_mut::<IncomingResponse>(params.handle()?)?.body.take();
    answer_body(ctx, out, body)
}

pub(super) fn constructor(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let headers = ctx.table().take::<Fields>(params.handle()?)?.frozen();
    out.handle(ctx.push(OutgoingResponse { status: 200, headers, body: BodySlot::default() })?);
    Ok(Reply::Done)
}

pub(super) fn outgoing_status(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    out.unsigned(ctx.table().get::<OutgoingResponse>(params.handle()?)?.status.into());
    Ok(Reply::Done)
}

pub(super) fn set_status(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let (rep, status) = (params.handle()?, params.u16()?);
    let valid = (100..1000).contains(&status);
    let mut table = ctx.table();
    let response = table.get_mut::<OutgoingResponse>(rep)?;
    if valid {
        response.status = status;
    }
    out.bool(!valid);
    Ok(Reply::Done)
}

pub(super) fn outgoing_headers(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let headers = ctx.table().get::<OutgoingResponse>(params.handle()?)?.headers.clone();
    out.handle(ctx.push(headers)?);
    Ok(Reply::Done)
}

pub(super) fn body(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let body = {
        let mut table = ctx.table();
        let response = table.get_mut::<OutgoingResponse>(params.handle()?)?;
        response.body.open(ctx.meter(), &response.headers, RESPONSE_BODY_SIZE)?
    };
    answer_body(ctx, out, body)
}
