//! A bounded pipe of bytes between two tasks of one thread: what a channel of an invocation is made of.
//!
//! It carries the channel's content without framing: a `stream<u8>` is its raw bytes until the pipe ends, a
//! `future<T>` is `T` encoded once. Carriers that need frames (NATS) add them.
//!
//! The sender may always hand over one chunk, however large, when there is room for one byte; so a chunk is never
//! copied to be split, and at most one chunk more than the capacity is held. Dropping an end closes it: the receiver
//! reads what was sent and then the end, the sender learns that nobody listens.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use trellis_error::{Error, Kind, Result};

/// How many bytes a pipe holds unless told otherwise.
pub const CAPACITY: usize = 64 * 1024;

#[derive(Debug, Default)]
struct State {
    chunks: VecDeque<Vec<u8>>,
    /// How much of the first chunk has been read.
    read: usize,
    held: usize,
    taken: usize,
    capacity: usize,
    ended: Option<Result<()>>,
    receiver_gone: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

impl State {
    /// The next bytes, at most `max`. A chunk that is read whole is handed over as it is.
    fn next(&mut self, max: usize) -> Option<Vec<u8>> {
        let first = self.chunks.front()?;
        let start = self.read;
        if start == 0 && first.len() <= max {
            return self.chunks.pop_front();
        }
        let end = first.len().min(start.saturating_add(max));
        let bytes = first[start..end].to_vec();
        self.read = end;
        if end == first.len() {
            self.chunks.pop_front();
            self.read = 0;
        }
        Some(bytes)
    }
}

/// The writing end.
#[derive(Debug)]
pub struct Sender(Rc<RefCell<State>>);

/// The reading end.
#[derive(Debug)]
pub struct Receiver(Rc<RefCell<State>>);

/// A pipe that holds `capacity` bytes.
pub fn pipe(capacity: usize) -> (Sender, Receiver) {
    let state = Rc::new(RefCell::new(State { capacity, ..State::default() }));
    (Sender(state.clone()), Receiver(state))
}

/// A pipe that has ended, with `bytes` in it.
pub fn filled(bytes: Vec<u8>) -> Receiver {
    let (sender, receiver) = pipe(CAPACITY);
    // The pipe is empty and its receiver is here, so there is room.
    let _ = sender.send(bytes);
    receiver
}

impl Sender {
    /// How many bytes may be sent now; 0 when the pipe is full. Fails when the receiver is gone.
    pub fn room(&self) -> Result<usize> {
        let state = self.0.borrow();
        if state.receiver_gone { Err(closed()) } else { Ok(state.capacity.saturating_sub(state.held)) }
    }

    /// Hands over a chunk. The caller minds [`Sender::room`]; what is sent beyond it is held all the same.
    pub fn send(&self, chunk: Vec<u8>) -> Result<()> {
        let reader = {
            let mut state = self.0.borrow_mut();
            if state.receiver_gone {
                return Err(closed());
            }
            if chunk.is_empty() {
                return Ok(());
            }
            state.held += chunk.len();
            state.chunks.push_back(chunk);
            state.reader.take()
        };
        wake(reader);
        Ok(())
    }

    /// Waits until there is room, or the receiver is gone.
    pub fn poll_room(&self, cx: &mut Context<'_>) -> Poll<Result<usize>> {
        let room = self.room();
        if let Ok(0) = room {
            self.0.borrow_mut().writer = Some(cx.waker().clone());
            return Poll::Pending;
        }
        Poll::Ready(room)
    }

    /// Waits until there is room.
    pub async fn ready(&self) -> Result<usize> {
        poll_fn(|cx| self.poll_room(cx)).await
    }

    /// Waits until the receiver has taken `least` bytes since the last time, and tells how many it took; `None` when
    /// it is gone. A carrier turns them into credit for its peer.
    pub fn poll_taken(&self, cx: &mut Context<'_>, least: usize) -> Poll<Option<usize>> {
        let mut state = self.0.borrow_mut();
        if state.receiver_gone {
            return Poll::Ready(None);
        }
        if state.taken >= least {
            return Poll::Ready(Some(std::mem::take(&mut state.taken)));
        }
        state.writer = Some(cx.waker().clone());
        Poll::Pending
    }

    /// Ends the pipe with an error: the receiver gets it after what was sent before.
    pub fn fail(self, error: Error) {
        self.0.borrow_mut().ended = Some(Err(error));
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        let reader = {
            let mut state = self.0.borrow_mut();
            state.ended.get_or_insert(Ok(()));
            state.reader.take()
        };
        wake(reader);
    }
}

impl Receiver {
    /// The next bytes, at most `max`; `None` at the end.
    pub fn poll_read(&mut self, cx: &mut Context<'_>, max: usize) -> Poll<Result<Option<Vec<u8>>>> {
        match self.try_read(max) {
            Some(read) => Poll::Ready(read),
            None => {
                self.0.borrow_mut().reader = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    /// The next bytes, at most `max`, where some or the end are there already.
    pub fn try_read(&mut self, max: usize) -> Option<Result<Option<Vec<u8>>>> {
        let (chunk, writer) = {
            let mut state = self.0.borrow_mut();
            let Some(chunk) = state.next(max) else {
                return state.ended.clone().map(|end| end.map(|()| None));
            };
            state.held -= chunk.len();
            state.taken += chunk.len();
            let writer = if state.held < state.capacity { state.writer.take() } else { None };
            (chunk, writer)
        };
        wake(writer);
        Some(Ok(Some(chunk)))
    }

    /// All that is left, where the sender has ended the pipe and all of it fits the pipe's capacity.
    pub fn take_complete(&mut self) -> Option<Vec<u8>> {
        let mut state = self.0.borrow_mut();
        if state.ended != Some(Ok(())) || state.held > state.capacity {
            return None;
        }
        let held = std::mem::take(&mut state.held);
        state.taken += held;
        let read = std::mem::take(&mut state.read);
        let mut first = state.chunks.pop_front().unwrap_or_default();
        first.drain(..read);
        Some(state.chunks.drain(..).fold(first, |mut all, chunk| {
            all.extend_from_slice(&chunk);
            all
        }))
    }

    /// Waits until bytes or the end are there.
    pub fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<()> {
        if self.is_ready() {
            return Poll::Ready(());
        }
        self.0.borrow_mut().reader = Some(cx.waker().clone());
        Poll::Pending
    }

    /// Whether bytes or the end are there.
    pub fn is_ready(&self) -> bool {
        let state = self.0.borrow();
        !state.chunks.is_empty() || state.ended.is_some()
    }

    /// Waits for the next bytes, at most `max`; `None` at the end.
    pub async fn read(&mut self, max: usize) -> Result<Option<Vec<u8>>> {
        poll_fn(|cx| self.poll_read(cx, max)).await
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let writer = {
            let mut state = self.0.borrow_mut();
            state.receiver_gone = true;
            state.chunks.clear();
            state.held = 0;
            state.writer.take()
        };
        wake(writer);
    }
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}

fn closed() -> Error {
    Error::new(Kind::Aborted, "the reader of the channel is gone")
}
