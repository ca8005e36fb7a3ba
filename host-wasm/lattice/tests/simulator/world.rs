//! Virtual time and what happens in it. Every decision is drawn from one seeded generator, so a seed is a history.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use trellis_error::{Error, Kind};
use trellis_lattice::member::{Action, Ask, Channel, Input, Now, Store};
use trellis_lattice::{MAX_PAYLOAD, Message};

use crate::host::{Effect, Host};
use crate::observer::Observer;
use crate::server::{Owner, Server};
use crate::support::Random;
use crate::{checks, client, faults};

/// From then on nothing goes wrong any more, and clients are silent.
pub const CALM: u64 = 40_000;

/// By then everything must agree: all have come back, and two heartbeats have gone out.
pub const END: u64 = CALM + 5_000 + 2 * 30_000;

/// So long a client waits for an answer.
const PATIENCE: u64 = 2_000;

/// What a host sends to its server.
#[derive(Debug)]
pub enum Packet {
    Publish(Message),
    Ask { request: u64, store: Store, ask: Ask },
    Watch { watch: u64, store: Store },
    Unwatch { store: Store },
    Subscribe { channel: Channel, subject: String, queue: Option<String> },
    Unsubscribe { channel: Channel },
}

#[derive(Debug)]
pub enum Event {
    Up { host: usize, connection: u64, packet: Packet },
    Down { host: usize, connection: u64, input: Input },
    Done { host: usize, life: u64, task: u64, fails: bool },
    Wake { host: usize, life: u64 },
    Send,
    Due { host: usize, life: u64, inbox: String },
    CommandDue { host: usize, life: u64, request: u64 },
    Connect { host: usize, connection: u64 },
    Lost { host: usize, connection: u64 },
    Restart { host: usize },
    Fault,
}

#[derive(Clone, Copy, Default)]
pub struct Counts {
    pub hosts: u64,
    pub requests: u64,
    pub replies: u64,
    pub commands: u64,
    pub faults: u64,
    pub dropped: u64,
    pub events: u64,
    pub steps: u64,
}

pub struct World {
    pub seed: u64,
    pub random: Random,
    pub now: u64,
    queue: BTreeMap<(u64, u64), Event>,
    last: u64,
    pub server: Server,
    pub hosts: Vec<Host>,
    pub observer: Observer,
    pub counts: Counts,
    /// How many packets of a thousand are lost, doubled or overtaken.
    pub trouble: u64,
}

impl World {
    pub fn new(seed: u64) -> Self {
        let mut random = Random::new(seed + 1);
        let many = random.below(40) == 0;
        let hosts = if many { 10 + random.below(41) } else { 2 + random.below(6) };
        let trouble = [0, 20, 60][random.below(3) as usize];
        let mut world = World {
            seed,
            random,
            now: 0,
            queue: BTreeMap::new(),
            last: 0,
            server: Server::new(seed),
            hosts: (0..hosts as usize).map(Host::new).collect(),
            observer: Observer::default(),
            counts: Counts { hosts, ..Counts::default() },
            trouble,
        };
        for host in 0..world.hosts.len() {
            let at = world.random.below(3_000);
            world.at(at, Event::Restart { host });
        }
        world.at(3_000, Event::Send);
        world.at(4_000, Event::Fault);
        world
    }

    /// Lets everything happen.
    pub fn run(mut self) -> Counts {
        let mut healed = false;
        while let Some(entry) = self.queue.first_entry() {
            let at = entry.key().0;
            if at > END {
                break;
            }
            let event = entry.remove();
            if at >= CALM && !healed {
                healed = true;
                self.now = CALM;
                faults::heal(&mut self);
            }
            self.now = at;
            self.counts.steps += 1;
            self.happen(event);
        }
        self.now = END;
        checks::agree(&mut self);
        self.counts.events = self.observer.events;
        self.counts
    }

    pub fn is_calm(&self) -> bool {
        self.now >= CALM
    }

    pub fn at(&mut self, at: u64, event: Event) {
        self.last += 1;
        self.queue.insert((at, self.last), event);
    }

    pub fn after(&mut self, delay: u64, event: Event) {
        self.at(self.now + delay, event);
    }

