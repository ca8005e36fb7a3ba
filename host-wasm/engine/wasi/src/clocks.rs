//! `wasi:clocks`. The timezone is UTC.

use trellis_error::Result;
use trellis_wrpc::{Reader, Write};

use crate::io::Pollable;
use crate::lookup::Interface;
use crate::{Ctx, Reply};

pub(crate) const INTERFACES: &[Interface] = &[
    Interface::preview2(
        "wasi:clocks/monotonic-clock",
        &[],
        &[
            ("now", now, false),
            ("resolution", resolution, false),
            ("subscribe-instant", subscribe_instant, false),
            ("subscribe-duration", subscribe_duration, false),
        ],
    ),
    Interface::preview2(
        "wasi:clocks/wall-clock",
        &[],
        &[("now", wall_now, false), ("resolution", wall_resolution, false)],
    ),
    Interface::preview2("wasi:clocks/timezone", &[], &[("display", display, false), ("utc-offset", utc_offset, false)]),
];

/// In nanoseconds: what browsers give to pages that are not isolated.
const RESOLUTION: u32 = 100_000;

fn now(ctx: &Ctx, _params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    out.unsigned(ctx.outside().monotonic_now());
    Ok(Reply::Done)
}

fn resolution(_ctx: &Ctx, _params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    out.unsigned(RESOLUTION.into());
    Ok(Reply::Done)
}

fn subscribe_instant(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    out.handle(ctx.push(Pollable::at(params.u64()?))?);
    Ok(Reply::Done)
}

fn subscribe_duration(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let deadline = ctx.outside().monotonic_now().saturating_add(params.u64()?);
    out.handle(ctx.push(Pollable::at(deadline))?);
    Ok(Reply::Done)
}

fn wall_now(ctx: &Ctx, _params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let (seconds, nanoseconds) = ctx.outside().wall_now();
    out.unsigned(seconds);
    out.unsigned(nanoseconds.into());
    Ok(Reply::Done)
}

fn wall_resolution(_ctx: &Ctx, _params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    out.unsigned(0);
    out.unsigned(RESOLUTION.into());
    Ok(Reply::Done)
}

fn display(_ctx: &Ctx, _params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    out.signed(0);
    out.str("UTC");
    out.bool(false);
    Ok(Reply::Done)
}

fn utc_offset(_ctx: &Ctx, _params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    out.signed(0);
    Ok(Reply::Done)
}
