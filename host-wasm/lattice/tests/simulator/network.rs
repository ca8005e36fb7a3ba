//! The network between hosts and their server: it delays, and in times of trouble loses, doubles and overtakes. What
//! streams as a watch does keeps its order and is lost only with the connection, as JetStream clients have it.

use trellis_lattice::Message;
use trellis_lattice::member::Input;

use crate::server::Owner;
use crate::world::{Event, Packet, World};

/// So long a client waits for an answer.
const PATIENCE: u64 = 2_000;

impl World {
    /// Sends a packet up. A connection keeps the order; trouble does not.
    pub fn send(&mut self, host: usize, packet: Packet) {
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
    pub fn serve(&mut self, host: usize, packet: Packet) {
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
    pub fn deliver(&mut self, host: usize, input: Input) {
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
