//! What goes wrong: partitions, crashes, stops, restarts of the server, broken watches; and that it ends.

use trellis_lattice::Message;
use trellis_lattice::member::{Channel, Input};

use crate::world::{Event, World};

/// Lets one thing go wrong, and plans the next.
pub fn strike(world: &mut World) {
    if world.is_calm() {
        return;
    }
    world.counts.faults += 1;
    let host = world.random.below(world.hosts.len() as u64) as usize;
    match world.random.below(10) {
        0..4 => {
            let (detection, length) = (world.random.below(3_000), world.random.below(10_000));
            cut(world, host, detection, detection + length);
        }
        4 | 5 => crash(world, host),
        6 => {
            let wipes = world.one_in(3);
            for host in 0..world.hosts.len() {
                let length = 100 + world.random.below(4_000);
                cut(world, host, 0, length);
            }
            if wipes {
                for host in 0..world.hosts.len() {
                    world.server.forget(host);
                }
                world.server.wipe();
            }
        }
        7 | 8 => break_watch(world, host),
        _ => {
            let subject = Channel::Host.subject(&settings_of(world, host)).replace('*', "stop");
            let reply = Some(format!("_INBOX.stop.{}", world.counts.faults));
            world.route(Message { subject, reply, ..Message::default() });
        }
    }
    let delay = 1_000 + world.random.below(8_000);
    world.after(delay, Event::Fault);
}

/// A host's connection carries nothing any more. The host notices after a while, and comes back later.
fn cut(world: &mut World, host: usize, detection: u64, back: u64) {
    let it = &mut world.hosts[host];
    if !it.connected {
        return;
    }
    it.connected = false;
    it.connection += 1;
    // Nobody can wait for answers on a connection that is gone.
    it.inboxes.values_mut().flatten().for_each(|due| *due = u64::MAX);
    let connection = it.connection;
    world.after(detection, Event::Lost { host, connection });
    world.after(back + 1, Event::Connect { host, connection });
}

fn crash(world: &mut World, host: usize) {
    if world.hosts[host].member.is_none() {
        return;
    }
    world.hosts[host].crash();
    world.server.forget(host);
    let delay = world.random.below(8_000);
    world.after(delay + 1, Event::Restart { host });
}

/// The server ends the watches of a host. The carrier tells it.
fn break_watch(world: &mut World, host: usize) {
    if !world.hosts[host].connected {
        return;
    }
    for watch in world.server.break_watches(host) {
        world.give(host, Input::WatchFailed { watch, reason: "by chance".to_owned() });
    }
}

/// Whoever is cut off comes back.
pub fn heal(world: &mut World) {
    for host in 0..world.hosts.len() {
        let connection = world.hosts[host].connection;
        let delay = world.random.below(2_000);
        match world.hosts[host].member {
            None => world.after(delay, Event::Restart { host }),
            Some(_) if !world.hosts[host].connected => {
                world.after(delay, Event::Lost { host, connection });
                world.after(delay + 1, Event::Connect { host, connection });
            }
            Some(_) => {}
        }
    }
}

fn settings_of(world: &World, host: usize) -> trellis_lattice::member::Settings {
    trellis_lattice::member::Settings::new("default", &world.hosts[host].id)
}
