//! Virtual time and what happens in it. Every decision is drawn from one seeded generator, so a seed is a history.

use std::collections::BTreeMap;

use trellis_lattice::member::{Ask, Channel, Input, Now, Store};
use trellis_lattice::{MAX_PAYLOAD, Message};

use crate::counts::Counts;
use crate::host::Host;
use crate::observer::Observer;
use crate::server::{Owner, Server};
use crate::support::Random;
use crate::{checks, client, faults};

/// From then on nothing goes wrong any more, and clients are silent.
pub const CALM: u64 = 40_000;

/// By then everything must agree: all have come back, and two heartbeats have gone out.
pub const END: u64 = CALM + 5_000 + 2 * 30_000;

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

    /// Some hosts that nothing happens to.
    pub fn quiet(seed: u64, hosts: usize) -> Self {
        let mut world = World::new(seed);
        world.queue.clear();
        world.trouble = 0;
        world.hosts = (0..hosts).map(Host::new).collect();
        for host in 0..hosts {
            world.at(0, Event::Restart { host });
        }
        world
    }

    /// Lets everything happen: first trouble, then healing, then the checks.
    pub fn run(mut self) -> Counts {
        self.until(CALM);
        faults::heal(&mut self);
        self.until(END);
        checks::agree(&mut self);
        self.counts.events = self.observer.events;
        self.counts
    }

    /// Lets happen what happens until then.
    pub fn until(&mut self, end: u64) {
        while let Some(entry) = self.queue.first_entry().filter(|entry| entry.key().0 < end) {
            self.now = entry.key().0;
            let event = entry.remove();
            self.counts.steps += 1;
            self.happen(event);
        }
        self.now = end;
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
            Event::Done { host, life, task, fails } if self.hosts[host].life == life => {
                self.end_task(host, task, fails)
            }
            Event::Wake { host, life } if self.hosts[host].life == life && self.hosts[host].wake == Some(self.now) => {
                self.tell(host, Input::Tick);
            }
            Event::Send => client::send(self),
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
}
