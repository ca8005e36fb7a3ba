//! The resource `future-trailers`.

use std::task::{Context, Poll};

use trellis_error::{Error, Kind, Result};
use trellis_wrpc::pipe::Receiver;
use trellis_wrpc::{Reader, Write};

use super::{Fields, internal_error};
use crate::io::Pollable;
use crate::meter::Charge;
use crate::{Ctx, Reply};

/// The most bytes of trailers that are received.
const MOST: usize = 128 * 1024;

/// The resource `future-trailers`.
pub(crate) struct FutureTrailers {
    /// Until the guest has got them.
    receiver: Option<Receiver>,
    bytes: Vec<u8>,
    /// How receiving ended, once it has.
    ended: Option<Result<()>>,
    _charge: Charge,
}

impl FutureTrailers {
    pub fn new(receiver: Receiver, charge: Charge) -> FutureTrailers {
        FutureTrailers { receiver: Some(receiver), bytes: Vec::new(), ended: None, _charge: charge }
    }

    /// Receives until the end.
    pub fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(receiver) = &mut self.receiver else { return Poll::Ready(()) };
        while self.ended.is_none() {
            match receiver.poll_read(cx, MOST) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(None)) => self.ended = Some(Ok(())),
                Poll::Ready(Err(error)) => self.ended = Some(Err(error)),
                Poll::Ready(Ok(Some(bytes))) => {
                    self.bytes.extend(bytes);
                    if self.bytes.len() > MOST {
                        self.ended = Some(Err(Error::new(Kind::Limit, "the trailers are too long")));
                    }
                }
            }
        }
        Poll::Ready(())
    }
}

pub(super) fn subscribe(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let rep = params.handle()?;
    ctx.table().get::<FutureTrailers>(rep)?;
    out.handle(ctx.table().push_child(Pollable::Trailers(rep), rep)?);
    Ok(Reply::Done)
}

pub(super) fn get(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let rep = params.handle()?;
    if !ctx.is_ready(&Pollable::Trailers(rep))? {
        out.u8(0);
        return Ok(Reply::Done);
    }
    let (taken, bytes, ended) = {
        let mut table = ctx.table();
        let future = table.get_mut::<FutureTrailers>(rep)?;
        (future.receiver.take(), std::mem::take(&mut future.bytes), future.ended.clone())
    };
    if taken.is_none() {
        out.raw(&[1, 1]);
        return Ok(Reply::Done);
    }
    let fields = ended.unwrap_or(Ok(())).and_then(|()| decode(ctx, &bytes));
    match fields {
        Ok(None) => out.raw(&[1, 0, 0, 0]),
        Ok(Some(fields)) => {
            let rep = ctx.push(fields)?;
            out.raw(&[1, 0, 0, 1]);
            out.handle(rep);
        }
        Err(error) => {
            out.raw(&[1, 0, 1]);
            out.raw(&internal_error(error.message()));
        }
    }
    Ok(Reply::Done)
}

/// A sender that goes without a word has no trailers.
fn decode(ctx: &Ctx, bytes: &[u8]) -> Result<Option<Fields>> {
    if bytes.is_empty() {
        return Ok(None);
    }
    Reader::new(bytes).option(|bytes| Fields::read(ctx.meter(), bytes))
}
