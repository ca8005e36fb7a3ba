//! The member: what makes a host part of a wasmCloud 1.x lattice on the wire.
//!
//! A state machine without sockets, clocks or randomness. [`Member::handle`] takes what happened and the time,
//! [`Member::poll`] gives what is to be done, [`Member::next_wake`] says when it wants to be called at the latest.
//! It answers the control interface, publishes events and heartbeats, keeps copies of the lattice's buckets, and decides
//! what runs on this host; it leaves running it, and carrying messages, to others.
//!
//! Facts: the lattice protocol 1.x, sections 1 to 5, 7, 10 and 13. Where the real host errs, section 13.3 says what to do
//! instead; `tests/control.rs` lists the differences.

mod action;
mod asker;
mod channel;
mod clock;
mod component;
mod control;
mod credential;
mod health;
mod input;
mod inventory;
mod launch;
mod lifecycle;
mod mirror;
mod pending;
mod provider;
mod random;
mod settings;
mod store;
mod watch;

use std::collections::{BTreeMap, VecDeque};

use trellis_error::{Error, Kind, Result};

pub use action::{Action, Ask, Reply, Store, Workload};
pub use channel::Channel;
pub use clock::Now;
pub use credential::Credential;
pub use input::{Command, ComponentLimits, Input, Label, Provider, Scale, StoreFailure, Stored, Update};
pub use settings::{Labels, Settings};

use crate::claims::Claims;
use crate::event::Event;
use crate::{Message, name};
use component::Slot;
use lifecycle::Phase;
use pending::Pending;
use provider::ProviderSlot;
use random::Random;
use store::{Outcome, Stores};

/// A member of a lattice.
pub struct Member {
    settings: Settings,
    now: Now,
    started: u64,
    phase: Phase,
    /// The largest message the server takes, while there is a connection.
    connection: Option<usize>,
    channels: Vec<Channel>,
    stores: Stores,
    components: BTreeMap<String, Slot>,
    providers: BTreeMap<String, ProviderSlot>,
    requests: Pending<Outcome>,
    tasks: Pending<Result<Option<Claims>>>,
    heartbeat_at: Option<u64>,
    random: Random,
    actions: VecDeque<Action>,
}

/// How much a member holds. What nobody waits for is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holdings {
    /// Subscriptions.
    pub subscriptions: usize,
    /// Requests to buckets under way.
    pub requests: usize,
    /// Tasks under way.
    pub tasks: usize,
    /// Commands that wait for their turn.
    pub queued: usize,
    /// Components that run or are to.
    pub components: usize,
    /// Providers that run or are to.
    pub providers: usize,
    /// Documents of the buckets.
    pub documents: usize,
}

impl Member {
    /// A member that is not connected yet. `seed` makes the ids of its events.
    pub fn new(settings: Settings, seed: u64, now: Now) -> Result<Self> {
        name::check_name("lattice", &settings.lattice)?;
        name::check_name("host", &settings.host_id)?;
        crate::subject::check(&settings.control_prefix)?;
        Ok(Member {
            settings,
            now,
            started: now.monotonic,
            phase: Phase::New { start_by: None },
            connection: None,
            channels: Vec::new(),
            stores: Stores::default(),
            components: BTreeMap::new(),
            providers: BTreeMap::new(),
            requests: Pending::default(),
            tasks: Pending::default(),
            heartbeat_at: None,
            random: Random::new(seed),
            actions: VecDeque::new(),
        })
    }