    /// Whether one of `of` times.
    pub fn one_in(&mut self, of: u64) -> bool {
        self.random.below(of) == 0
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Up { host, connection, packet } if self.is_connected(host, connection) => self.serve(host, packet),
            Event::Down { host, connection, input } if self.is_connected(host, connection) => self.deliver(host, input),
            Event::Up { .. } | Event::Down { .. } => self.counts.dropped += 1,
            Event::Done { host, life, task, fails } if self.hosts[host].life == life => self.end_task(host, task, fails),
            Event::Wake { host, life } if self.hosts[host].life == life && self.hosts[host].wake == Some(self.now) => {
                self.tell(host, Input::Tick);
            }
            Event::Send => client_sends(self),
            Event::Due { host, life, inbox } if self.hosts[host].life == life => {
                let due = self.hosts[host].inboxes.get(&inbox).and_then(|dues| dues.first());
                assert!(due.is_none_or(|due| *due > self.now), "host {host} did not answer {inbox} in time");
            }
            Event::CommandDue { host, life, request } if self.hosts[host].life == life => {
                let open = self.hosts[host].commands.contains_key(&request);
                assert!(!open, "host {host} did not answer its local command {request} in time");
            }
            Event::Connect { host, connection } if self.hosts[host].connection == connection => self.connect(host),
            Event::Lost { host, connection } if self.hosts[host].connection == connection => {
                self.server.forget(host);
                self.tell(host, Input::Disconnected);
            }
            Event::Restart { host } => self.restart(host),
            Event::Fault => faults::strike(self),
            Event::Done { .. } | Event::Wake { .. } | Event::Due { .. } | Event::CommandDue { .. } => {}
            Event::Connect { .. } | Event::Lost { .. } => {}
        }
    }

    fn is_connected(&self, host: usize, connection: u64) -> bool {
        self.hosts[host].connected && self.hosts[host].connection == connection
    }

    fn restart(&mut self, host: usize) {
        if self.hosts[host].member.is_some() {
            return;
        }
        let now = self.clock();
        self.hosts[host].start(host, self.seed, now);
        let connection = self.hosts[host].connection;
        let delay = 1 + self.random.below(500);
        self.after(delay, Event::Connect { host, connection });
    }

    fn connect(&mut self, host: usize) {
        let it = &mut self.hosts[host];
        if it.connected || it.member.is_none() {
            return;
        }
        it.connected = true;
        it.connection += 1;
        for (channel, (subject, queue)) in &it.subscriptions {
            self.server.subscribe(Owner::Host(host), Some(*channel), subject, queue.as_deref());
        }
        self.tell(host, Input::Connected { max_payload: MAX_PAYLOAD });
    }

    fn clock(&self) -> Now {
        Now { monotonic: self.now, wall: 1_795_359_934_600 + self.now }
    }

    /// Tells a member something, and does what it wants.
    pub fn tell(&mut self, host: usize, input: Input) {
        let now = self.clock();
        let Some(member) = &mut self.hosts[host].member else { return };
        member.handle(now, input);
        while let Some(action) = self.hosts[host].member.as_mut().and_then(|member| member.poll()) {
            self.act(host, action);
        }
        let it = &mut self.hosts[host];
        let Some(wake) = it.member.as_ref().and_then(|member| member.next_wake()) else { return };
        assert!(wake > self.now, "a member wants to be woken in the past");
        let life = it.life;
        if it.wake.replace(wake) != Some(wake) {
            self.at(wake, Event::Wake { host, life });
        }
    }

    fn act(&mut self, host: usize, action: Action) {
        let it = &mut self.hosts[host];
        match action {
            Action::Subscribe { channel, subject, queue } => {
                let before = it.subscriptions.insert(channel, (subject.clone(), queue.clone()));
                assert!(before.is_none(), "{channel:?} twice");
                self.send(host, Packet::Subscribe { channel, subject, queue });
            }
            Action::Unsubscribe { channel } => {
                assert!(it.subscriptions.remove(&channel).is_some(), "{channel:?} was not subscribed");
                self.send(host, Packet::Unsubscribe { channel });
            }
            Action::Publish(message) => {
                if message.subject.starts_with("_INBOX.") {
                    let dues = it.inboxes.get_mut(&message.subject).expect("a reply to an inbox that asked");
                    dues.remove(0);
                    if dues.is_empty() {
                        it.inboxes.remove(&message.subject);
                    }
                    self.counts.replies += 1;
                }
                self.send(host, Packet::Publish(message));
            }
            Action::Watch { watch, store } => self.send(host, Packet::Watch { watch, store }),
            Action::Unwatch { store } => self.send(host, Packet::Unwatch { store }),
            Action::Ask { request, store, ask } => self.send(host, Packet::Ask { request, store, ask }),
            Action::StartComponent { task, workload }
            | Action::ScaleComponent { task, workload }
            | Action::UpdateComponent { task, workload } => self.begin_task(host, task, Effect::Run(workload)),
            Action::StopComponent { task, id, .. } => self.begin_task(host, task, Effect::Stop(id)),
            Action::StartProvider { task, id, .. } => self.begin_task(host, task, Effect::RunProvider(id)),
            Action::StopProvider { task, id } => self.begin_task(host, task, Effect::StopProvider(id)),
            Action::Abort { task } => match it.tasks.remove(&task).expect("a task that is under way") {
                // A provider that does not stop in time is killed.
                Effect::StopProvider(id) => it.take_effect(Effect::StopProvider(id)),
                _ => {}
            },
            Action::ComponentLinks { id, links } => it.links_changed(&id, links),
            Action::ComponentConfig { id, config } => it.config_changed(&id, config),
            Action::Answer { request, .. } => assert!(it.commands.remove(&request).is_some(), "answered twice"),
            Action::Stopped => {
                it.crash();
                self.server.forget(host);
                let delay = 1_000 + self.random.below(2_000);
                self.after(delay, Event::Restart { host });
            }
            Action::ProviderLinks { .. } | Action::ProviderConfig { .. } => {}
            Action::Registries(_) | Action::Warn(_) => {}
        }
    }

    /// Some tasks take too long, some fail, some never end.
    fn begin_task(&mut self, host: usize, task: u64, effect: Effect) {
        self.hosts[host].tasks.insert(task, effect);
        let life = self.hosts[host].life;
        let delay = match self.random.below(40) {
            0 => return,
            1 | 2 => 25_000,
            3..10 => self.random.below(5_000),
            _ => self.random.below(200),
        };
        let fails = self.one_in(10);
        self.after(delay + 1, Event::Done { host, life, task, fails });
    }

    fn end_task(&mut self, host: usize, task: u64, fails: bool) {
        let result = match fails {
            true => Err(Error::new(Kind::Load, "by chance")),
            false => Ok(None),
        };
        if let Some(effect) = self.hosts[host].tasks.remove(&task) {
            // A provider that cannot be stopped gracefully is killed.
            if !fails || matches!(effect, Effect::StopProvider(_)) {
                self.hosts[host].take_effect(effect);
            }
        }
        self.tell(host, Input::Done { task, result });
    }

    /// Sends a packet up. A connection keeps the order; trouble does not.
    fn send(&mut self, host: usize, packet: Packet) {
        if !self.hosts[host].connected {
            return;
        }
        let connection = self.hosts[host].connection;
        let loose = matches!(packet, Packet::Publish(_) | Packet::Ask { .. });
        if loose && self.in_trouble() {
            match self.random.below(3) {
                0 => return self.counts.dropped += 1,
                1 => {
                    let delay = self.random.below(400) + 1;
                    return self.after(delay, Event::Up { host, connection, packet });
                }
                _ => {
                    if let Packet::Publish(message) = &packet {
                        let twin = Packet::Publish(message.clone());
                        self.after(100, Event::Up { host, connection, packet: twin });
                    }
                }
            }
        }
        let at = (self.now + 1 + self.random.below(20)).max(self.hosts[host].last_up);
        self.hosts[host].last_up = at;
        self.at(at, Event::Up { host, connection, packet });
    }

    /// Sends something down to a host.
    pub fn give(&mut self, host: usize, input: Input) {
        let connection = self.hosts[host].connection;
        let loose = matches!(input, Input::Message(_) | Input::Stored { .. });
        if loose && self.in_trouble() {
            match self.random.below(3) {
                0 => return self.counts.dropped += 1,
                1 => {
                    let delay = self.random.below(400) + 1;
                    return self.after(delay, Event::Down { host, connection, input });
                }
                _ => {
                    let twin = input.clone();
                    self.after(100, Event::Down { host, connection, input: twin });
                }
            }
        }
        let at = (self.now + 1 + self.random.below(20)).max(self.hosts[host].last_down);
        self.hosts[host].last_down = at;
        self.at(at, Event::Down { host, connection, input });
    }

    fn in_trouble(&mut self) -> bool {
        !self.is_calm() && self.random.below(1000) < self.trouble
    }

    /// What a packet does at the server.
    fn serve(&mut self, host: usize, packet: Packet) {
        match packet {
            Packet::Publish(message) => self.route(message),
            Packet::Subscribe { channel, subject, queue } => {
                self.server.subscribe(Owner::Host(host), Some(channel), &subject, queue.as_deref());
            }
            Packet::Unsubscribe { channel } => self.server.unsubscribe(host, channel),
            Packet::Unwatch { store } => self.server.unwatch(host, store),
            Packet::Watch { watch, store } => {
                for entry in self.server.watch(host, store, watch) {
                    self.give(host, Input::Entry { watch, entry });
                }
                self.give(host, Input::Current { watch });
            }
            Packet::Ask { request, store, ask } => {
                let (outcome, change) = self.server.ask(store, &ask);
                self.give(host, Input::Stored { request, outcome });
                if let Some((entry, to)) = change {
                    for (host, watch) in to {
                        self.give(host, Input::Entry { watch, entry: entry.clone() });
                    }
                }
            }
        }
    }

    /// Brings a message to those who listen.
    pub fn route(&mut self, message: Message) {
        let (message, to) = self.server.publish(message);
        for owner in to {
            match owner {
                Owner::Host(host) => self.give(host, Input::Message(message.clone())),
                Owner::Observer => self.observer.hear(&message),
                Owner::Client => {}
            }
        }
    }

    /// Brings a host what came down. A message that wants an answer must get one in time.
    fn deliver(&mut self, host: usize, input: Input) {
        if let Input::Message(Message { subject, reply: Some(inbox), .. }) = &input {
            let it = &mut self.hosts[host];
            let silent = it.stopping || subject.ends_with(".auction");
            let due = if silent { u64::MAX } else { self.now + PATIENCE };
            let dues = it.inboxes.entry(inbox.clone()).or_default();
            dues.push(due);
            dues.sort_unstable();
            it.stopping |= subject.contains(".host.stop.");
            let life = it.life;
            let inbox = inbox.clone();
            self.at(self.now + PATIENCE, Event::Due { host, life, inbox });
        }
        self.tell(host, input);
    }
}

