//! An HTTP actor of the size that real ones have, about 220 KiB: it takes a document as JSON and a pattern from the
//! query, and answers what matched. Measured for how long it takes to compile and start.

mod document;

use document::Document;
use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{Fields, IncomingBody, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam};

struct Large;

wasip2::http::proxy::export!(Large);

impl Guest for Large {
    fn handle(request: IncomingRequest, answer: ResponseOutparam) {
        let target = request.path_with_query().unwrap_or_default();
        let pattern = target.split_once('?').map_or("l+", |(_, query)| query);
        let document = request.consume().ok().and_then(read).unwrap_or_default();
        let text = document.search(pattern).unwrap_or_else(|error| format!("{error:#?}\n"));
        respond(answer, text.as_bytes());
    }
}

/// The document in a body; none if there is none or it is another kind of text.
fn read(body: IncomingBody) -> Option<Document> {
    let stream = body.stream().ok()?;
    let mut text = Vec::new();
    while let Ok(mut bytes) = stream.blocking_read(65536) {
        text.append(&mut bytes);
    }
    serde_json::from_slice(&text).ok()
}

fn respond(answer: ResponseOutparam, text: &[u8]) {
    let response = OutgoingResponse::new(Fields::new());
    let body = response.body().expect("the body is taken once");
    ResponseOutparam::set(answer, Ok(response));
    let stream = body.write().expect("the stream is taken once");
    for piece in text.chunks(4096) {
        // The caller may have gone away; there is nobody left to tell.
        let _ = stream.blocking_write_and_flush(piece);
    }
    drop(stream);
    let _ = OutgoingBody::finish(body, None);
}
