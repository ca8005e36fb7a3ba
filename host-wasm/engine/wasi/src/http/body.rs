//! Bodies: `incoming-body`, and `outgoing-body` with its length checked against `content-length`.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll};

use trellis_error::{Error, Kind, Result};
use trellis_wrpc::invocation::Channels;
use trellis_wrpc::pipe::{self, CAPACITY, Receiver, Sender};
use trellis_wrpc::{Reader, Write};

use super::error_code::body_size;
use super::{Fields, FutureTrailers};
use crate::io::{Cause, InputStream, IoError, OutputStream, Sink, StreamError};
use crate::meter::{Charge, Meter};
use crate::{Ctx, Reply};

/// The resource `incoming-body`.
pub(crate) struct IncomingBody {
    /// Until the guest has asked for the stream.
    body: Option<Receiver>,
    trailers: Receiver,
    /// For what waits in the pipes.
    charge: Charge,
}

impl IncomingBody {
    /// Reads body and trailers of a message: each is whole in `bytes`, or pending on channel `0.0` and `0.1`.
    pub fn read(meter: &Meter, bytes: &mut Reader<'_>, channels: &mut Channels) -> Result<IncomingBody> {
        let body = match bytes.bytes()? {
            [] => channel(channels, 0)?,
            whole => pipe::filled(whole.to_vec()),
        };
        let trailers = if bytes.bool()? {
            let (whole, ()) = super::syntax::encoded(bytes, skip_trailers)?;
            pipe::filled(whole.to_vec())
        } else {
            channel(channels, 1)?
        };
        Ok(IncomingBody { body: Some(body), trailers, charge: meter.charge(CAPACITY)? })
    }
}

fn skip_trailers(bytes: &mut Reader<'_>) -> Result<()> {
    bytes.option(|bytes| bytes.list(|bytes| bytes.str().and_then(|_| bytes.list(Reader::bytes).map(drop))))?;
    Ok(())
}

fn channel(channels: &mut Channels, field: u32) -> Result<Receiver> {
    let place = channels.iter().position(|(path, _)| *path == [0, field]);
    let place = place.ok_or_else(|| Error::decode(format!("the message has no channel 0.{field}")))?;
    Ok(channels.swap_remove(place).1)
}

/// The writing end of a body, shared by the `outgoing-body`, its stream and the message.
pub(crate) type SharedBody = Rc<RefCell<BodyWriter>>;

/// The writing end of a body. Its reader gets an error unless it is finished.
pub(crate) struct BodyWriter {
    ends: Option<Ends>,
    written: u64,
    announced: Option<u64>,
    /// The case of `error-code` that says the size is wrong.
    wrong_size: u8,
    _charge: Charge,
}

struct Ends {
    body: Sender,
    trailers: Sender,
}

/// The reading end of a body, to be sent.
pub(crate) struct Outgoing {
    channels: Channels,
    pub writer: Weak<RefCell<BodyWriter>>,
}

impl Outgoing {
    /// An empty body without trailers, finished.
    fn empty() -> Outgoing {
        let (_, body) = pipe::pipe(0);
        Outgoing { channels: channels(body, pipe::filled(vec![0])), writer: Weak::new() }
    }
}

fn channels(body: Receiver, trailers: Receiver) -> Channels {
    vec![(vec![0, 0], body), (vec![0, 1], trailers)]
}

/// The body of a message that the guest makes.
#[derive(Default)]
pub(crate) struct BodySlot(Option<Outgoing>);

impl BodySlot {
    /// Makes the body. Fails when it has been made before, or when the announced length is not one.
    pub fn open(&mut self, meter: &Meter, headers: &Fields, wrong_size: u8) -> Result<Option<OutgoingBody>> {
        let Ok(announced) = headers.content_length() else { return Ok(None) };
        if self.0.is_some() {
            return Ok(None);
        }
        let (body, body_end) = pipe::pipe(CAPACITY);
        let (trailers, trailers_end) = pipe::pipe(CAPACITY);
        let ends = Some(Ends { body, trailers });
        let writer = BodyWriter { ends, written: 0, announced, wrong_size, _charge: meter.charge(CAPACITY)? };
        let writer = Rc::new(RefCell::new(writer));
        self.0 = Some(Outgoing { channels: channels(body_end, trailers_end), writer: Rc::downgrade(&writer) });
        Ok(Some(OutgoingBody { writer, streamed: false }))
    }

