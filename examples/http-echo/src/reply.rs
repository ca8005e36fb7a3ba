//! Responses: one that is text and done, and one whose body is spliced from a stream.

use wasip2::http::types::{Fields, IncomingBody, OutgoingBody, OutgoingResponse, ResponseOutparam};
use wasip2::io::streams::{InputStream, OutputStream, StreamError};

/// The most that moves in one step of a stream.
const CHUNK: u64 = 64 * 1024;

/// A response whose head is sent and whose body is open.
pub struct Reply {
    body: OutgoingBody,
}

impl Reply {
    /// Sends status and content type.
    pub fn start(answer: ResponseOutparam, status: u16, content_type: &[u8]) -> Self {
        let headers = Fields::new();
        // A content type that the host refuses is left out rather than fatal.
        let _ = headers.append("content-type", content_type);
        let response = OutgoingResponse::new(headers);
        let _ = response.set_status_code(status);
        let body = response.body().expect("the body is taken once");
        ResponseOutparam::set(answer, Ok(response));
        Self { body }
    }

    /// Copies a body through to its end, chunk by chunk; a source that breaks off leaves the response unfinished.
    pub fn splice(self, source: IncomingBody) {
        let input = source.stream().expect("the stream is taken once");
        let output = self.body.write().expect("the stream is taken once");
        let complete = copy(&input, &output);
        drop((input, output));
        if complete {
            let _ = OutgoingBody::finish(self.body, None);
        }
    }

    fn write(self, text: &str) {
        let output = self.body.write().expect("the stream is taken once");
        for piece in text.as_bytes().chunks(4096) {
            if output.blocking_write_and_flush(piece).is_err() {
                return;
            }
        }
        drop(output);
        let _ = OutgoingBody::finish(self.body, None);
    }
}

/// A whole answer of plain text.
pub fn text(answer: ResponseOutparam, status: u16, text: &str) {
    Reply::start(answer, status, b"text/plain; charset=utf-8").write(text);
}

/// The length of a body in bytes, none if it broke off.
pub fn length(body: IncomingBody) -> Option<u64> {
    let input = body.stream().ok()?;
    let mut length = 0;
    loop {
        match input.blocking_read(CHUNK) {
            Ok(bytes) => length += bytes.len() as u64,
            Err(StreamError::Closed) => return Some(length),
            Err(StreamError::LastOperationFailed(_)) => return None,
        }
    }
}

/// True when the source was copied to its end.
fn copy(input: &InputStream, output: &OutputStream) -> bool {
    loop {
        match output.blocking_splice(input, CHUNK) {
            Ok(_) => {}
            Err(StreamError::Closed) => return output.blocking_flush().is_ok(),
            Err(StreamError::LastOperationFailed(_)) => return false,
        }
    }
}