/// Somebody sends something: through the server, or by a host's own API.
fn client_sends(world: &mut World) {
    if world.is_calm() {
        return;
    }
    let host = world.random.below(world.hosts.len() as u64) as usize;
    if world.one_in(4) && world.hosts[host].member.is_some() {
        let command = client::command(&mut world.random);
        let it = &mut world.hosts[host];
        it.last_command += 1;
        let (request, life) = (it.last_command, it.life);
        it.commands.insert(request, world.now);
        world.counts.commands += 1;
        world.after(20_001, Event::CommandDue { host, life, request });
        world.tell(host, Input::Command { request, command });
    } else {
        let (subject, body) = client::message(&mut world.random, &world.hosts[host].id.clone());
        world.counts.requests += 1;
        let reply = Some(format!("_INBOX.{}", world.counts.requests));
        world.route(Message { subject, reply, payload: body.into_bytes().into(), ..Message::default() });
    }
    let delay = 1 + world.random.below(600);
    world.after(delay, Event::Send);
}

/// Counts over all seeds.
#[derive(Default)]
pub struct Totals([AtomicU64; 9]);

impl Totals {
    pub fn add(&self, counts: &Counts) {
        let Counts { hosts, requests, replies, commands, faults, dropped, events, steps } = *counts;
        for (total, count) in self.0.iter().zip([1, hosts, requests, replies, commands, faults, dropped, events, steps]) {
            total.fetch_add(count, Ordering::Relaxed);
        }
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names =
            ["seeds", "hosts", "requests", "replies", "local commands", "faults", "lost packets", "events heard", "steps"];
        for (total, name) in self.0.iter().zip(names) {
            write!(f, "{} {name}, ", total.load(Ordering::Relaxed))?;
        }
        Ok(())
    }
}
