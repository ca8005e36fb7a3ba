//! What has happened, of one seed and of all.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

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

/// Counts over all seeds.
#[derive(Default)]
pub struct Totals([AtomicU64; 9]);

impl Totals {
    pub fn add(&self, counts: &Counts) {
        let Counts { hosts, requests, replies, commands, faults, dropped, events, steps } = *counts;
        for (total, count) in self.0.iter().zip([1, hosts, requests, replies, commands, faults, dropped, events, steps])
        {
            total.fetch_add(count, Ordering::Relaxed);
        }
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [
            "seeds",
            "hosts",
            "requests",
            "replies",
            "local commands",
            "faults",
            "lost packets",
            "events heard",
            "steps",
        ];
        for (total, name) in self.0.iter().zip(names) {
            write!(f, "{} {name}, ", total.load(Ordering::Relaxed))?;
        }
        Ok(())
    }
}
