//! The life of a member: it connects, starts, sends heartbeats, loses its connection and finds it again, and stops.
//! Facts: the lattice protocol 1.x, sections 2.4 and 4.3.

use serde_json::json;
use trellis_error::{Error, Kind};

use super::watch::OPEN_TIMEOUT;
use super::{Action, Channel, Member};
use crate::event::Event;

/// How far a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It has not told the lattice that it is there. It does when it knows the buckets, or at the latest then.
    New { start_by: Option<u64> },
    /// It is there.
    Running,
    /// It takes nothing new, and leaves when all that is under way has ended, or at the latest then.
    Stopping { deadline: u64 },
    /// It has left.
    Stopped,
}

impl Phase {
    pub fn next_wake(self) -> Option<u64> {
        match self {
            Phase::New { start_by } => start_by,
            Phase::Stopping { deadline } => Some(deadline),
            Phase::Running | Phase::Stopped => None,
        }
    }
}

/// The error of what a host that stops cannot do.
pub(crate) fn stopped() -> Error {
    Error::new(Kind::Stopped, "the host is stopping")
}

impl Member {
    pub(super) fn is_stopping(&self) -> bool {
        matches!(self.phase, Phase::Stopping { .. } | Phase::Stopped)
    }

    /// The truth is read again whenever a connection begins: what was missed is not told afterwards.
    pub(super) fn connected(&mut self, max_payload: usize) {
        self.connection = Some(max_payload);
        if self.is_stopping() {
            return;
        }
        self.subscribe(&Channel::OWN);
        self.open_stores();
        match self.phase {
            Phase::Running => self.heartbeat(),
            _ => self.phase = Phase::New { start_by: Some(self.now.monotonic + OPEN_TIMEOUT) },
        }
    }

    pub(super) fn disconnected(&mut self) {
        self.connection = None;
        self.stores.watching.clear();
        if let Phase::New { .. } = self.phase {
            self.phase = Phase::New { start_by: None };
        }
    }

    pub(super) fn subscribe(&mut self, channels: &[Channel]) {
        if self.is_stopping() {
            return;
        }
        for &channel in channels {
            if channel.wanted(&self.settings) && !self.channels.contains(&channel) {
                self.channels.push(channel);
                let (subject, queue) = (channel.subject(&self.settings), channel.queue(&self.settings));
                self.act(Action::Subscribe { channel, subject, queue });
            }
        }
    }

    pub(super) fn unsubscribe(&mut self, channels: &[Channel]) {
        for &channel in channels {
            if self.channels.contains(&channel) {
                self.channels.retain(|other| *other != channel);
                self.act(Action::Unsubscribe { channel });
            }
        }
    }

    /// Does what the present phase waits for.
    pub(super) fn go_on(&mut self) {
        let now = self.now.monotonic;
        match self.phase {
            Phase::New { start_by: Some(start_by) } if self.stores.are_settled() || start_by <= now => self.start(),
            Phase::Running if self.heartbeat_at.is_some_and(|at| at <= now) => self.heartbeat(),
            Phase::Stopping { deadline } if self.is_idle() || deadline <= now => self.leave(),
            _ => {}
        }
    }

    fn start(&mut self) {
        self.phase = Phase::Running;
        let data = json!({
            "friendly_name": self.settings.friendly_name,
            "labels": self.settings.labels,
            "uptime_seconds": 0,
            "version": self.settings.version,
        });
        self.emit(Event::new("host_started", data));
        self.heartbeat();
    }

    /// Tells what runs here, and notes in the buckets what is not noted there: a change may have been lost.
    fn heartbeat(&mut self) {
        self.heartbeat_at = Some(self.now.monotonic + self.settings.heartbeat_interval);
        self.emit(Event::new("host_heartbeat", self.inventory()));
        if self.stores.are_current() {
            self.remember_all();
        }
    }

    /// Begins to stop: takes nothing new, gives up what is being started, lets calls finish.
    pub(super) fn stop(&mut self, timeout: Option<u64>) {
        if self.is_stopping() {
            return;
        }
        let deadline = self.now.monotonic.saturating_add(timeout.unwrap_or(self.settings.stop_timeout));
        self.phase = Phase::Stopping { deadline };
        self.heartbeat_at = None;
        self.unsubscribe(&Channel::OWN);
        self.unsubscribe(&Channel::SHARED);
        self.end_health();
        self.drop_queues();
        self.abort_tasks();
        self.drain_components(deadline);
    }

    fn abort_tasks(&mut self) {
        while let Some((task, then)) = self.tasks.expired(u64::MAX) {
            self.act(Action::Abort { task });
            then(self, Err(stopped()));
        }
    }

    fn is_idle(&self) -> bool {
        self.tasks.len() == 0 && self.requests.len() == 0
    }

    fn leave(&mut self) {
        self.abort_tasks();
        while let Some((_, then)) = self.requests.expired(u64::MAX) {
            then(self, Err(super::StoreFailure::Failed(stopped())));
        }
        for store in std::mem::take(&mut self.stores.watching).into_keys() {
            self.act(Action::Unwatch { store });
        }
        self.emit(Event::new("host_stopped", json!({ "labels": self.settings.labels })));
        self.stores = super::Stores::default();
        self.components.clear();
        self.providers.clear();
        self.connection = None;
        self.phase = Phase::Stopped;
        self.act(Action::Stopped);
    }
}
