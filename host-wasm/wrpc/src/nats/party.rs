//! What both sides of a call have in common.

use std::rc::Rc;

use trellis_error::{Error, Kind, Result};

use super::gather::Gather;
use super::inbound::Inbound;
use super::outbound::Outbound;
use super::signature::Shape;
use super::splice::{put_in, take_out};
use super::walk::{Site, Walk};
use super::{Action, Channel, Incoming, Part, Settings};

/// One side of a call. `now` is in milliseconds of a clock that never goes back; all methods give what is to be done.
/// After the last action of a call nothing is done any more.
pub trait Party: Side {
    /// A message has come to the call's inbox.
    fn message(&mut self, part: Part, message: Incoming, now: u64) -> Vec<Action> {
        step(self, now, |side| side.receive(part, message))
    }

    /// Sends bytes on a channel, at most [`Party::room`].
    fn send(&mut self, path: &[u32], bytes: &[u8], now: u64) -> Vec<Action> {
        step(self, now, |side| {
            let State { outbound, settings, actions, .. } = side.state_mut();
            outbound.send(path, bytes, settings, actions)
        })
    }

    /// Ends a channel that is sent; `well` unless its content breaks off.
    fn end(&mut self, path: &[u32], well: bool, now: u64) -> Vec<Action> {
        step(self, now, |side| {
            let State { outbound, actions, .. } = side.state_mut();
            outbound.end(path, well, actions)
        })
    }

    /// So many bytes of a channel have been read.
    fn consumed(&mut self, path: &[u32], bytes: usize, now: u64) -> Vec<Action> {
        step(self, now, |side| {
            side.state_mut().inbound.consumed(path, bytes);
            Ok(())
        })
    }

    /// Nobody reads a channel any more. The peer cannot be told; what it sends is dropped.
    fn cancel(&mut self, path: &[u32], now: u64) -> Vec<Action> {
        step(self, now, |side| {
            side.state_mut().inbound.cancel(path);
            Ok(())
        })
    }

    /// The time has come.
    fn time(&mut self, now: u64) -> Vec<Action> {
        let state = self.state_mut();
        if state.done || now < state.expires {
            return Vec::new();
        }
        if self.is_enough() {
            return finish(self);
        }
        fail(self, Error::new(Kind::Timeout, "the call over NATS did not finish before its deadline"))
    }

    /// The call fails on this side; the peer sees its channels close.
    fn fail(&mut self, error: Error) -> Vec<Action> {
        if self.state().done { Vec::new() } else { fail(self, error) }
    }

    /// Gives the call up: as [`Party::fail`], but nobody has to be told.
    fn abort(&mut self) -> Vec<Action> {
        if !self.state().done {
            self.close();
        }
        self.state_mut().over()
    }

    /// When [`Party::time`] is to be called; `None` when the call is over.
    fn expires(&self) -> Option<u64> {
        let state = self.state();
        (!state.done).then_some(state.expires)
    }

    /// How many bytes can be sent on a channel now.
    fn room(&self, path: &[u32]) -> usize {
        let state = self.state();
        state.outbound.room(path, &state.settings)
    }

    /// How many bytes the call holds.
    fn held(&self) -> usize {
        self.state().held()
    }
}

impl<S: Side> Party for S {}

/// Where the two sides differ.
pub trait Side {
    #[doc(hidden)]
    fn state(&self) -> &State;
    #[doc(hidden)]
    fn state_mut(&mut self) -> &mut State;
    #[doc(hidden)]
    fn receive(&mut self, part: Part, message: Incoming) -> Result<()>;
    /// Tells the peer that nothing more comes.
    #[doc(hidden)]
    fn close(&mut self);
    /// Whether everything has been carried.
    #[doc(hidden)]
    fn is_over(&self) -> bool;
    /// Whether it is no failure if the rest never comes.
    #[doc(hidden)]
    fn is_enough(&self) -> bool {
        false
    }
}

/// The state that both sides have.
#[derive(Debug)]
pub struct State {
    pub(super) settings: Settings,
    expires: u64,
    /// Whether movements of channels put the deadline off.
    streams: bool,
    /// The peer's values.
    values: Gather,
    pub(super) inbound: Inbound,
    pub(super) outbound: Outbound,
    pub(super) actions: Vec<Action>,
    done: bool,
}

impl State {
    /// A call that begins now. The peer's values have this shape.
    pub(super) fn new(settings: Settings, shape: Option<Rc<Shape>>, now: u64) -> State {
        State {
            expires: now.saturating_add(settings.deadline),
            settings,
            streams: false,
            inbound: Inbound::new(shape.as_ref().map_or(&[], |shape| &shape.paths)),
            values: Gather::new(shape),
            outbound: Outbound::default(),
            actions: Vec::new(),
            done: false,
        }
    }

