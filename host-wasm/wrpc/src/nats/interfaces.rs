//! The functions of the wRPC interfaces that have channels. All others of wasmCloud 1.x have none: keyvalue, messaging,
//! postgres, and whatever a component of WASI 0.2 exports.
//!
//! Facts: the lattice protocol 1.x, section 8.3.

use super::Signature;
use crate::Type;

thread_local! {
    /// That of most calls by far. It takes longer to make than many a call to carry.
    static INCOMING: Signature = Signature::new(vec![request()], Some(response()));
}

/// The types of a function that has channels among its parameters or results; `None` for every other.
pub fn signature(instance: &str, function: &str) -> Option<Signature> {
    let (params, result) = match (instance, function) {
        ("wrpc:http/incoming-handler@0.1.0", "handle") => return Some(INCOMING.with(Signature::clone)),
        ("wrpc:http/outgoing-handler@0.1.0", "handle") => {
            (vec![request(), Type::option(Type::Tuple(vec![Type::option(Type::U64); 3]))], response())
        }
        ("wrpc:blobstore/blobstore@0.1.0", _) => blobstore(function, |stream| stream, fallible(None))?,
        ("wrpc:blobstore/blobstore@0.2.0", _) => {
            let done = Type::future(fallible(None));
            let with_end = |stream| Type::Tuple(vec![stream, Type::future(fallible(None))]);
            blobstore(function, with_end, fallible(Some(done)))?
        }
        _ => return None,
    };
    Some(Signature::new(params, Some(result)))
}

/// The two versions differ in how a reader learns how a stream ended, and a writer that all was written.
fn blobstore(function: &str, read: impl Fn(Type) -> Type, written: Type) -> Option<(Vec<Type>, Type)> {
    let object = Type::Tuple(vec![Type::String; 2]);
    Some(match function {
        "get-container-data" => (vec![object, Type::U64, Type::U64], fallible(Some(read(Type::stream(Type::U8))))),
        "list-container-objects" => {
            let page = Type::option(Type::U64);
            (vec![Type::String, page.clone(), page], fallible(Some(read(Type::stream(Type::String)))))
        }
        "write-container-data" => (vec![object, Type::stream(Type::U8)], written),
        _ => return None,
    })
}

/// `result<T, string>`
fn fallible(ok: Option<Type>) -> Type {
    Type::result(ok, Some(Type::String))
}

fn request() -> Type {
    let text = || Type::option(Type::String);
    let method = [vec![None; 9], vec![Some(Type::String)]].concat();
    let scheme = Type::Variant(vec![None, None, Some(Type::String)]);
    let line = [Type::Variant(method), text(), Type::option(scheme), text()];
    message(line)
}

fn response() -> Type {
    Type::result(Some(message([Type::U16])), Some(error_code()))
}

/// A body, trailers, what is particular to a request or response, and headers.
fn message(line: impl IntoIterator<Item = Type>) -> Type {
    let body = [Type::stream(Type::U8), Type::future(Type::option(fields()))];
    Type::Tuple(body.into_iter().chain(line).chain([fields()]).collect())
}

fn fields() -> Type {
    Type::list(Type::Tuple(vec![Type::String, Type::list(Type::list(Type::U8))]))
}

fn error_code() -> Type {
    let text = || Type::option(Type::String);
    let size = || Type::Tuple(vec![text(), Type::option(Type::U32)]);
    let mut cases = vec![None; 39];
    let payloads = [
        (1, Type::Tuple(vec![text(), Type::option(Type::U16)])),
        (14, Type::Tuple(vec![Type::option(Type::U8), text()])),
        (17, Type::option(Type::U64)),
        (21, Type::option(Type::U32)),
        (22, Type::option(size())),
        (23, Type::option(Type::U32)),
        (24, size()),
        (26, Type::option(Type::U32)),
        (27, size()),
        (28, Type::option(Type::U64)),
        (29, Type::option(Type::U32)),
        (30, size()),
        (31, text()),
        (32, text()),
        (38, text()),
    ];
    for (case, payload) in payloads {
        cases[case] = Some(payload);
    }
    Type::Variant(cases)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_are_where_the_protocol_says() {
        let places = |instance: &str, function: &str| {
            let it = signature(instance, function).unwrap();
            (it.params.paths.clone(), it.results.paths.clone())
        };
        let both = || vec![vec![0, 0], vec![0, 1]];
        assert_eq!(places("wrpc:http/incoming-handler@0.1.0", "handle"), (both(), both()));
        assert_eq!(places("wrpc:http/outgoing-handler@0.1.0", "handle"), (both(), both()));
        let (old, new) = ("wrpc:blobstore/blobstore@0.1.0", "wrpc:blobstore/blobstore@0.2.0");
        assert_eq!(places(old, "get-container-data"), (vec![], vec![vec![0]]));
        assert_eq!(places(new, "get-container-data"), (vec![], both()));
        assert_eq!(places(old, "list-container-objects"), (vec![], vec![vec![0]]));
        assert_eq!(places(new, "list-container-objects"), (vec![], both()));
        assert_eq!(places(old, "write-container-data"), (vec![vec![1]], vec![]));
        assert_eq!(places(new, "write-container-data"), (vec![vec![1]], vec![vec![0]]));
        assert!(signature(new, "has-object").is_none());
        assert!(signature("wrpc:keyvalue/store@0.2.0-draft", "get").is_none());
    }
}
