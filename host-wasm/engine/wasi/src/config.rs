//! `wasi:config` `store` and `runtime`, as of draft 0.2.0. They never fail.

use trellis_error::Result;
use trellis_wrpc::{Reader, Write};

use crate::lookup::{DRAFT, Interface};
use crate::{Ctx, Handler, Reply};

pub(crate) const INTERFACES: &[Interface] = &[
    Interface { name: "wasi:config/store", version: DRAFT, resources: &[], functions: FUNCTIONS, link: None },
    Interface { name: "wasi:config/runtime", version: DRAFT, resources: &[], functions: FUNCTIONS, link: None },
];

const FUNCTIONS: &[(&str, Handler, bool)] = &[("get", get, false), ("get-all", get_all, false)];

fn get(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let key = params.str()?;
    let config = ctx.settings().config.borrow();
    let entry = config.iter().find(|entry| entry.0 == key);
    out.u8(0);
    out.option(entry, |out, (_, value)| out.str(value));
    Ok(Reply::Done)
}

fn get_all(ctx: &Ctx, _params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let config = ctx.settings().config.borrow();
    out.u8(0);
    out.unsigned(config.len() as u64);
    for (key, value) in config.iter() {
        out.str(key);
        out.str(value);
    }
    Ok(Reply::Done)
}
