//! What was asked for and is not there yet: each has a deadline, and ends exactly once.

use std::collections::BTreeMap;

use super::Member;

/// What happens when an answer comes.
pub(crate) type Then<T> = Box<dyn FnOnce(&mut Member, T)>;

/// Those who wait, by number. No number is used twice.
pub(crate) struct Pending<T> {
    waiting: BTreeMap<u64, (u64, Then<T>)>,
    last: u64,
}

impl<T> Default for Pending<T> {
    fn default() -> Self {
        Pending { waiting: BTreeMap::new(), last: 0 }
    }
}

impl<T> Pending<T> {
    /// Waits until `deadline` at most. Returns the number under which the answer comes.
    pub fn add(&mut self, deadline: u64, then: Then<T>) -> u64 {
        self.last += 1;
        self.waiting.insert(self.last, (deadline, then));
        self.last
    }

    /// Who waits under this number, and no longer does.
    pub fn take(&mut self, number: u64) -> Option<Then<T>> {
        self.waiting.remove(&number).map(|(_, then)| then)
    }

    /// One whose time is up, and who no longer waits.
    pub fn expired(&mut self, now: u64) -> Option<(u64, Then<T>)> {
        let number = *self.waiting.iter().find(|(_, (deadline, _))| *deadline <= now)?.0;
        self.take(number).map(|then| (number, then))
    }

    /// The first deadline.
    pub fn next_deadline(&self) -> Option<u64> {
        self.waiting.values().map(|(deadline, _)| *deadline).min()
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }
}
