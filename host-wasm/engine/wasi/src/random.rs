//! `wasi:random`. The insecure functions are as good as the others.

use trellis_error::{Error, Kind, Result};
use trellis_wrpc::{Reader, Write};

use crate::lookup::Interface;
use crate::{Ctx, Reply};

pub(crate) const INTERFACES: &[Interface] = &[
    Interface::preview2(
        "wasi:random/random",
        &[],
        &[("get-random-bytes", bytes, false), ("get-random-u64", number, false)],
    ),
    Interface::preview2(
        "wasi:random/insecure",
        &[],
        &[("get-insecure-random-bytes", bytes, false), ("get-insecure-random-u64", number, false)],
    ),
    Interface::preview2("wasi:random/insecure-seed", &[], &[("insecure-seed", seed, false)]),
];

/// The most bytes that one call gives: the function has no way to give less than it is asked for.
const MOST: u64 = 16 * 1024 * 1024;

fn bytes(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let len = params.u64()?;
    if len > MOST {
        return Err(Error::new(
            Kind::Limit,
            format!("the guest asked for {len} random bytes at once, {MOST} are allowed"),
        ));
    }
    out.unsigned(len);
    let start = out.len();
    out.resize(start + len as usize, 0);
    ctx.outside().random(&mut out[start..]);
    Ok(Reply::Done)
}

fn random(ctx: &Ctx) -> u64 {
    let mut bytes = [0; 8];
    ctx.outside().random(&mut bytes);
    u64::from_le_bytes(bytes)
}

fn number(ctx: &Ctx, _params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    out.unsigned(random(ctx));
    Ok(Reply::Done)
}

fn seed(ctx: &Ctx, _params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    out.unsigned(random(ctx));
    out.unsigned(random(ctx));
    Ok(Reply::Done)
}
