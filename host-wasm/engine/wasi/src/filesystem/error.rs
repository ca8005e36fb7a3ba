//! `error-code` of `wasi:filesystem`, and how the functions that may fail with it answer.

use trellis_error::Result;
use trellis_wrpc::{Reader, Write};

use crate::io::{Cause, IoError, StreamError};
use crate::{Ctx, Reply};

/// The cases that are used, by their indices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ErrorCode {
    BadDescriptor = 3,
    Exist = 7,
    Invalid = 12,
    IsDirectory = 14,
    NameTooLong = 18,
    NoEntry = 20,
    InsufficientSpace = 23,
    NotDirectory = 24,
    NotEmpty = 25,
    Unsupported = 27,
    NotPermitted = 31,
}

impl From<ErrorCode> for StreamError {
    fn from(code: ErrorCode) -> Self {
        StreamError::Failed(IoError { message: format!("{code:?}"), cause: Cause::Filesystem(code) })
    }
}

/// Appends a `result<T, error-code>`.
pub(super) fn answer<T>(
    out: &mut Vec<u8>,
    result: Result<T, ErrorCode>,
    write: impl FnOnce(&mut Vec<u8>, T),
) -> Result<Reply> {
    match result {
        Ok(value) => {
            out.u8(0);
            write(out, value);
        }
        Err(code) => out.raw(&[1, code as u8]),
    }
    Ok(Reply::Done)
}

/// Appends a `result<_, error-code>`.
pub(super) fn answer_unit(out: &mut Vec<u8>, result: Result<(), ErrorCode>) -> Result<Reply> {
    answer(out, result, |_, ()| ())
}

pub(super) fn filesystem_error_code(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    match &ctx.table().get::<IoError>(params.handle()?)?.cause {
        Cause::Filesystem(code) => out.raw(&[1, *code as u8]),
        Cause::Http(_) => out.u8(0),
    }
    Ok(Reply::Done)
}
