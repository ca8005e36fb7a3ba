//! The health of providers, told by events: a host without processes to ask tells it by itself.
//! Facts: the lattice protocol 1.x, sections 4.2 and 9.5.

use serde_json::json;

use super::Member;
use crate::event::Event;

/// The first check after a start, and the pause between checks, in milliseconds.
const FIRST_CHECK: u64 = 5_000;
const CHECK_PAUSE: u64 = 30_000;

/// How a provider is.
pub(crate) struct Health {
    pub is_good: bool,
    /// What was last told.
    told: Option<bool>,
    pub check_at: Option<u64>,
}

impl Default for Health {
    fn default() -> Self {
        Health { is_good: true, told: None, check_at: None }
    }
}

impl Health {
    /// The provider runs.
    pub fn begin(&mut self, now: u64) {
        self.check_at = Some(now + FIRST_CHECK);
    }

    /// The name of the event that is due.
    fn check(&mut self, now: u64) -> Option<&'static str> {
        self.check_at.filter(|at| *at <= now)?;
        self.check_at = Some(now + CHECK_PAUSE);
        Some(match (self.told.replace(self.is_good), self.is_good) {
            (None | Some(false), true) => "health_check_passed",
            (None | Some(true), false) => "health_check_failed",
            _ => "health_check_status",
        })
    }
}

impl Member {
    pub(super) fn provider_health(&mut self, id: &str, healthy: bool) {
        if let Some(slot) = self.providers.get_mut(id) {
            slot.health.is_good = healthy;
        }
    }

    pub(super) fn next_health(&self) -> Option<u64> {
        self.providers.values().filter_map(|slot| slot.health.check_at).min()
    }

    /// Nothing more is told of the health of providers.
    pub(super) fn end_health(&mut self) {
        self.providers.values_mut().for_each(|slot| slot.health.check_at = None);
    }

    /// Tells the lattice how the providers are whose turn it is.
    pub(super) fn check_health(&mut self) {
        let now = self.now.monotonic;
        let due = self.providers.iter_mut().filter_map(|(id, slot)| Some((slot.health.check(now)?, id.clone())));
        for (name, id) in due.collect::<Vec<_>>() {
            self.emit(Event::new(name, json!({ "host_id": self.settings.host_id, "provider_id": id })));
        }
    }
}
