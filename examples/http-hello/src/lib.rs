//! Answers every HTTP request with a greeting: the smallest useful actor, and the one the benchmarks call.

use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam};

struct Hello;

wasip2::http::proxy::export!(Hello);

impl Guest for Hello {
    fn handle(request: IncomingRequest, answer: ResponseOutparam) {
        let path = request.path_with_query().unwrap_or_default();
        let headers = Fields::new();
        headers.append("content-type", b"text/plain").expect("a fresh header list takes a header");
        let response = OutgoingResponse::new(headers);
        let body = response.body().expect("the body is taken once");
        ResponseOutparam::set(answer, Ok(response));
        send(&body, greeting(&path).as_bytes());
        // The caller may have gone away; there is nobody left to tell.
        let _ = OutgoingBody::finish(body, None);
    }
}

/// The greeting; any path but the root is repeated in it.
fn greeting(path: &str) -> String {
    let mut text = String::from("Hello from Trellis!\n");
    if !path.is_empty() && path != "/" {
        text.push_str("You asked for ");
        text.push_str(path);
        text.push_str(".\n");
    }
    text
}

/// Writes in pieces of 4096 bytes, the most that one blocking write takes.
fn send(body: &OutgoingBody, bytes: &[u8]) {
    let stream = body.write().expect("the stream is taken once");
    for piece in bytes.chunks(4096) {
        if stream.blocking_write_and_flush(piece).is_err() {
            return;
        }
    }
}
