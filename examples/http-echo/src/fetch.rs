//! `/fetch?url=...`: makes a GET request and streams its body back.

use crate::reply::{self, Reply};
use wasip2::http::outgoing_handler;
use wasip2::http::types::{ErrorCode, Fields, IncomingResponse, OutgoingRequest, ResponseOutparam, Scheme};

/// Answers with status, content type and body of the page at `url`.
pub fn relay(query: &str, answer: ResponseOutparam) {
    let Some(url) = query.strip_prefix("url=").map(decode) else {
        return reply::text(answer, 400, "say which page: /fetch?url=http://...\n");
    };
    let Some(request) = request(&url) else {
        return reply::text(answer, 400, &format!("not an http or https address: {url}\n"));
    };
    match get(request) {
        Ok(response) => pass_on(response, answer),
        Err(error) => reply::text(answer, 502, &format!("{url} did not answer: {error}\n")),
    }
}

fn request(url: &str) -> Option<OutgoingRequest> {
    let (scheme, rest) = match url.split_once("://")? {
        ("http", rest) => (Scheme::Http, rest),
        ("https", rest) => (Scheme::Https, rest),
        _ => return None,
    };
    let split = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(split);
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    let request = OutgoingRequest::new(Fields::new());
    request.set_scheme(Some(&scheme)).ok()?;
    request.set_authority(Some(authority)).ok()?;
    request.set_path_with_query(Some(&path)).ok()?;
    Some(request)
}

fn get(request: OutgoingRequest) -> Result<IncomingResponse, ErrorCode> {
    let response = outgoing_handler::handle(request, None)?;
    response.subscribe().block();
    response.get().expect("ready after its pollable").expect("asked once")
}

fn pass_on(response: IncomingResponse, answer: ResponseOutparam) {
    let content_type = response.headers().get("content-type").into_iter().next().unwrap_or_default();
    let status = response.status();
    match response.consume() {
        Ok(body) => Reply::start(answer, status, &content_type).splice(body),
        Err(()) => reply::text(answer, 502, "the answer has no body to read\n"),
    }
}

/// Undoes percent-encoding; a lone `%` stays as it is.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        match (first, tail) {
            (b'%', [high, low, after @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                bytes.push(digit(*high) << 4 | digit(*low));
                rest = after;
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn digit(hex: u8) -> u8 {
    (hex as char).to_digit(16).unwrap_or(0) as u8
}
