//! `wrpc:http/incoming-handler@0.1.0` `handle`, served by a guest that exports `wasi:http/incoming-handler`.
//!
//! Whoever calls the guest goes: [`begin`] turns the invocation into the guest's parameters; the guest's `handle` is
//! called with them; [`response`] is ready as soon as the guest has set its response, long before it has returned;
//! [`guest_returned`] or [`guest_failed`] says how the call of the guest ended.

use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Weak;
use std::task::{Poll, Waker};

use trellis_error::{Error, Result};
use trellis_wrpc::invocation::{Channels, Later, Outcome};
use trellis_wrpc::{Reader, Write};

use super::body::{self, BodyWriter};
use super::{IncomingRequest, ResponseOutparam};
use crate::Ctx;

/// The request that an instance serves now.
#[derive(Default)]
pub(crate) struct Exchange {
    number: u64,
    response: Option<Result<Outcome>>,
    /// Whether nothing can change any more what [`response`] gives.
    settled: bool,
    waiting: Option<Waker>,
    body: Weak<RefCell<BodyWriter>>,
}

impl Exchange {
    /// The guest answers exchange `number`. What answers an earlier one is dropped.
    pub fn answer(&mut self, number: u64, outcome: Outcome, body: Weak<RefCell<BodyWriter>>) {
        if number == self.number && !self.settled {
            self.body = body;
            self.settle(Ok(outcome));
        }
    }

    fn settle(&mut self, response: Result<Outcome>) {
        self.settled = true;
        self.response = Some(response);
        if let Some(waker) = self.waiting.take() {
            waker.wake();
        }
    }
}

/// The instance and function that an export of a guest is invoked as, where they are not its own: `None` for all but
/// `wasi:http/incoming-handler@0.2.x`.
pub fn served_as(instance: &str) -> Option<&'static str> {
    let version = instance.strip_prefix("wasi:http/incoming-handler@")?;
    crate::lookup::Version::Preview2.matches(version).then_some("wrpc:http/incoming-handler@0.1.0")
}

/// Takes a `handle` invocation and gives the encoded parameters for the guest's `handle`.
pub fn begin(ctx: &Ctx, params: &[u8], mut channels: Channels) -> Result<Vec<u8>> {
    let request = IncomingRequest::read(ctx.meter(), &mut Reader::new(params), &mut channels)?;
    let number = ctx.exchange().number + 1;
    *ctx.exchange() = Exchange { number, ..Exchange::default() };
    let mut handles = Vec::new();
    handles.handle(ctx.push(request)?);
    handles.handle(ctx.push(ResponseOutparam(number))?);
    Ok(handles)
}

/// Is ready when the guest has set its response, or can no longer do so. The response's body is channel `0.0` and its
/// trailers are channel `0.1`; an error code has no channels.
pub fn response(ctx: &Ctx) -> Later<Result<Outcome>> {
    let ctx = ctx.clone();
    Box::pin(poll_fn(move |cx| {
        let mut exchange = ctx.exchange();
        match exchange.response.take() {
            Some(response) => Poll::Ready(response),
            None => {
                exchange.waiting = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }))
}

/// The guest's `handle` has returned: a response that has not been set will not come any more, and a body that has not
/// been finished never will be.
pub fn guest_returned(ctx: &Ctx) {
    end(ctx, &Error::trap("the guest returned without calling response-outparam.set"), &body::unfinished());
}

/// The guest's `handle` has failed: the response, or its body where it has not been finished, fails with `error`.
pub fn guest_failed(ctx: &Ctx, error: &Error) {
    end(ctx, error, error);
}

fn end(ctx: &Ctx, unset: &Error, unfinished: &Error) {
    let body = {
        let mut exchange = ctx.exchange();
        if !exchange.settled {
            exchange.settle(Err(unset.clone()));
        }
        exchange.body.upgrade()
    };
    if let Some(body) = body {
        body.borrow_mut().abort(unfinished);
    }
}
