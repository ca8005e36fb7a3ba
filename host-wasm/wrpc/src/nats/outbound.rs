//! The channels that this side of a call sends.

use trellis_error::{Error, Kind, Result};

use super::framing::{Framer, Payloads};
use super::splice::Pending;
use super::{Action, Path, Settings, subject};

/// The channels that are sent.
#[derive(Debug, Default)]
pub(super) struct Outbound {
    /// The subject of the values that the channels belong to, once the peer is known to listen.
    base: Option<String>,
    channels: Vec<Sending>,
}

#[derive(Debug)]
struct Sending {
    path: Path,
    framer: Framer,
    waiting: Payloads,
    ended: bool,
}

impl Outbound {
    /// These channels will be sent, or are complete already.
    pub fn announce(&mut self, pending: Vec<Pending<'_>>, settings: &Settings) -> Result<()> {
        for (site, ready) in pending {
            let framer = Framer::new(site.content.clone(), settings.max_payload);
            let mut channel = Sending { path: site.path.clone(), framer, waiting: Payloads::new(), ended: false };
            if let Some(ready) = ready {
                channel.framer.push(&ready, &mut channel.waiting)?;
                channel.end(true);
            }
            self.channels.push(channel);
        }
        Ok(())
    }

    /// The peer listens: what waits goes out.
    pub fn open(&mut self, base: String, actions: &mut Vec<Action>) {
        if self.channels.iter().any(|channel| !channel.ended) {
            actions.push(Action::Open);
        }
        self.channels.iter_mut().for_each(|channel| channel.flush(&base, actions));
        self.base = Some(base);
    }

    pub fn is_open(&self) -> bool {
        self.base.is_some()
    }

    /// More of a channel's content.
    pub fn send(&mut self, path: &[u32], bytes: &[u8], settings: &Settings, actions: &mut Vec<Action>) -> Result<()> {
        let channel = find(&mut self.channels, path)?;
        channel.framer.push(bytes, &mut channel.waiting)?;
        if let Some(base) = &self.base {
            channel.flush(base, actions);
        }
        if channel.held() > settings.max_buffered {
            return Err(Error::limit("maxBuffered", "more was sent on a channel than is held for its peer"));
        }
        Ok(())
    }

    /// A channel's content is over.
    pub fn end(&mut self, path: &[u32], well: bool, actions: &mut Vec<Action>) -> Result<()> {
        let channel = find(&mut self.channels, path)?;
        channel.end(well);
        if let Some(base) = &self.base {
            channel.flush(base, actions);
        }
        Ok(())
    }

    /// How many bytes of a channel can be sent now without exceeding what is held.
    pub fn room(&self, path: &[u32], settings: &Settings) -> usize {
        let channel = self.channels.iter().find(|channel| channel.path == path && !channel.ended);
        channel.map_or(0, |channel| settings.max_buffered.saturating_sub(channel.held()))
    }

    /// Breaks off what has not ended, and forgets everything.
    pub fn abort(&mut self, actions: &mut Vec<Action>) {
        let Outbound { base, channels } = std::mem::take(self);
        let Some(base) = base else { return };
        for mut channel in channels.into_iter().filter(|channel| !channel.ended) {
            channel.end(false);
            channel.flush(&base, actions);
        }
    }

    /// Whether the peer listens and everything has been sent.
    pub fn is_over(&self) -> bool {
        self.is_open() && self.channels.iter().all(|channel| channel.ended)
    }

    /// How many bytes are held.
    pub fn held(&self) -> usize {
        self.channels.iter().map(Sending::held).sum()
    }
}

impl Sending {
    fn end(&mut self, well: bool) {
        self.ended = true;
        self.framer.end(well, &mut self.waiting);
        self.waiting.push_back(Vec::new());
    }

    fn flush(&mut self, base: &str, actions: &mut Vec<Action>) {
        let subject = subject::channel(base, &self.path);
        actions.extend(self.waiting.drain(..).map(|payload| Action::publish(&subject, payload)));
    }

    fn held(&self) -> usize {
        self.framer.held() + self.waiting.iter().map(Vec::len).sum::<usize>()
    }
}

fn find<'a>(channels: &'a mut [Sending], path: &[u32]) -> Result<&'a mut Sending> {
    let channel = channels.iter_mut().find(|channel| channel.path == path && !channel.ended);
    channel.ok_or_else(|| Error::new(Kind::InvalidArgument, format!("the call sends no channel {path:?} now")))
}
