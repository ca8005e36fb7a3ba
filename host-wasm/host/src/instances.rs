//! The live instances of an engine: how many there may be, and those that are idle.
//!
//! Browsers allow few live memories (Chromium about 125 for all workers of a page), so an instance needs a seat. Where
//! all are taken, the instance that has been idle longest gives up its own; where none is idle, a call waits. To keep
//! state from call to call is asked for and not promised: such instances go last, but a limit has them go.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};

use trellis_error::{Error, Result};
use trellis_runtime::Room;

use crate::component::{Guest, Loaded};
use crate::js::EngineOutside;
use crate::turns::Turns;

/// An instance that keeps no state is dropped when it has been idle for so long, in milliseconds.
const IDLE: f64 = 10_000.0;

/// The live instances of an engine.
pub struct Instances {
    /// The pages that all of them together may have.
    room: Room,
    most_pages: u32,
    most_memories: u32,
    memories: Cell<u32>,
    /// By whether they keep state, and then by age: who comes first goes first.
    idle: RefCell<BTreeMap<Age, Idle>>,
    ages: Cell<u64>,
    /// Calls whose guest is through, but whose end has not been told: their instances are about to be idle.
    ending: Cell<u32>,
    turns: Turns,
    counts: Cell<Counts>,
}

type Age = (bool, u64);

struct Idle {
    guest: Guest,
    loaded: Weak<Loaded>,
    since: f64,
    /// Whether it is ready for its next call.
    ready: bool,
}

/// How many instances there are, and were.
#[derive(Clone, Copy, Default)]
struct Counts {
    live: u32,
    created: u32,
    restored: u32,
    dropped: u32,
}

/// The right to have an instance, given back when dropped.
pub struct Seat {
    instances: Rc<Instances>,
    memories: u32,
}

/// A call that is about to give its instance back, as long as this lives.
pub struct Ending<'a>(&'a Instances);

/// What a call gets to run on.
pub enum Place {
    /// An instance that waited for it.
    Taken(Guest),
    /// The right to make one.
    Free(Rc<Seat>),
}

impl Instances {
    /// At most so many memories, and so many pages in them.
    pub fn new(memories: u32, pages: u32) -> Rc<Instances> {
        let (taken, idle, ages, ending, turns, counts) = Default::default();
        Rc::new(Instances {
            room: Room::new(pages),
            most_pages: pages,
            most_memories: memories,
            memories: taken,
            idle,
            ages,
            ending,
            turns,
            counts,
        })
    }

    /// Waits for a place for an instance of a component.
    pub async fn place(self: &Rc<Self>, loaded: &Loaded) -> Result<Place> {
        // It would wait in vain, and all others behind it.
        if seats(loaded) > self.most_memories || loaded.component.pages() > self.most_pages {
            return Err(too_large(loaded));
        }
        if self.turns.is_empty() {
            return self.place_now(loaded).await;
        }
        self.turns.wait().await;
        let place = self.place_now(loaded).await;
        // There may be room for more than one.
        self.turns.next();
        place
    }

    async fn place_now(self: &Rc<Self>, loaded: &Loaded) -> Result<Place> {
        loop {
            // One that was just used is in the processor's caches, and calls that come together need no more than one.
            while self.ending.get() > 0 {
                self.turns.wait_again().await;
            }
            if let Some(guest) = self.take(loaded) {
                return Ok(Place::Taken(guest));
            }
            if self.has_room(loaded) {
                return Ok(Place::Free(self.sit(loaded)));
            }
            if self.evict() {
                continue;
            }
            if self.counts.get().live == 0 {
                return Err(too_large(loaded));
            }
            self.turns.wait_again().await;
        }
    }

