//! The resource `output-stream`.
//!
//! What has been written is on its way: flushing waits for nothing, and back-pressure is in the permit of
//! `check-write`, which is 0 while the reader of the other end lags.

use std::borrow::Cow;
use std::task::{Context, Poll};

use trellis_error::{Error, Result};
use trellis_wrpc::{Reader, Write};

use crate::filesystem::FileWriter;
use crate::http::SharedBody;
use crate::io::{Pollable, StreamError, answer};
use crate::{Ctx, Reply, Stdio};

/// The most that `check-write` permits, and the most that is written at a time.
pub(crate) const MOST: usize = 64 * 1024;

/// The most that a blocking write takes (WIT of `blocking-write-and-flush`).
const MOST_BLOCKING: u64 = 4096;

/// Bytes that go out.
pub(crate) struct OutputStream {
    sink: Sink,
    /// How much may be written since the last `check-write`.
    permit: usize,
}

/// Where they go.
pub(crate) enum Sink {
    /// Nowhere (any more).
    Closed,
    /// Standard output or error.
    Stdio(Stdio),
    /// The body of an HTTP message.
    Body(SharedBody),
    /// A file.
    File(FileWriter),
}

impl OutputStream {
    pub fn new(sink: Sink) -> OutputStream {
        OutputStream { sink, permit: 0 }
    }

    /// How many bytes can be taken now.
    fn room(&mut self) -> Result<usize, StreamError> {
        let room = match &self.sink {
            Sink::Closed => Err(StreamError::Closed),
            Sink::Stdio(_) | Sink::File(_) => Ok(MOST),
            Sink::Body(body) => body.borrow().room(),
        };
        if room.is_err() {
            self.sink = Sink::Closed;
        }
        room
    }

    /// Waits until there is room, or never will be.
    pub fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<()> {
        match &self.sink {
            Sink::Body(body) => body.borrow().poll_room(cx),
            Sink::Closed | Sink::Stdio(_) | Sink::File(_) => Poll::Ready(()),
        }
    }

    fn permit(&mut self) -> Result<usize, StreamError> {
        self.permit = self.room()?.min(MOST);
        Ok(self.permit)
    }

    /// Spends the permit that `check-write` gave.
    fn spend(&mut self, len: u64) -> Result<()> {
        let left = usize::try_from(len).ok().and_then(|len| self.permit.checked_sub(len));
        self.permit = left.ok_or_else(|| Error::trap("a write exceeds what check-write has permitted"))?;
        Ok(())
    }
}

impl Ctx {
    /// Sets and gives the permit of an output stream.
    pub(super) fn permit(&self, rep: u32) -> Result<Result<usize, StreamError>> {
        Ok(self.table().get_mut::<OutputStream>(rep)?.permit())
    }

    /// Writes, whatever the permit is.
    pub(super) fn write(&self, rep: u32, bytes: Cow<'_, [u8]>) -> Result<Result<(), StreamError>> {
        let mut table = self.table();
        let stream = table.get_mut::<OutputStream>(rep)?;
        let written = match &mut stream.sink {
            Sink::Closed => Err(StreamError::Closed),
            Sink::Stdio(stdio) => {
                let stdio = *stdio;
                drop(table);
                self.outside().stdio(stdio, &bytes);
                return Ok(Ok(()));
            }
            Sink::Body(body) => body.borrow_mut().write(bytes),
            Sink::File(file) => file.write(&bytes, self.outside().wall_now()),
        };
        if written.is_err() {
            stream.sink = Sink::Closed;
        }
        Ok(written)
    }
}

/// Writes as soon as there is room for a byte; a body then takes a whole write, if small.
fn write_when_ready(ctx: &Ctx, rep: u32, bytes: Cow<'_, [u8]>, out: &mut Vec<u8>) -> Result<Reply> {
    let pollable = Pollable::Output(rep);
    if ctx.is_ready(&pollable)? {
        let written = ctx.write(rep, bytes)?;
        return answer(ctx, out, written, |_, ()| ());
    }
    let (ctx, bytes) = (ctx.clone(), bytes.into_owned());
    Ctx::later(async move {
        ctx.ready(&pollable).await?;
        let mut out = Vec::new();
        let written = ctx.write(rep, bytes.into())?;
        answer(&ctx, &mut out, written, |_, ()| ())?;
        Ok(out)
    })
}

fn small(len: u64) -> Result<usize> {
    if len > MOST_BLOCKING {
        return Err(Error::trap(format!("a blocking write takes at most {MOST_BLOCKING} bytes, not {len}")));
    }
    Ok(len as usize)
}

pub(super) fn check_write(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let permit = ctx.permit(params.handle()?)?;
    answer(ctx, out, permit, |out, permit| out.unsigned(permit as u64))
}

pub(super) fn write(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let (rep, bytes) = (params.handle()?, params.bytes()?);
    ctx.table().get_mut::<OutputStream>(rep)?.spend(bytes.len() as u64)?;
    let written = ctx.write(rep, bytes.into())?;
    answer(ctx, out, written, |_, ()| ())
}

pub(super) fn write_zeroes(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let (rep, len) = (params.handle()?, params.u64()?);
    ctx.table().get_mut::<OutputStream>(rep)?.spend(len)?;
    let written = ctx.write(rep, vec![0; len as usize].into())?;
    answer(ctx, out, written, |_, ()| ())
}

pub(super) fn blocking_write_and_flush(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let (rep, bytes) = (params.handle()?, params.bytes()?);
    small(bytes.len() as u64)?;
    write_when_ready(ctx, rep, bytes.into(), out)
}

pub(super) fn blocking_write_zeroes_and_flush(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let (rep, len) = (params.handle()?, small(params.u64()?)?);
    write_when_ready(ctx, rep, vec![0; len].into(), out)
}

pub(super) fn flush(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let room = ctx.table().get_mut::<OutputStream>(params.handle()?)?.room();
    answer(ctx, out, room, |_, _| ())
}

pub(super) fn subscribe(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let rep = params.handle()?;
    ctx.table().get::<OutputStream>(rep)?;
    out.handle(ctx.table().push_child(Pollable::Output(rep), rep)?);
    Ok(Reply::Done)
}
