//! The channels that this side of a call receives.

use trellis_error::{Error, Result};

use super::framing::Unframer;
use super::walk::Site;
use super::{Action, Path, Settings};

/// The channels that are received.
#[derive(Debug, Default)]
pub(super) struct Inbound {
    channels: Vec<Receiving>,
}

#[derive(Debug)]
struct Receiving {
    path: Path,
    /// How many bytes have been handed on and not been read.
    unread: usize,
    state: State,
}

#[derive(Debug)]
enum State {
    /// The values that say what is on the channel are not there yet.
    Early {
        payloads: Vec<u8>,
        closed: bool,
    },
    Open(Unframer),
    /// Whatever comes is dropped.
    Ended,
}

impl Inbound {
    /// Channels may come on these paths; messages on others are ignored.
    pub fn new(paths: &[Path]) -> Inbound {
        let early = || State::Early { payloads: Vec::new(), closed: false };
        let channel = |path: &Path| Receiving { path: path.clone(), unread: 0, state: early() };
        Inbound { channels: paths.iter().map(channel).collect() }
    }

    /// The values are there, and these streams and futures in them. What has come for them goes on.
    pub fn announce(&mut self, sites: &[Site], settings: &Settings, actions: &mut Vec<Action>) {
        for channel in &mut self.channels {
            let site = sites.iter().find(|site| site.path == channel.path && site.ready.is_none());
            let open = site.map_or(State::Ended, |site| State::Open(Unframer::new(site.content.clone())));
            if let State::Early { payloads, closed } = std::mem::replace(&mut channel.state, open) {
                channel.push(&payloads, settings, actions);
                if closed {
                    channel.close(actions);
                }
            }
        }
    }

    /// A message on a channel; an empty one closes it.
    pub fn push(&mut self, path: &[u32], payload: &[u8], settings: &Settings, actions: &mut Vec<Action>) -> Result<()> {
        let Some(channel) = self.find(path) else { return Ok(()) };
        match &mut channel.state {
            State::Early { payloads, closed } => {
                *closed |= payload.is_empty();
                if !*closed {
                    payloads.extend_from_slice(payload);
                }
                if payloads.len() > settings.max_buffered {
                    return Err(too_much());
                }
            }
            _ if payload.is_empty() => channel.close(actions),
            _ => channel.push(payload, settings, actions),
        }
        Ok(())
    }

    /// So many bytes of a channel have been read.
    pub fn consumed(&mut self, path: &[u32], bytes: usize) {
        if let Some(channel) = self.find(path) {
            channel.unread = channel.unread.saturating_sub(bytes);
        }
    }

    /// Nobody reads a channel any more, which only somebody can say who knows of it.
    pub fn cancel(&mut self, path: &[u32]) {
        if let Some(channel) = self.find(path).filter(|channel| matches!(channel.state, State::Open(_))) {
            channel.state = State::Ended;
        }
    }

    /// Nobody reads any of the channels that there are.
    pub fn cancel_all(&mut self) {
        self.channels.retain(|channel| !matches!(channel.state, State::Open(_)));
    }

    /// Whether every channel has ended.
    pub fn is_over(&self) -> bool {
        self.channels.iter().all(|channel| matches!(channel.state, State::Ended))
    }

    /// How many bytes are held.
    pub fn held(&self) -> usize {
        let held = |channel: &Receiving| match &channel.state {
            State::Early { payloads, .. } => payloads.len(),
            State::Open(unframer) => unframer.held(),
            State::Ended => 0,
        };
        self.channels.iter().map(held).sum()
    }

    fn find(&mut self, path: &[u32]) -> Option<&mut Receiving> {
        self.channels.iter_mut().find(|channel| channel.path == path)
    }
}

impl Receiving {
    fn push(&mut self, payload: &[u8], settings: &Settings, actions: &mut Vec<Action>) {
        let State::Open(unframer) = &mut self.state else { return };
        let mut bytes = Vec::new();
        let pushed = unframer.push(payload, &mut bytes);
        self.unread += bytes.len();
        if self.unread + unframer.held() > settings.max_buffered {
            return self.end(Err(too_much()), actions);
        }
        if !bytes.is_empty() {
            actions.push(Action::Data { path: self.path.clone(), bytes });
        }
        match pushed {
            Ok(false) => {}
            Ok(true) => self.end(Ok(()), actions),
            Err(error) => self.end(Err(error), actions),
        }
    }

    fn close(&mut self, actions: &mut Vec<Action>) {
        if let State::Open(unframer) = &self.state {
            let result = unframer.close();
            self.end(result, actions);
        }
    }

    fn end(&mut self, result: Result<()>, actions: &mut Vec<Action>) {
        self.state = State::Ended;
        actions.push(Action::End { path: self.path.clone(), result });
    }
}

fn too_much() -> Error {
    Error::limit("maxBuffered", "a peer sends faster than its channel is read")
}