    /// A call is about to give its instance back, or to drop it: others wait for that.
    pub fn ending(&self) -> Ending<'_> {
        self.ending.set(self.ending.get() + 1);
        Ending(self)
    }

    /// Keeps an instance for the next call of its component.
    pub fn keep(&self, guest: Guest, loaded: &Rc<Loaded>) {
        let age = (loaded.reuse, self.ages.get());
        self.ages.set(age.1 + 1);
        let since = trellis_boundary::performance_now();
        loaded.idle.borrow_mut().push_back(age);
        let idle = Idle { guest, loaded: Rc::downgrade(loaded), since, ready: loaded.reuse };
        self.idle.borrow_mut().insert(age, idle);
        self.drop_idle(|idle| since - idle.since > IDLE);
        self.turns.next();
    }

    /// Nothing else is to be done: readies the instance that was used last, so that its next call need not wait for that.
    pub fn make_ready(&self) {
        let last = self.idle.borrow().range(..(true, 0)).next_back().map(|(age, _)| *age);
        let Some((age, mut idle)) = last.and_then(|age| self.idle.borrow_mut().remove_entry(&age)) else { return };
        if let Some(loaded) = idle.loaded.upgrade()
            && (idle.ready || loaded.take_up(&idle.guest))
        {
            idle.ready = true;
            self.idle.borrow_mut().insert(age, idle);
        } else {
            idle.leave(age);
        }
    }

    /// Drops the idle instances; those that keep state only where `all` says so, for others that cannot be made else.
    pub fn trim(&self, all: bool) {
        self.drop_idle(|_| true);
        while all && self.evict() {}
    }

    /// Drops all idle instances of a component.
    pub fn forget(&self, loaded: &Loaded) {
        let ages = loaded.idle.take();
        let gone: Vec<_> = ages.iter().filter_map(|age| self.idle.borrow_mut().remove(age)).collect();
        drop(gone);
    }

    /// Drops the instance that has been idle longest. False where none is idle.
    pub fn evict(&self) -> bool {
        let evicted = self.idle.borrow_mut().pop_first();
        evicted.map(|(age, idle)| idle.leave(age)).is_some()
    }

    /// Tells the numbers.
    pub fn report(&self, outside: &EngineOutside) {
        let Counts { live, created, restored, dropped } = self.counts.get();
        outside.stats(live, self.idle.borrow().len() as u32, created, restored, dropped);
    }

    fn take(&self, loaded: &Loaded) -> Option<Guest> {
        let age = loaded.idle.borrow_mut().pop_back()?;
        let Idle { guest, ready, .. } = self.idle.borrow_mut().remove(&age)?;
        if !ready && !loaded.take_up(&guest) {
            return None;
        }
        if !loaded.reuse {
            self.count(|counts| counts.restored = counts.restored.wrapping_add(1));
        }
        Some(guest)
    }

    fn has_room(&self, loaded: &Loaded) -> bool {
        self.memories.get() + seats(loaded) <= self.most_memories && self.has_pages(loaded)
    }

    /// Whether there are pages for the memories that an instance has at first.
    pub fn has_pages(&self, loaded: &Loaded) -> bool {
        loaded.component.pages() <= self.room.left()
    }

    fn sit(self: &Rc<Self>, loaded: &Loaded) -> Rc<Seat> {
        let memories = seats(loaded);
        self.memories.set(self.memories.get() + memories);
        self.count(|counts| {
            counts.live += 1;
            counts.created = counts.created.wrapping_add(1);
        });
        Rc::new(Seat { instances: self.clone(), memories })
    }

    /// Drops, from the oldest on, those that keep no state, as long as `due` says so.
    fn drop_idle(&self, due: impl Fn(&Idle) -> bool) {
        loop {
            let oldest = {
                let mut all = self.idle.borrow_mut();
                match all.first_entry() {
                    Some(entry) if !entry.key().0 && due(entry.get()) => entry.remove_entry(),
                    _ => return,
                }
            };
            oldest.1.leave(oldest.0);
        }
    }

    fn count(&self, change: impl FnOnce(&mut Counts)) {
        let mut counts = self.counts.get();
        change(&mut counts);
        self.counts.set(counts);
    }
}

impl Idle {
    fn leave(self, age: Age) {
        if let Some(loaded) = self.loaded.upgrade() {
            loaded.idle.borrow_mut().retain(|other| *other != age);
        }
    }
}

impl Seat {
    /// Where its instance takes its memory from.
    pub fn room(&self) -> &Room {
        &self.instances.room
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let instances = &self.instances;
        instances.memories.set(instances.memories.get() - self.memories);
        instances.count(|counts| {
            counts.live -= 1;
            counts.dropped = counts.dropped.wrapping_add(1);
        });
        instances.turns.next();
    }
}

/// How many memories an instance counts for: at least one, so that the number of instances is bounded too.
pub fn seats(loaded: &Loaded) -> u32 {
    loaded.component.memories().max(1)
}

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.ending.set(self.0.ending.get() - 1);
        self.0.turns.next();
    }
}

fn too_large(loaded: &Loaded) -> Error {
    let (memories, pages) = (loaded.component.memories(), loaded.component.pages());
    let message = format!("an instance of {memories} memories with {pages} pages is more than its engine may have");
    Error::limit("maxMemory", message)
}
