//! `wasi:io/error`, and how a stream operation answers.

use trellis_error::{Error, Result};
use trellis_wrpc::{Reader, Write};

use crate::{Ctx, Handler, Reply};

pub(super) const FUNCTIONS: &[(&str, Handler, bool)] = &[("[method]error.to-debug-string", to_debug_string, false)];

/// The resource `error`: why a stream operation failed.
#[derive(Debug)]
pub(crate) struct IoError {
    pub message: String,
    pub cause: Cause,
}

/// What the interfaces beside `wasi:io` can say about an [`IoError`].
#[derive(Debug)]
pub(crate) enum Cause {
    /// An encoded `wasi:http/types` `error-code`.
    Http(Vec<u8>),
    /// A `wasi:filesystem/types` `error-code`.
    Filesystem(crate::filesystem::ErrorCode),
}

/// Why a stream operation did not do what it was asked.
#[derive(Debug)]
pub(crate) enum StreamError {
    Closed,
    Failed(IoError),
}

impl StreamError {
    /// The body of an HTTP message broke off.
    pub fn body(error: &Error) -> StreamError {
        let message = error.message().to_owned();
        StreamError::Failed(IoError { cause: Cause::Http(crate::http::internal_error(&message)), message })
    }
}

/// Appends a `result<T, stream-error>`.
pub(crate) fn answer<T>(
    ctx: &Ctx,
    out: &mut Vec<u8>,
    result: Result<T, StreamError>,
    write: impl FnOnce(&mut Vec<u8>, T),
) -> Result<Reply> {
    match result {
        Ok(value) => {
            out.u8(0);
            write(out, value);
        }
        Err(StreamError::Closed) => out.raw(&[1, 1]),
        Err(StreamError::Failed(error)) => {
            let rep = ctx.push(error)?;
            out.raw(&[1, 0]);
            out.handle(rep);
        }
    }
    Ok(Reply::Done)
}

fn to_debug_string(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let rep = params.handle()?;
    out.str(&ctx.table().get::<IoError>(rep)?.message);
    Ok(Reply::Done)
}
