//! A counter for each path, kept in the key-value store that the lattice links to this actor.
//!
//! GET adds one and answers the new number, GET with `?peek` only reads it, DELETE resets it. Values are decimal
//! text, as Redis keeps what it increments, so that other readers of the store understand them.

mod bindings {
    wit_bindgen::generate!({ path: ["../wit/wasi-keyvalue.wit", "wit"], world: "trellis:counter/counter", generate_all });
}
mod http;

use bindings::wasi::keyvalue::{atomics, store};
use store::{Bucket, Error};
use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{IncomingRequest, Method, ResponseOutparam};

struct Counter;

wasip2::http::proxy::export!(Counter);

impl Guest for Counter {
    fn handle(request: IncomingRequest, answer: ResponseOutparam) {
        let target = request.path_with_query().unwrap_or_default();
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let key = key(path);
        let done = match request.method() {
            Method::Get if query == "peek" => store::open("default").and_then(|bucket| read(&bucket, &key)),
            Method::Get => store::open("default").and_then(|bucket| atomics::increment(&bucket, &key, 1)),
            Method::Delete => store::open("default").and_then(|bucket| bucket.delete(&key)).map(|()| 0),
            _ => {
                return http::respond(answer, 405, "GET counts, GET with ?peek reads, DELETE resets\n");
            }
        };
        match done {
            Ok(number) => http::respond(answer, 200, &format!("{number}\n")),
            Err(error) => http::respond(answer, 503, &explain(&error)),
        }
    }
}

/// `/` counts as `default`, `/a/b` as `a.b`: dots, since NATS key-value keys take no slash at an end.
fn key(path: &str) -> String {
    match path.trim_matches('/') {
        "" => "default".to_owned(),
        inner => inner.replace('/', "."),
    }
}

fn read(bucket: &Bucket, key: &str) -> Result<u64, Error> {
    let Some(bytes) = bucket.get(key)? else {
        return Ok(0);
    };
    let number = std::str::from_utf8(&bytes).ok().and_then(|text| text.trim().parse().ok());
    number.ok_or_else(|| Error::Other(format!("the value of `{key}` is not a number")))
}

fn explain(error: &Error) -> String {
    match error {
        Error::NoSuchStore => "there is no key-value store of the name `default`\n".to_owned(),
        Error::AccessDenied => "the key-value store denies access\n".to_owned(),
        Error::Other(text) => format!("the key-value store failed: {text}\n"),
    }
}
