//! Bridges the pipes of a call to numbered channels of the port, with credit in both directions.
//!
//! Who sends on a channel may send as many bytes as it has credit for; one chunk may overdraw it. The initial credit
//! is the pipe's capacity. A channel whose content is complete is announced with it. Ids made here are odd, those made by JavaScript even.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use js_sys::Uint8Array;
use trellis_error::{Error, Result};
use trellis_wrpc::invocation::{Channels as PipeChannels, Path};
use trellis_wrpc::pipe::{CAPACITY, Receiver, Sender, filled, pipe};
use wasm_bindgen::JsValue;

use crate::js::{ChannelRef, EngineOutside};
use crate::tasks::Tasks;
use trellis_boundary::error;

/// The largest chunk that is pushed to JavaScript at once.
const CHUNK: usize = 64 * 1024;

/// The open channels of an engine.
pub struct Channels {
    outside: Rc<EngineOutside>,
    tasks: Rc<Tasks>,
    next: Cell<u32>,
    /// Channels towards the guest: where JavaScript's chunks go.
    inbound: RefCell<HashMap<u32, Rc<RefCell<Option<Sender>>>>>,
    /// Channels from the guest: how much JavaScript may still be sent.
    outbound: RefCell<HashMap<u32, Rc<Credit>>>,
}

#[derive(Default)]
struct Credit {
    bytes: Cell<i64>,
    cancelled: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

/// Counts the outbound channels of a call that are still open.
#[derive(Clone, Default)]
pub struct Open(Rc<(Cell<usize>, RefCell<Option<Waker>>)>);

impl Channels {
    /// No channels yet.
    pub fn new(outside: Rc<EngineOutside>, tasks: Rc<Tasks>) -> Rc<Channels> {
        Rc::new(Channels {
            outside,
            tasks,
            next: Cell::new(1),
            inbound: RefCell::default(),
            outbound: RefCell::default(),
        })
    }

    /// Opens the channels that JavaScript announced: the guest reads from the returned pipes.
    pub fn accept(self: &Rc<Self>, refs: Vec<ChannelRef>) -> PipeChannels {
        let receiver = |channel: ChannelRef| match channel.ready {
            Some(bytes) => (channel.path, filled(bytes)),
            None => (channel.path, self.accept_one(channel.id)),
        };
        refs.into_iter().map(receiver).collect()
    }

    fn accept_one(self: &Rc<Self>, id: u32) -> Receiver {
        let (sender, receiver) = pipe(CAPACITY);
        let sender = Rc::new(RefCell::new(Some(sender)));
        self.inbound.borrow_mut().insert(id, sender.clone());
        let channels = self.clone();
        self.tasks.spawn(async move { channels.grant(id, sender).await });
        receiver
    }

    /// Grants credit as the guest reads, until either end is gone.
    async fn grant(&self, id: u32, sender: Rc<RefCell<Option<Sender>>>) {
        loop {
            let taken = poll_fn(|cx| match sender.borrow().as_ref() {
                Some(sender) => sender.poll_taken(cx, CAPACITY / 2).map(Taken::from),
                None => Poll::Ready(Taken::Ended),
            });
            match taken.await {
                Taken::Bytes(bytes) => self.outside.credit(id, bytes as u32),
                Taken::Ended => return,
                Taken::ReaderGone => {
                    self.inbound.borrow_mut().remove(&id);
                    return self.outside.cancel(id);
                }
            }
        }
    }

    /// A chunk from JavaScript. One for a channel that nobody reads any more is dropped.
    pub fn push(&self, id: u32, chunk: Vec<u8>) {
        let sender = self.inbound.borrow().get(&id).cloned();
        if let Some(sender) = sender
            && let Some(sender) = sender.borrow().as_ref()
        {
            // Fails only when the reader is gone, which `grant` tells JavaScript.
            let _ = sender.send(chunk);
        }
    }

    /// JavaScript ends a channel towards the guest.
    pub fn end(&self, id: u32, error: Option<Error>) {
        let sender = self.inbound.borrow_mut().remove(&id);
        let Some(sender) = sender.and_then(|cell| cell.borrow_mut().take()) else { return };
        match error {
            Some(error) => sender.fail(error),
            None => drop(sender),
        }
    }

