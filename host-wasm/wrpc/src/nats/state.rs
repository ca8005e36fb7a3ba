//! The state that both sides of a call have, and what both do with it.

use std::rc::Rc;

use trellis_error::{Error, Kind, Result};

use super::gather::Gather;
use super::inbound::Inbound;
use super::outbound::Outbound;
use super::signature::Shape;
use super::splice::{put_in, take_out};
use super::walk::{Site, Walk};
use super::{Action, Channel, Settings};

/// The state that both sides have.
#[derive(Debug)]
pub struct State {
    pub(super) settings: Settings,
    pub(super) expires: u64,
    /// Whether movements of channels put the deadline off.
    pub(super) streams: bool,
    /// The peer's values.
    values: Gather,
    pub(super) inbound: Inbound,
    pub(super) outbound: Outbound,
    pub(super) actions: Vec<Action>,
    pub(super) done: bool,
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
    pub(super) fn over(&mut self) -> Vec<Action> {
        self.done = true;
        self.values = Gather::new(None);
        self.inbound = Inbound::default();
        self.outbound = Outbound::default();
        std::mem::take(&mut self.actions)
    }

    pub(super) fn held(&self) -> usize {
        self.values.held() + self.inbound.held() + self.outbound.held()
    }
}

fn mismatch(what: &str, path: &[u32]) -> Error {
    Error::new(Kind::InvalidArgument, format!("the stream or future at {path:?} of the values {what}"))
}
