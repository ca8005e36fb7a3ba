//! From an input stream straight to an output stream.

use trellis_error::Result;
use trellis_wrpc::{Reader, Write};

use crate::io::{InputStream, Pollable, StreamError, answer};
use crate::{Ctx, Reply};

fn moved(ctx: &Ctx, to: u32, from: u32, len: u64) -> Result<Result<u64, StreamError>> {
    let room = match ctx.permit(to)? {
        Ok(room) => len.min(room as u64),
        Err(error) => return Ok(Err(error)),
    };
    let bytes = match ctx.table().get_mut::<InputStream>(from)?.read(room) {
        Ok(bytes) => bytes,
        Err(error) => return Ok(Err(error)),
    };
    let len = bytes.len() as u64;
    Ok(ctx.write(to, bytes.into())?.map(|()| len))
}

pub(super) fn splice(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let (to, from, len) = (params.handle()?, params.handle()?, params.u64()?);
    let moved = moved(ctx, to, from, len)?;
    answer(ctx, out, moved, Vec::unsigned)
}

pub(super) fn blocking_splice(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let (to, from, len) = (params.handle()?, params.handle()?, params.u64()?);
    let ends = [Pollable::Output(to), Pollable::Input(from)];
    if ctx.is_ready(&ends[0])? && ctx.is_ready(&ends[1])? {
        let moved = moved(ctx, to, from, len)?;
        return answer(ctx, out, moved, Vec::unsigned);
    }
    let ctx = ctx.clone();
    Ctx::later(async move {
        for end in &ends {
            ctx.ready(end).await?;
        }
        let mut out = Vec::new();
        let moved = moved(&ctx, to, from, len)?;
        answer(&ctx, &mut out, moved, Vec::unsigned)?;
        Ok(out)
    })
}