    /// Announces the guest's pipes as channels, with their content where it is complete, and starts to push the others.
    pub fn offer(self: &Rc<Self>, channels: PipeChannels, open: &Open) -> Vec<ChannelRef> {
        channels.into_iter().map(|(path, receiver)| self.offer_one(path, receiver, open)).collect()
    }

    fn offer_one(self: &Rc<Self>, path: Path, mut receiver: Receiver, open: &Open) -> ChannelRef {
        let id = self.next.get();
        self.next.set(id.wrapping_add(2));
        if let Some(ready) = receiver.take_complete() {
            return ChannelRef { path, id, ready: Some(ready) };
        }
        let credit = Rc::new(Credit { bytes: Cell::new(CAPACITY as i64), ..Credit::default() });
        self.outbound.borrow_mut().insert(id, credit.clone());
        let (channels, open) = (self.clone(), open.opened());
        // Not polled here: JavaScript has to hear of the channel before its first chunk.
        self.tasks.spawn_later(async move {
            let end = channels.pump(id, receiver, &credit).await;
            channels.outbound.borrow_mut().remove(&id);
            if !credit.cancelled.get() {
                channels.outside.end(id, end.err().map_or(JsValue::UNDEFINED, |e| error::to_wire(&e)));
            }
            open.closed();
        });
        ChannelRef { path, id, ready: None }
    }

    async fn pump(&self, id: u32, mut receiver: Receiver, credit: &Credit) -> Result<()> {
        loop {
            credit.available().await;
            if credit.cancelled.get() {
                return Ok(());
            }
            let Some(chunk) = receiver.read(CHUNK).await? else { return Ok(()) };
            credit.bytes.set(credit.bytes.get() - chunk.len() as i64);
            self.outside.push(id, Uint8Array::from(&chunk[..]));
        }
    }

    /// JavaScript has room for more of a channel from the guest.
    pub fn credit(&self, id: u32, bytes: u32) {
        let credit = self.outbound.borrow().get(&id).cloned();
        if let Some(credit) = credit {
            credit.bytes.set(credit.bytes.get() + i64::from(bytes));
            credit.wake();
        }
    }

    /// JavaScript reads a channel from the guest no more.
    pub fn cancel(&self, id: u32) {
        let credit = self.outbound.borrow_mut().remove(&id);
        if let Some(credit) = credit {
            credit.cancelled.set(true);
            credit.wake();
        }
    }
}

enum Taken {
    Bytes(usize),
    ReaderGone,
    Ended,
}

impl From<Option<usize>> for Taken {
    fn from(taken: Option<usize>) -> Self {
        taken.map_or(Taken::ReaderGone, Taken::Bytes)
    }
}

impl Credit {
    async fn available(&self) {
        poll_fn(|cx| {
            if self.bytes.get() > 0 || self.cancelled.get() {
                return Poll::Ready(());
            }
            *self.waker.borrow_mut() = Some(cx.waker().clone());
            Poll::Pending
        })
        .await
    }

    fn wake(&self) {
        let waker = self.waker.borrow_mut().take();
        waker.into_iter().for_each(Waker::wake);
    }
}

impl Open {
    fn opened(&self) -> Open {
        self.0.0.set(self.0.0.get() + 1);
        self.clone()
    }

    fn closed(&self) {
        self.0.0.set(self.0.0.get() - 1);
        let waker = self.0.1.borrow_mut().take();
        waker.into_iter().for_each(Waker::wake);
    }

    /// Whether every channel is closed.
    pub fn are_closed(&self) -> bool {
        self.0.0.get() == 0
    }

    /// Waits until every channel is closed.
    pub async fn all_closed(&self) {
        poll_fn(|cx| {
            if self.are_closed() {
                return Poll::Ready(());
            }
            *self.0.1.borrow_mut() = Some(cx.waker().clone());
            Poll::Pending
        })
        .await
    }
}
