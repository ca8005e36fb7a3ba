//! What may stand in a request line or header (RFC 9110, RFC 3986), and the variants that are kept as bytes.

use trellis_error::{Error, Result};
use trellis_wrpc::Reader;

/// Reads a value and gives its bytes too.
pub(super) fn encoded<'a, T>(
    bytes: &mut Reader<'a>,
    read: impl FnOnce(&mut Reader<'a>) -> Result<T>,
) -> Result<(&'a [u8], T)> {
    let before = bytes.rest();
    let value = read(bytes)?;
    Ok((&before[..before.len() - bytes.rest().len()], value))
}

/// Reads a `method`; gives the text of `other`.
pub(super) fn method<'a>(bytes: &mut Reader<'a>) -> Result<Option<&'a str>> {
    other(bytes, 9)
}

/// Reads a `scheme`; gives the text of `other`.
pub(super) fn scheme<'a>(bytes: &mut Reader<'a>) -> Result<Option<&'a str>> {
    other(bytes, 2)
}

/// A variant whose last case `last` has a text.
fn other<'a>(bytes: &mut Reader<'a>, last: u32) -> Result<Option<&'a str>> {
    match bytes.u32()? {
        case if case < last => Ok(None),
        case if case == last => bytes.str().map(Some),
        case => Err(Error::decode(format!("the variant has no case {case}"))),
    }
}

/// A token: a method or the name of a field.
pub(super) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

/// The value of a field: no controls but the tab.
pub(super) fn is_field_value(value: &[u8]) -> bool {
    value.iter().all(|&byte| byte == b'\t' || byte >= 0x20 && byte != 0x7f)
}

pub(super) fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// A path with query, as lenient as browsers: anything visible that is no fragment.
pub(super) fn is_path_with_query(text: &str) -> bool {
    text.bytes().all(|byte| byte > 0x20 && byte != 0x7f && byte != b'#')
}

/// Host and port, with user information or not.
pub(super) fn is_authority(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=:@[]".contains(&byte))
        && text.rsplit_once(':').is_none_or(|(_, port)| port.ends_with(']') || is_port(port) || text.ends_with(']'))
}

fn is_port(text: &str) -> bool {
    text.is_empty() || text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok()
}
