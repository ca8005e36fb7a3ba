//! `wrpc:http/incoming-handler@0.1.0` `handle`, served by a guest that exports `wasi:http/incoming-handler`.
//!
//! The caller of the guest goes: [`begin`] turns the invocation into the guest's parameters; the guest's `handle` is
//! called with them; [`response`] is ready as soon as the guest has set its response, long before it has returned;
//! [`guest_returned`] or [`guest_failed`] says how the call of the guest ended.

use trellis_error::{Error, Kind, Result};
use trellis_wrpc::invocation::{Channels, Later, Outcome};

use crate::Ctx;

#[derive(Default)]
pub(crate) struct Exchange;

/// What the export of a component is invoked as, where it is not its own name.
pub fn served_as(_instance: &str) -> Option<&'static str> {
    None
}

/// Takes a `handle` invocation and gives the encoded parameters for the guest's `handle`.
pub fn begin(_ctx: &Ctx, _params: &[u8], _channels: Channels) -> Result<Vec<u8>> {
    Err(Error::new(Kind::Unsupported, "to come"))
}

/// Is ready when the guest has set its response, or can no longer do so. The response's body is channel `0.0` and its
/// trailers are channel `0.1`.
pub fn response(_ctx: &Ctx) -> Later<Result<Outcome>> {
    Box::pin(async { Err(Error::new(Kind::Unsupported, "to come")) })
}

/// The guest's `handle` has returned: a response that has not been set will not come any more.
pub fn guest_returned(_ctx: &Ctx) {}

/// The guest's `handle` has failed: the response, or its body where it has not been finished, fails with `error`.
pub fn guest_failed(_ctx: &Ctx, _error: Error) {}
