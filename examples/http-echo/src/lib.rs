//! HTTP beyond a greeting: bodies that stream both ways, request headers, and a request to somewhere else.
//! No body is ever held whole: a splice moves what is there and waits for more, so memory stays constant.

mod fetch;
mod reply;

use reply::Reply;
use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{IncomingRequest, ResponseOutparam};

struct Echo;

wasip2::http::proxy::export!(Echo);

impl Guest for Echo {
    fn handle(request: IncomingRequest, answer: ResponseOutparam) {
        let target = request.path_with_query().unwrap_or_default();
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        match path {
            "/echo" => echo(request, answer),
            "/headers" => headers(&request, answer),
            "/fetch" => fetch::relay(query, answer),
            "/count" => count(request, answer),
            _ => reply::text(answer, 404, "try /echo, /headers, /count or /fetch?url=...\n"),
        }
    }
}

/// Streams the request body back with its content type.
fn echo(request: IncomingRequest, answer: ResponseOutparam) {
    let content_type = request.headers().get("content-type").into_iter().next();
    let content_type = content_type.unwrap_or_else(|| b"application/octet-stream".to_vec());
    let Ok(body) = request.consume() else {
        return reply::text(answer, 500, "the request has no body to read\n");
    };
    Reply::start(answer, 200, &content_type).splice(body);
}

/// Lists the request headers, one a line, in the order in which they came.
fn headers(request: &IncomingRequest, answer: ResponseOutparam) {
    let mut text = String::new();
    for (name, value) in request.headers().entries() {
        text.push_str(&format!("{name}: {}\n", String::from_utf8_lossy(&value)));
    }
    reply::text(answer, 200, &text);
}

/// Reads the request body to its end and answers how many bytes it had.
fn count(request: IncomingRequest, answer: ResponseOutparam) {
    match request.consume().ok().and_then(reply::length) {
        Some(length) => reply::text(answer, 200, &format!("{length}\n")),
        None => reply::text(answer, 400, "the request body broke off\n"),
    }
}
