//! The resource `request-options`.

use trellis_error::Result;
use trellis_wrpc::{Reader, Write};

use crate::{Ctx, Reply};

/// What wasmCloud's host sends where the guest has set no timeout: 600 s.
const DEFAULT: u64 = 600_000_000_000;

/// The resource `request-options`: timeouts in nanoseconds for connecting, the first byte, and between bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RequestOptions {
    timeouts: [Option<u64>; 3],
}

impl RequestOptions {
    /// Writes the record of `wrpc:http`, with every timeout set.
    pub fn write(self, out: &mut Vec<u8>) {
        for timeout in self.timeouts {
            out.u8(1);
            out.unsigned(timeout.unwrap_or(DEFAULT));
        }
    }
}

pub(super) fn constructor(ctx: &Ctx, _params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    out.handle(ctx.push(RequestOptions::default())?);
    Ok(Reply::Done)
}

pub(super) fn get<const WHICH: usize>(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let timeout = ctx.table().get::<RequestOptions>(params.handle()?)?.timeouts[WHICH];
    out.option(timeout, Vec::unsigned);
    Ok(Reply::Done)
}

pub(super) fn set<const WHICH: usize>(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let (rep, timeout) = (params.handle()?, params.option(Reader::u64)?);
    ctx.table().get_mut::<RequestOptions>(rep)?.timeouts[WHICH] = timeout;
    out.u8(0);
    Ok(Reply::Done)
}
