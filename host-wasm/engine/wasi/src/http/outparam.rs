//! The resource `response-outparam`.

use trellis_error::Result;
use trellis_wrpc::invocation::Outcome;
use trellis_wrpc::{Reader, Write};

use super::OutgoingResponse;
use super::error_code::{self, PROTOCOL_ERROR, internal_error};
use crate::{Ctx, Reply};

/// The resource `response-outparam`: the number of the exchange that it answers.
pub(crate) struct ResponseOutparam(pub u64);

pub(super) fn set(ctx: &Ctx, params: &mut Reader<'_>, _out: &mut Vec<u8>) -> Result<Reply> {
    let ResponseOutparam(exchange) = ctx.table().take(params.handle()?)?;
    if params.bool()? {
        let mut results = vec![1];
        results.raw(error_code::read(params)?);
        ctx.exchange().answer(exchange, Outcome { results, channels: Vec::new() }, Default::default());
        return Ok(Reply::Done);
    }
    let response = ctx.table().take::<OutgoingResponse>(params.handle()?)?;
    // ok, a pending body, pending trailers.
    let mut results = vec![0, 0, 0];
    results.unsigned(response.status.into());
    response.headers.write(&mut results, None);
    let (channels, writer) = response.body.into_channels();
    ctx.exchange().answer(exchange, Outcome { results, channels }, writer);
    Ok(Reply::Done)
}

pub(super) fn send_informational(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let (outparam, status, headers) = (params.handle()?, params.u16()?, params.handle()?);
    ctx.table().get::<ResponseOutparam>(outparam)?;
    ctx.drop_resource(headers)?;
    out.u8(1);
    match status {
        100..200 => out.raw(&internal_error("informational responses are not supported")),
        _ => out.u8(PROTOCOL_ERROR),
    }
    Ok(Reply::Done)
}
