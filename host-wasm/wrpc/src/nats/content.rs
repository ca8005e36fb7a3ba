//! What a channel carries, which decides how its bytes are framed.

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
    pub fn stream(item: &Type) -> Content {
        if *item == Type::U8 { Content::Bytes } else { Content::Items(item.clone()) }
    }
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
