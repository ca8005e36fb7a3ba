//! `wasi:http`: messages, their fields and bodies; requests that come in and requests that go out.
//!
//! Method, scheme and error code are encoded alike in `wasi:http` and `wrpc:http`, so they are checked and kept as
//! bytes.

mod body;
mod error_code;
mod fields;
mod fields_functions;
mod functions;
pub mod incoming;
mod options;
mod outgoing_handler;
mod outparam;
mod request;
mod response;
mod syntax;
mod trailers;

pub(crate) use body::{IncomingBody, OutgoingBody, SharedBody};
pub(crate) use error_code::internal_error;
pub(crate) use fields::Fields;
pub(crate) use functions::INTERFACES;
pub(crate) use options::RequestOptions;
pub(crate) use outgoing_handler::FutureResponse;
pub(crate) use outparam::ResponseOutparam;
pub(crate) use request::{IncomingRequest, OutgoingRequest};
pub(crate) use response::{IncomingResponse, OutgoingResponse};
pub(crate) use trailers::FutureTrailers;
