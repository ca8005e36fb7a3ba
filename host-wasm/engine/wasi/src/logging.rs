//! `wasi:logging/logging`, unversioned and as of draft 0.1.0.

use trellis_error::{Error, Result};
use trellis_wrpc::Reader;

use crate::lookup::{Interface, Version};
use crate::{Ctx, Level, Reply};

pub(crate) const INTERFACES: &[Interface] = &[Interface {
    name: "wasi:logging/logging",
    version: Version::Exactly(&["", "0.1.0-draft"]),
    resources: &[],
    functions: &[("log", log, false)],
    link: None,
}];

fn log(ctx: &Ctx, params: &mut Reader<'_>, _out: &mut Vec<u8>) -> Result<Reply> {
    let (level, context, message) = (params.u32()?, params.str()?, params.str()?);
    let level = Level::ALL.get(level as usize).ok_or_else(|| Error::decode(format!("level has no case {level}")))?;
    ctx.outside().log(*level, context, message);
    Ok(Reply::Done)
}
