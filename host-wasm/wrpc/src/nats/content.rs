//! What a channel carries, which decides how its bytes are framed.

use trellis_error::{Error, Kind, Result};

use super::Path;
use crate::Type;

/// The content of a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A `stream<u8>`.
    Bytes,
    /// A stream of other items.
    Items(Type),
    /// The value of a future.
    Value(Type),
}

impl Content {
    /// The content of a stream of such items.
    pub(super) fn stream(item: &Type) -> Result<Content> {
        Ok(if *item == Type::U8 { Content::Bytes } else { Content::Items(without_channels(item)?) })
    }

    /// The content of a future of such a value.
    pub(super) fn future(value: &Type) -> Result<Content> {
        without_channels(value).map(Content::Value)
    }
}

fn without_channels(ty: &Type) -> Result<Type> {
    if paths(ty).is_empty() { Ok(ty.clone()) } else { Err(nested()) }
}

/// Nobody can subscribe to their subjects in time (section 6.4).
pub(super) fn nested() -> Error {
    Error::new(Kind::Unsupported, "a stream or future within a list, stream or future cannot be carried over NATS")
}

/// The paths on which values of this type may have channels. Channels in lists have none.
pub(super) fn paths(ty: &Type) -> Vec<Path> {
    let mut found = Vec::new();
    collect(ty, &mut Vec::new(), &mut found);
    found.sort();
    found.dedup();
    found
}

fn collect(ty: &Type, path: &mut Path, found: &mut Vec<Path>) {
    match ty {
        Type::Stream(_) | Type::Future(_) => found.push(path.clone()),
        Type::Tuple(fields) => fields.iter().zip(0..).for_each(|(ty, index)| {
            path.push(index);
            collect(ty, path, found);
            path.pop();
        }),
        Type::Variant(cases) => cases.iter().flatten().for_each(|ty| collect(ty, path, found)),
        Type::Option(some) => collect(some, path, found),
        Type::Result(ok, err) => ok.iter().chain(err).for_each(|ty| collect(ty, path, found)),
        _ => {}
    }
}
