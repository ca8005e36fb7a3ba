//! `error-code`: checked and made, always as encoded bytes.

use trellis_error::{Error, Result};
use trellis_wrpc::{Reader, Write};

use crate::io::{Cause, IoError};
use crate::{Ctx, Reply};

// Case indices of `error-code`.
pub(super) const REQUEST_BODY_SIZE: u8 = 17;
pub(super) const REQUEST_URI_INVALID: u8 = 19;
pub(super) const RESPONSE_BODY_SIZE: u8 = 28;
pub(super) const PROTOCOL_ERROR: u8 = 35;
const INTERNAL_ERROR: u8 = 38;

/// `internal-error(some(message))`.
pub(crate) fn internal_error(message: &str) -> Vec<u8> {
    let mut code = vec![INTERNAL_ERROR, 1];
    code.str(message);
    code
}

/// `HTTP-request-body-size` or `HTTP-response-body-size`, with `some(size)`.
pub(super) fn body_size(case: u8, size: u64) -> Vec<u8> {
    let mut code = vec![case, 1];
    code.unsigned(size);
    code
}

/// Reads an `error-code` and gives its bytes.
pub(super) fn read<'a>(bytes: &mut Reader<'a>) -> Result<&'a [u8]> {
    super::syntax::encoded(bytes, skip).map(|(code, ())| code)
}

fn skip(bytes: &mut Reader<'_>) -> Result<()> {
    match bytes.u32()? {
        1 => {
            bytes.option(Reader::str)?;
            bytes.option(Reader::u16)?;
        }
        14 => {
            bytes.option(Reader::u8)?;
            bytes.option(Reader::str)?;
        }
        17 | 28 => {
            bytes.option(Reader::u64)?;
        }
        21 | 23 | 26 | 29 => {
            bytes.option(Reader::u32)?;
        }
        22 => {
            bytes.option(field_size)?;
        }
        24 | 27 | 30 => field_size(bytes)?,
        31 | 32 | 38 => {
            bytes.option(Reader::str)?;
        }
        0..=37 => {}
        case => return Err(Error::decode(format!("error-code has no case {case}"))),
    }
    Ok(())
}

fn field_size(bytes: &mut Reader<'_>) -> Result<()> {
    bytes.option(Reader::str)?;
    bytes.option(Reader::u32)?;
    Ok(())
}

pub(super) fn http_error_code(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let rep = params.handle()?;
    match &ctx.table().get::<IoError>(rep)?.cause {
        Cause::Http(code) => {
            out.u8(1);
            out.raw(code);
        }
        Cause::Filesystem(_) => out.u8(0),
    }
    Ok(Reply::Done)
}
