//! `wasi:http/outgoing-handler`, translated to `wrpc:http/outgoing-handler@0.1.0` `handle` over a link.
//!
//! A link that is missing or fails is an `internal-error` that says why, where wasmCloud's host traps the guest.

use std::task::{Context, Poll};

use trellis_error::{Error, Result};
use trellis_wrpc::invocation::{Answer, Invocation, Later, Outcome};
use trellis_wrpc::pipe::CAPACITY;
use trellis_wrpc::{Reader, Write};

use super::error_code::{self, REQUEST_URI_INVALID, internal_error};
use super::{IncomingResponse, OutgoingRequest, RequestOptions};
use crate::io::Pollable;
use crate::meter::Charge;
use crate::{Ctx, Reply};

const INSTANCE: &str = "wrpc:http/outgoing-handler@0.1.0";

/// The resource `future-incoming-response`.
pub(crate) struct FutureResponse {
    state: State,
    _charge: Charge,
}

enum State {
    Waiting(Later<Result<Outcome>>),
    Ready(Result<Outcome>),
    Taken,
}

impl FutureResponse {
    pub fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let State::Waiting(answer) = &mut self.state {
            match answer.as_mut().poll(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(answer) => self.state = State::Ready(answer),
            }
        }
        Poll::Ready(())
    }
}

pub(super) fn handle(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let (request, options) = (params.handle()?, params.option(Reader::handle)?);
    let request = ctx.table().take::<OutgoingRequest>(request)?;
    let options = match options {
        Some(rep) => ctx.table().take::<RequestOptions>(rep)?,
        None => RequestOptions::default(),
    };
    let Some(invocation) = invocation(request, options)? else {
        out.raw(&[1, REQUEST_URI_INVALID]);
        return Ok(Reply::Done);
    };
    // A response holds a pipe.
    let charge = ctx.meter().charge(CAPACITY)?;
    let state = match ctx.outside().invoke(invocation) {
        Ok(Answer::Now(outcome)) => State::Ready(Ok(outcome)),
        Ok(Answer::Later(answer)) => State::Waiting(answer),
        Err(error) => State::Ready(Err(error)),
    };
    out.u8(0);
    out.handle(ctx.push(FutureResponse { state, _charge: charge })?);
    Ok(Reply::Done)
}

/// The invocation of a request; none where it has no authority.
fn invocation(request: OutgoingRequest, options: RequestOptions) -> Result<Option<Invocation>> {
    let Some(authority) = request.line.authority()? else { return Ok(None) };
    // A pending body, pending trailers.
    let mut params = vec![0, 0];
    request.line.write(&mut params);
    request.headers.write(&mut params, Some(("host", authority)));
    params.u8(1);
    options.write(&mut params);
    let (channels, _writer) = request.body.into_channels();
    Ok(Some(Invocation { instance: INSTANCE.to_owned(), function: "handle".to_owned(), params, channels }))
}

pub(super) fn subscribe(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let rep = params.handle()?;
    ctx.table().get::<FutureResponse>(rep)?;
    out.handle(ctx.table().push_child(Pollable::Response(rep), rep)?);
    Ok(Reply::Done)
}

pub(super) fn get(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let rep = params.handle()?;
    if !ctx.is_ready(&Pollable::Response(rep))? {
        out.u8(0);
        return Ok(Reply::Done);
    }
    let state = std::mem::replace(&mut ctx.table().get_mut::<FutureResponse>(rep)?.state, State::Taken);
    let State::Ready(answer) = state else {
        out.raw(&[1, 1]);
        return Ok(Reply::Done);
    };
    match answer.and_then(|outcome| response(ctx, outcome)) {
        Ok(Ok(response)) => {
            let rep = ctx.push(response)?;
            out.raw(&[1, 0, 0]);
            out.handle(rep);
        }
        Ok(Err(code)) => {
            out.raw(&[1, 0, 1]);
            out.raw(&code);
        }
        Err(error) => {
            out.raw(&[1, 0, 1]);
            out.raw(&internal_error(error.message()));
        }
    }
    Ok(Reply::Done)
}

/// Reads a `result<response, error-code>`.
fn response(ctx: &Ctx, mut outcome: Outcome) -> Result<Result<IncomingResponse, Vec<u8>>> {
    if outcome.results.is_empty() {
        return Err(Error::decode("the request was not answered"));
    }
    let bytes = &mut Reader::new(&outcome.results);
    if bytes.bool()? {
        return error_code::read(bytes).map(|code| Err(code.to_vec()));
    }
    IncomingResponse::read(ctx.meter(), bytes, &mut outcome.channels).map(Ok)
}
