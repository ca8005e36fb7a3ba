//! `wasi:keyvalue` `store`, `atomics` and `batch` as of draft 0.2.0, translated to `wrpc:keyvalue` over a link.
//!
//! A bucket is its identifier, kept here. All else is encoded alike on both sides, so a call is the identifier and the
//! guest's own bytes, and the answer is the provider's own bytes. A link that is missing or fails is
//! `error.other` with the reason, where wasmCloud's host traps the guest.

use trellis_error::Result;
use trellis_wrpc::invocation::{Answer, Invocation, Outcome};
use trellis_wrpc::{Reader, Write};

use crate::lookup::{DRAFT, Interface};
use crate::meter::Charge;
use crate::{Ctx, Handler, Reply};

pub(crate) const INTERFACES: &[Interface] = &[
    Interface {
        name: "wasi:keyvalue/store",
        version: DRAFT,
        resources: &["bucket"],
        functions: STORE,
        link: Some(STORE_LINK),
    },
    Interface {
        name: "wasi:keyvalue/atomics",
        version: DRAFT,
        resources: &[],
        functions: &[("increment", increment, true)],
        link: Some(ATOMICS_LINK),
    },
    Interface {
        name: "wasi:keyvalue/batch",
        version: DRAFT,
        resources: &[],
        functions: &[("get-many", get_many, true), ("set-many", set_many, true), ("delete-many", delete_many, true)],
        link: Some(BATCH_LINK),
    },
];

const STORE_LINK: &str = "wrpc:keyvalue/store@0.2.0-draft";
const ATOMICS_LINK: &str = "wrpc:keyvalue/atomics@0.2.0-draft";
const BATCH_LINK: &str = "wrpc:keyvalue/batch@0.2.0-draft";

const STORE: &[(&str, Handler, bool)] = &[
    ("open", open, false),
    ("[method]bucket.get", get, true),
    ("[method]bucket.set", set, true),
    ("[method]bucket.delete", delete, true),
    ("[method]bucket.exists", exists, true),
    ("[method]bucket.list-keys", list_keys, true),
];

/// `error.other`.
const OTHER: u8 = 2;

/// The resource `bucket`.
pub(crate) struct Bucket {
    identifier: Box<str>,
    _charge: Charge,
}

fn open(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let identifier = params.str()?;
    let charge = ctx.meter().charge(identifier.len())?;
    out.u8(0);
    out.handle(ctx.push(Bucket { identifier: identifier.into(), _charge: charge })?);
    Ok(Reply::Done)
}

/// Invokes a function with the parameters that the guest has given, the bucket replaced by its identifier.
fn invoke(
    ctx: &Ctx,
    params: &mut Reader<'_>,
    out: &mut Vec<u8>,
    instance: &'static str,
    function: &'static str,
) -> Result<Reply> {
    let bucket = params.handle()?;
    let rest = params.take(params.rest().len())?;
    let mut params = Vec::with_capacity(64 + rest.len());
    params.str(&ctx.table().get::<Bucket>(bucket)?.identifier);
    params.raw(rest);
    let invocation =
        Invocation { instance: instance.to_owned(), function: function.to_owned(), params, channels: Vec::new() };
    match ctx.outside().invoke(invocation) {
        Ok(Answer::Later(outcome)) => Ctx::later(async move {
            let mut out = Vec::new();
            answer(&mut out, outcome.await);
            Ok(out)
        }),
        Ok(Answer::Now(outcome)) => {
            answer(out, Ok(outcome));
            Ok(Reply::Done)
        }
        Err(error) => {
            answer(out, Err(error));
            Ok(Reply::Done)
        }
    }
}

fn answer(out: &mut Vec<u8>, outcome: Result<Outcome>) {
    match outcome {
        Ok(outcome) if !outcome.results.is_empty() => out.raw(&outcome.results),
        Ok(_) => other(out, "the provider did not answer"),
        Err(error) => other(out, error.message()),
    }
}

fn other(out: &mut Vec<u8>, message: &str) {
    out.raw(&[1, OTHER]);
    out.str(message);
}

macro_rules! forwarded {
    ($($handler:ident $link:ident $name:literal,)*) => {
        $(fn $handler(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
            invoke(ctx, params, out, $link, $name)
        })*
    };
}

forwarded! {
    get STORE_LINK "get",
    set STORE_LINK "set",
    delete STORE_LINK "delete",
    exists STORE_LINK "exists",
    list_keys STORE_LINK "list-keys",
    increment ATOMICS_LINK "increment",
    get_many BATCH_LINK "get-many",
    set_many BATCH_LINK "set-many",
    delete_many BATCH_LINK "delete-many",
}
