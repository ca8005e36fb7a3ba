//! `wasi:io/poll`. A pollable says what it waits for; waiting registers a waker there, nothing is asked twice in vain.

use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use trellis_error::{Error, Result};
use trellis_wrpc::invocation::Later;
use trellis_wrpc::{Reader, Write};

use crate::http::{FutureResponse, FutureTrailers};
use crate::io::{InputStream, OutputStream};
use crate::{Ctx, Handler, Reply};

pub(super) const FUNCTIONS: &[(&str, Handler, bool)] =
    &[("[method]pollable.ready", ready, false), ("[method]pollable.block", block, true), ("poll", poll, true)];

/// The resource `pollable`: something to wait for.
#[derive(Clone)]
pub(crate) enum Pollable {
    /// A point in time.
    Time(Rc<Timer>),
    /// Bytes to read from the stream with this representation.
    Input(u32),
    /// Room in the stream.
    Output(u32),
    /// The answer to an outgoing request.
    Response(u32),
    /// Trailers.
    Trailers(u32),
}

/// A point in time that may be waited for.
pub(crate) struct Timer {
    deadline: u64,
    /// Made when it is first waited for.
    sleep: RefCell<Option<Later<()>>>,
}

impl Pollable {
    /// Ready when the monotonic clock has reached `deadline`.
    pub fn at(deadline: u64) -> Pollable {
        Pollable::Time(Rc::new(Timer { deadline, sleep: RefCell::default() }))
    }
}

impl Timer {
    fn poll(&self, ctx: &Ctx, cx: &mut Context<'_>) -> Poll<()> {
        if ctx.outside().monotonic_now() >= self.deadline {
            return Poll::Ready(());
        }
        let mut sleep = self.sleep.borrow_mut();
        let sleeping = sleep.get_or_insert_with(|| ctx.outside().sleep_until(self.deadline));
        let slept = sleeping.as_mut().poll(cx);
        if slept.is_ready() {
            *sleep = None;
        }
        slept
    }
}

impl Ctx {
    /// Whether there is nothing to wait for.
    pub(crate) fn is_ready(&self, pollable: &Pollable) -> Result<bool> {
        if let Pollable::Time(timer) = pollable {
            return Ok(self.outside().monotonic_now() >= timer.deadline);
        }
        Ok(self.poll_ready(pollable, &mut Context::from_waker(Waker::noop()))?.is_ready())
    }

    fn poll_ready(&self, pollable: &Pollable, cx: &mut Context<'_>) -> Result<Poll<()>> {
        Ok(match pollable {
            Pollable::Time(timer) => timer.poll(self, cx),
            Pollable::Input(rep) => self.table().get::<InputStream>(*rep)?.poll_ready(cx),
            Pollable::Output(rep) => self.table().get::<OutputStream>(*rep)?.poll_ready(cx),
            Pollable::Response(rep) => self.table().get_mut::<FutureResponse>(*rep)?.poll_ready(cx),
            Pollable::Trailers(rep) => self.table().get_mut::<FutureTrailers>(*rep)?.poll_ready(cx),
        })
    }

    /// Waits for `pollable`.
    pub(crate) async fn ready(&self, pollable: &Pollable) -> Result<()> {
        poll_fn(|cx| match self.poll_ready(pollable, cx) {
            Ok(poll) => poll.map(Ok),
            Err(error) => Poll::Ready(Err(error)),
        })
        .await
    }

    /// Waits for at least one of `pollables`, and gives the indices of all that are ready.
    async fn any_ready(&self, pollables: &[Pollable]) -> Result<Vec<u32>> {
        poll_fn(|cx| {
            let ready = indices(pollables, |pollable| Ok(self.poll_ready(pollable, cx)?.is_ready()));
            if ready.as_ref().is_ok_and(Vec::is_empty) { Poll::Pending } else { Poll::Ready(ready) }
        })
        .await
    }
}

/// The indices of the pollables of which `test` holds.
fn indices(pollables: &[Pollable], mut test: impl FnMut(&Pollable) -> Result<bool>) -> Result<Vec<u32>> {
    let mut ready = Vec::new();
    for (index, pollable) in (0..).zip(pollables) {
        if test(pollable)? {
            ready.push(index);
        }
    }
    Ok(ready)
}

fn write_indices(out: &mut Vec<u8>, indices: &[u32]) {
    out.unsigned(indices.len() as u64);
    indices.iter().for_each(|index| out.unsigned((*index).into()));
}

fn pollable(ctx: &Ctx, params: &mut Reader<'_>) -> Result<Pollable> {
    let rep = params.handle()?;
    ctx.table().get::<Pollable>(rep).cloned()
}

fn ready(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    out.bool(ctx.is_ready(&pollable(ctx, params)?)?);
    Ok(Reply::Done)
}

fn block(ctx: &Ctx, params: &mut Reader<'_>, _out: &mut Vec<u8>) -> Result<Reply> {
    let pollable = pollable(ctx, params)?;
    if ctx.is_ready(&pollable)? {
        return Ok(Reply::Done);
    }
    let ctx = ctx.clone();
    Ctx::later(async move {
        ctx.ready(&pollable).await?;
        Ok(Vec::new())
    })
}

fn poll(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let pollables = params.list(|params| pollable(ctx, params))?;
    if pollables.is_empty() {
        return Err(Error::trap("poll was called with no pollables"));
    }
    let ready = indices(&pollables, |pollable| ctx.is_ready(pollable))?;
    if !ready.is_empty() {
        write_indices(out, &ready);
        return Ok(Reply::Done);
    }
    let ctx = ctx.clone();
    Ctx::later(async move {
        let mut out = Vec::new();
        write_indices(&mut out, &ctx.any_ready(&pollables).await?);
        Ok(out)
    })
}