    /// Takes what happened.
    pub fn handle(&mut self, now: Now, input: Input) {
        self.now = Now { monotonic: now.monotonic.max(self.now.monotonic), wall: now.wall };
        if matches!(self.phase, Phase::Stopped) {
            return self.refuse(input);
        }
        match input {
            Input::Connected { max_payload } => self.connected(max_payload),
            Input::Disconnected => self.disconnected(),
            Input::Message(message) => self.message(message),
            Input::Entry { watch, entry } => self.entry(watch, &entry),
            Input::Current { watch } => self.watch_is_current(watch),
            Input::WatchFailed { watch, reason } => self.watch_failed(watch, &reason),
            Input::Stored { request, outcome } => self.stored(request, outcome),
            Input::Done { task, result } => self.done(task, result),
            Input::Command { request, command } => self.command(request, command),
            Input::ProviderStarted(provider) => self.provider_announced(provider),
            Input::ProviderStopped { id, reason } => self.provider_gone(&id, &reason),
            Input::ProviderHealth { id, healthy } => self.provider_health(&id, healthy),
            Input::Stop { timeout } => self.stop(timeout),
            Input::Tick => self.expire(),
        }
        self.open_due();
        self.check_health();
        self.go_on();
    }

    /// The next thing to do.
    pub fn poll(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// When to call [`Member::handle`] at the latest, on the monotonic clock.
    pub fn next_wake(&self) -> Option<u64> {
        let times = [
            self.phase.next_wake(),
            self.requests.next_deadline(),
            self.tasks.next_deadline(),
            self.heartbeat_at.filter(|_| self.connection.is_some()),
            self.stores.next_wake().filter(|_| self.connection.is_some()),
            self.next_health(),
        ];
        times.into_iter().flatten().min()
    }

    /// The settings, with the labels of now.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// How much it holds.
    pub fn holdings(&self) -> Holdings {
        Holdings {
            subscriptions: self.channels.len(),
            requests: self.requests.len(),
            tasks: self.tasks.len(),
            queued: self.components.values().map(Slot::queued).sum(),
            components: self.components.len(),
            providers: self.providers.len(),
            documents: self.stores.documents(),
        }
    }

    /// Ends what has waited too long. Only when nothing else is told: after a host was held up, what it waits for may be
    /// among what it has yet to be told.
    fn expire(&mut self) {
        let now = self.now.monotonic;
        while let Some((_, then)) = self.requests.expired(now) {
            let late = Error::new(Kind::Timeout, "the lattice's buckets did not answer in time; try again");
            then(self, Err(StoreFailure::Failed(late)));
        }
        while let Some((task, then)) = self.tasks.expired(now) {
            self.act(Action::Abort { task });
            then(self, Err(Error::new(Kind::Timeout, "it was not done in time; try again")));
        }
    }

    fn done(&mut self, task: u64, result: Result<Option<Claims>>) {
        if let Some(then) = self.tasks.take(task) {
            then(self, result);
        }
    }

    fn act(&mut self, action: Action) {
        self.actions.push_back(action);
    }

    /// Gives a task away.
    fn assign(
        &mut self,
        deadline: u64,
        then: pending::Then<Result<Option<Claims>>>,
        action: impl FnOnce(u64) -> Action,
    ) {
        let task = self.tasks.add(deadline, then);
        self.act(action(task));
    }

    /// Publishes an event, where there is a connection: what one misses, the next heartbeat makes up for.
    fn emit(&mut self, event: Event) {
        let (subject, id) = (event.subject(&self.settings.lattice), self.random.uuid(self.now.wall));
        let envelope = event.envelope(&id, &clock::rfc3339(self.now.wall), &self.settings.host_id);
        self.publish(subject, None, envelope.to_string().into_bytes());
    }

    fn publish(&mut self, subject: String, reply: Option<String>, payload: Vec<u8>) {
        match self.connection {
            Some(max) if payload.len() > max => {
                let text = format!("{} bytes for {subject} exceed the maximal payload of {max}", payload.len());
                self.act(Action::Warn(text));
            }
            Some(_) => {
                self.act(Action::Publish(Message { subject, reply, payload: payload.into(), ..Message::default() }))
            }
            None => {}
        }
    }

    /// A host that has left answers its own API only.
    fn refuse(&mut self, input: Input) {
        if let Input::Command { request, .. } = input {
            self.act(Action::Answer { request, result: Err(lifecycle::stopped()) });
        }
    }
}
