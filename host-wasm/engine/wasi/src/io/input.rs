//! The resource `input-stream`.

use std::task::{Context, Poll};

use trellis_error::Result;
use trellis_wrpc::pipe::Receiver;
use trellis_wrpc::{Reader, Write};

use crate::filesystem::FileReader;
use crate::io::{Pollable, StreamError, answer};
use crate::{Ctx, Reply};

/// Bytes that come in.
pub(crate) enum InputStream {
    /// Nothing will come (any more).
    Closed,
    /// The body of an HTTP message.
    Body(Receiver),
    /// A file, from an offset on.
    File(FileReader),
}

impl InputStream {
    /// The next bytes, at most `max`; none where none are there yet.
    pub fn read(&mut self, max: u64) -> Result<Vec<u8>, StreamError> {
        let max = usize::try_from(max).unwrap_or(usize::MAX);
        let read = match self {
            InputStream::Closed => Err(StreamError::Closed),
            InputStream::Body(receiver) => match receiver.try_read(max) {
                None => Ok(Vec::new()),
                Some(Ok(Some(bytes))) => Ok(bytes),
                Some(Ok(None)) => Err(StreamError::Closed),
                Some(Err(error)) => Err(StreamError::body(&error)),
            },
            InputStream::File(file) => file.read(max),
        };
        if read.is_err() {
            *self = InputStream::Closed;
        }
        read
    }

    /// Waits until there is something to read, or the end.
    pub fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<()> {
        match self {
            InputStream::Body(receiver) => receiver.poll_ready(cx),
            InputStream::Closed | InputStream::File(_) => Poll::Ready(()),
        }
    }
}

fn read_now(ctx: &Ctx, rep: u32, max: u64, out: &mut Vec<u8>) -> Result<Reply> {
    let read = ctx.table().get_mut::<InputStream>(rep)?.read(max);
    answer(ctx, out, read, |out, bytes| out.bytes(&bytes))
}

fn skip_now(ctx: &Ctx, rep: u32, max: u64, out: &mut Vec<u8>) -> Result<Reply> {
    let read = ctx.table().get_mut::<InputStream>(rep)?.read(max);
    answer(ctx, out, read, |out, bytes| out.unsigned(bytes.len() as u64))
}

type Now = fn(&Ctx, u32, u64, &mut Vec<u8>) -> Result<Reply>;

/// Does `now` as soon as the stream is ready.
fn when_ready(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>, now: Now) -> Result<Reply> {
    let (rep, max) = (params.handle()?, params.u64()?);
    let pollable = Pollable::Input(rep);
    if ctx.is_ready(&pollable)? {
        return now(ctx, rep, max, out);
    }
    let ctx = ctx.clone();
    Ctx::later(async move {
        ctx.ready(&pollable).await?;
        let mut out = Vec::new();
        now(&ctx, rep, max, &mut out)?;
        Ok(out)
    })
}

pub(super) fn read(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let (rep, max) = (params.handle()?, params.u64()?);
    read_now(ctx, rep, max, out)
}

pub(super) fn blocking_read(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    when_ready(ctx, params, out, read_now)
}

pub(super) fn skip(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let (rep, max) = (params.handle()?, params.u64()?);
    skip_now(ctx, rep, max, out)
}

pub(super) fn blocking_skip(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    when_ready(ctx, params, out, skip_now)
}

pub(super) fn subscribe(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let rep = params.handle()?;
    ctx.table().get::<InputStream>(rep)?;
    out.handle(ctx.table().push_child(Pollable::Input(rep), rep)?);
    Ok(Reply::Done)
}
