//! wasi:http
use crate::lookup::Interface;
pub mod incoming;
pub(crate) const INTERFACES: &[Interface] = &[];
pub(crate) struct Fields;
pub(crate) struct FutureResponse;
pub(crate) struct FutureTrailers;
pub(crate) struct IncomingBody;
pub(crate) struct IncomingRequest;
pub(crate) struct IncomingResponse;
pub(crate) struct OutgoingBody;
pub(crate) struct OutgoingRequest;
pub(crate) struct OutgoingResponse;
pub(crate) struct RequestOptions;
pub(crate) struct ResponseOutparam;