    /// Takes up our own values with their channels: what is complete is put into them as long as they have no more than
    /// `most` bytes; for the rest there are channels.
    pub(super) fn announce(
        &mut self,
        shape: Option<&Shape>,
        bytes: Vec<u8>,
        channels: Vec<Channel>,
        most: usize,
    ) -> Result<Vec<u8>> {
        self.settings.check_bytes(bytes.len())?;
        let mut walk = Walk::default();
        if let Some(shape) = shape.filter(|shape| !shape.paths.is_empty())
            && !walk.advance(&shape.ty, &bytes)?
        {
            return Err(Error::decode("the values of a call are not complete"));
        }
        self.settings.check_channels(walk.sites().len())?;
        let mut channels = channels;
        let mut pending = Vec::new();
        for site in walk.sites().iter().filter(|site| site.ready.is_none()) {
            let place = channels.iter().position(|channel| channel.path == site.path);
            let place = place.ok_or_else(|| mismatch("is pending and has no channel", &site.path))?;
            pending.push((site, channels.swap_remove(place).ready));
        }
        if let Some(channel) = channels.first() {
            return Err(mismatch("is not pending and has a channel", &channel.path));
        }
        let most = if self.settings.inline { most } else { 0 };
        let (bytes, pending) = put_in(bytes, pending, most)?;
        self.outbound.announce(pending, &self.settings)?;
        Ok(bytes)
    }

    /// The next piece of the peer's values.
    pub(super) fn gather(&mut self, payload: Vec<u8>) -> Result<()> {
        match self.values.push(payload, &self.settings)? {
            Some((bytes, sites)) => self.announced(bytes, &sites),
            None => Ok(()),
        }
    }

    /// A message with the peer's values; an empty one closes them.
    pub(super) fn values(&mut self, payload: Vec<u8>) -> Result<()> {
        if self.values.is_complete() {
            return Ok(());
        }
        if !payload.is_empty() {
            return self.gather(payload);
        }
        let (bytes, sites) = self.values.close()?;
        self.announced(bytes, &sites)
    }

    fn announced(&mut self, bytes: Vec<u8>, sites: &[Site]) -> Result<()> {
        self.settings.check_channels(sites.len())?;
        let (bytes, channels) = take_out(bytes, sites);
        self.actions.push(Action::Values { bytes, channels });
        self.inbound.announce(sites, &self.settings, &mut self.actions);
        Ok(())
    }

    pub(super) fn is_answered(&self) -> bool {
        self.values.is_complete()
    }

    /// From now on the deadline is for the pauses of channels.
    pub(super) fn stream(&mut self) {
        self.streams = true;
    }

    pub(super) fn publish(&mut self, subject: &str, payload: Vec<u8>) {
        self.actions.push(Action::publish(subject, payload));
    }

    /// Publishes values, or what is left of them, and closes them.
    pub(super) fn publish_values(&mut self, subject: &str, bytes: Vec<u8>) {
        if bytes.len() <= self.settings.max_payload {
            if !bytes.is_empty() {
                self.publish(subject, bytes);
            }
        } else {
            let pieces = bytes.chunks(self.settings.max_payload);
            self.actions.extend(pieces.map(|piece| Action::publish(subject, piece.to_vec())));
        }
        self.publish(subject, Vec::new());
    }

    /// Frees everything and gives what is left to do.
    fn over(&mut self) -> Vec<Action> {
        self.done = true;
        self.values = Gather::new(None);
        self.inbound = Inbound::default();
        self.outbound = Outbound::default();
        std::mem::take(&mut self.actions)
    }

    fn held(&self) -> usize {
        self.values.held() + self.inbound.held() + self.outbound.held()
    }
}

/// Does one thing, unless the call is over, and sees whether it is now.
pub(super) fn step<S: Side + ?Sized>(side: &mut S, now: u64, act: impl FnOnce(&mut S) -> Result<()>) -> Vec<Action> {
    if side.state().done {
        return Vec::new();
    }
    if let Err(error) = act(side) {
        return fail(side, error);
    }
    if side.is_over() {
        return finish(side);
    }
    let state = side.state_mut();
    if state.streams {
        state.expires = now.saturating_add(state.settings.deadline);
    }
    std::mem::take(&mut state.actions)
}

fn finish<S: Side + ?Sized>(side: &mut S) -> Vec<Action> {
    let state = side.state_mut();
    state.actions.push(Action::Finished);
    state.over()
}

fn fail<S: Side + ?Sized>(side: &mut S, error: Error) -> Vec<Action> {
    side.close();
    let state = side.state_mut();
    state.actions.push(Action::Failed(error));
    state.over()
}

fn mismatch(what: &str, path: &[u32]) -> Error {
    Error::new(Kind::InvalidArgument, format!("the stream or future at {path:?} of the values {what}"))
}