    /// The channels to send, and whoever still writes into them.
    pub fn into_channels(self) -> (Channels, Weak<RefCell<BodyWriter>>) {
        let outgoing = self.0.unwrap_or_else(Outgoing::empty);
        (outgoing.channels, outgoing.writer)
    }
}

impl BodyWriter {
    pub fn room(&self) -> Result<usize, StreamError> {
        let ends = self.ends.as_ref().ok_or(StreamError::Closed)?;
        ends.body.room().map_err(|_| StreamError::Closed)
    }

    pub fn poll_room(&self, cx: &mut Context<'_>) -> Poll<()> {
        match &self.ends {
            Some(ends) => ends.body.poll_room(cx).map(|_| ()),
            None => Poll::Ready(()),
        }
    }

    pub fn write(&mut self, bytes: Cow<'_, [u8]>) -> Result<(), StreamError> {
        let ends = self.ends.as_ref().ok_or(StreamError::Closed)?;
        let written = self.written + bytes.len() as u64;
        if self.announced.is_some_and(|announced| written > announced) {
            let message = "the body is longer than its content-length".to_owned();
            return Err(StreamError::Failed(IoError {
                message,
                cause: Cause::Http(body_size(self.wrong_size, written)),
            }));
        }
        self.written = written;
        ends.body.send(bytes.into_owned()).map_err(|_| StreamError::Closed)
    }

    /// Ends body and trailers; the latter are an encoded `option<fields>`. Fails with an `error-code` when the body has
    /// not the announced length.
    fn finish(&mut self, trailers: Vec<u8>) -> Result<(), Vec<u8>> {
        if self.announced.is_some_and(|announced| announced != self.written) {
            self.abort(&Error::new(Kind::Guest, "the body is not as long as its content-length"));
            return Err(body_size(self.wrong_size, self.written));
        }
        if let Some(ends) = self.ends.take() {
            // Nobody has to want the trailers.
            let _ = ends.trailers.send(trailers);
        }
        Ok(())
    }

    /// Ends what has not been finished with an error.
    pub fn abort(&mut self, error: &Error) {
        if let Some(ends) = self.ends.take() {
            ends.body.fail(error.clone());
            ends.trailers.fail(error.clone());
        }
    }
}

impl Drop for BodyWriter {
    fn drop(&mut self) {
        self.abort(&unfinished());
    }
}

pub(super) fn unfinished() -> Error {
    Error::new(Kind::Guest, "the guest did not finish the body")
}

/// The resource `outgoing-body`.
pub(crate) struct OutgoingBody {
    writer: SharedBody,
    streamed: bool,
}

pub(super) fn stream(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let rep = params.handle()?;
    let mut table = ctx.table();
    match table.get_mut::<IncomingBody>(rep)?.body.take() {
        None => out.u8(1),
        Some(receiver) => {
            out.u8(0);
            out.handle(table.push_child(InputStream::Body(receiver), rep)?);
        }
    }
    Ok(Reply::Done)
}

pub(super) fn finish_incoming(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let body = ctx.table().take::<IncomingBody>(params.handle()?)?;
    out.handle(ctx.push(FutureTrailers::new(body.trailers, body.charge))?);
    Ok(Reply::Done)
}

pub(super) fn write(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let rep = params.handle()?;
    let mut table = ctx.table();
    let body = table.get_mut::<OutgoingBody>(rep)?;
    if std::mem::replace(&mut body.streamed, true) {
        out.u8(1);
        return Ok(Reply::Done);
    }
    let stream = OutputStream::new(Sink::Body(body.writer.clone()));
    out.u8(0);
    out.handle(table.push_child(stream, rep)?);
    Ok(Reply::Done)
}

pub(super) fn finish_outgoing(ctx: &Ctx, params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let (body, trailers) = (params.handle()?, params.option(Reader::handle)?);
    let body = ctx.table().take::<OutgoingBody>(body)?;
    let trailers = match trailers {
        None => vec![0],
        Some(rep) => {
            let mut bytes = vec![1];
            ctx.table().take::<Fields>(rep)?.write(&mut bytes, None);
            bytes
        }
    };
    let finished = body.writer.borrow_mut().finish(trailers);
    match finished {
        Ok(()) => out.u8(0),
        Err(code) => {
            out.u8(1);
            out.raw(&code);
        }
    }
    Ok(Reply::Done)
}
