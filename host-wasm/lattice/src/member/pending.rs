//! What was asked for and is not there yet: each has a deadline, and ends exactly once.

use super::Member;

/// What happens when an answer comes.
pub(crate) type Then<T> = Box<dyn FnOnce(&mut Member, T)>;

/// Those who wait, in the order of their numbers. No number is used twice.
pub(crate) struct Pending<T> {
    waiting: Vec<Waiting<T>>,
    last: u64,
}

struct Waiting<T> {
    number: u64,
    deadline: u64,
    then: Then<T>,
}

impl<T> Default for Pending<T> {
    fn default() -> Self {
        Pending { waiting: Vec::new(), last: 0 }
    }
}

impl<T> Pending<T> {
    /// Waits until `deadline` at most. Returns the number under which the answer comes.
    pub fn add(&mut self, deadline: u64, then: Then<T>) -> u64 {
        self.last += 1;
        self.waiting.push(Waiting { number: self.last, deadline, then });
        self.last
    }

    /// Who waits under this number, and no longer does.
    pub fn take(&mut self, number: u64) -> Option<Then<T>> {
        let index = self.waiting.iter().position(|waiting| waiting.number == number)?;
        Some(self.waiting.remove(index).then)
    }

    /// One whose time is up, and who no longer waits.
    pub fn expired(&mut self, now: u64) -> Option<(u64, Then<T>)> {
        let index = self.waiting.iter().position(|waiting| waiting.deadline <= now)?;
        let Waiting { number, then, .. } = self.waiting.remove(index);
        Some((number, then))
    }

    /// The first deadline.
    pub fn next_deadline(&self) -> Option<u64> {
        self.waiting.iter().map(|waiting| waiting.deadline).min()
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }
}
