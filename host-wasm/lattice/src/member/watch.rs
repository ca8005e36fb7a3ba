//! Watches of the lattice's buckets: opened when there is a connection, opened anew when it comes back or when one
//! breaks, and what their entries change. Facts: the lattice protocol 1.x, sections 5.3 and 5.4.

use super::mirror::Told;
use super::store::{Stores, read_config};
use super::{Action, Channel, Member, Store};
use crate::claims::ClaimsRecord;
use crate::links::{ComponentSpec, Config};
use crate::{Entry, Operation};

/// So long a watch may take until it has told everything, in milliseconds.
pub(crate) const OPEN_TIMEOUT: u64 = 10_000;

/// The pause after the first failure; each further one doubles it, up to the longest.
const FIRST_PAUSE: u64 = 1_000;
const LONGEST_PAUSE: u64 = 60_000;

/// How far a watch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Watching {
    /// It tells what is there.
    Opening { watch: u64, until: u64, pause: u64 },
    /// It tells changes.
    Current { watch: u64 },
    /// It is to be tried again.
    Failed { retry: u64, pause: u64 },
}

impl Stores {
    /// When a watch wants something done.
    pub fn next_wake(&self) -> Option<u64> {
        let due = |watching: &Watching| match watching {
            Watching::Opening { until, .. } => Some(*until),
            Watching::Failed { retry, .. } => Some(*retry),
            Watching::Current { .. } => None,
        };
        self.watching.values().filter_map(due).min()
    }

    /// Whether the copies are those of the buckets.
    pub fn are_current(&self) -> bool {
        self.watching.len() == 2 && self.watching.values().all(|watching| matches!(watching, Watching::Current { .. }))
    }

    /// Whether no watch is still opening.
    pub fn are_settled(&self) -> bool {
        !self.watching.values().any(|watching| matches!(watching, Watching::Opening { .. }))
    }

    fn of(&self, number: u64) -> Option<(Store, Watching)> {
        let is = |watching: &Watching| match watching {
            Watching::Opening { watch, .. } | Watching::Current { watch } => *watch == number,
            Watching::Failed { .. } => false,
        };
        self.watching.iter().find(|(_, watching)| is(watching)).map(|(store, watching)| (*store, *watching))
    }
}

impl Member {
    /// Watches both buckets from the beginning.
    pub(super) fn open_stores(&mut self) {
        self.open(Store::Lattice, FIRST_PAUSE);
        self.open(Store::Config, FIRST_PAUSE);
    }

    fn open(&mut self, store: Store, pause: u64) {
        self.stores.last_watch += 1;
        let (watch, until) = (self.stores.last_watch, self.now.monotonic + OPEN_TIMEOUT);
        self.stores.watching.insert(store, Watching::Opening { watch, until, pause });
        match store {
            Store::Lattice => {
                self.stores.specs.begin();
                self.stores.claims.begin();
            }
            Store::Config => self.stores.configs.begin(),
        }
        self.act(Action::Watch { watch, store });
    }

    /// Opens again what has failed, and what takes too long.
    pub(super) fn open_due(&mut self) {
        if self.connection.is_none() {
            return;
        }
        for store in [Store::Lattice, Store::Config] {
            match self.stores.watching.get(&store).copied() {
                Some(Watching::Failed { retry, pause }) if retry <= self.now.monotonic => self.open(store, pause),
                Some(Watching::Opening { until, pause, .. }) if until <= self.now.monotonic => {
                    self.fail_watch(store, pause, "it did not open in time");
                }
                _ => {}
            }
        }
    }

    /// A watch could not begin, or is broken.
    pub(super) fn watch_failed(&mut self, watch: u64, reason: &str) {
        match self.stores.of(watch) {
            Some((store, Watching::Opening { pause, .. })) => self.fail_watch(store, pause, reason),
            Some((store, _)) => self.fail_watch(store, FIRST_PAUSE, reason),
            None => {}
        }
    }

    /// Without its buckets a host does not answer for the lattice.
    fn fail_watch(&mut self, store: Store, pause: u64, reason: &str) {
        let retry = self.now.monotonic + pause;
        self.stores.watching.insert(store, Watching::Failed { retry, pause: (2 * pause).min(LONGEST_PAUSE) });
        self.unsubscribe(&Channel::SHARED);
        let bucket = store.bucket(&self.settings.lattice);
        self.act(Action::Warn(format!(
            "the bucket {bucket} is not available: {reason}; it is tried again in {pause} ms"
        )));
    }

    /// A watch has told everything that was there.
    pub(super) fn watch_is_current(&mut self, watch: u64) {
        let Some((store, Watching::Opening { .. })) = self.stores.of(watch) else { return };
        self.stores.watching.insert(store, Watching::Current { watch });
        match store {
            Store::Lattice => {
                self.stores.specs.finish();
                self.stores.claims.finish();
                self.remember_all();
            }
            Store::Config => self.stores.configs.finish(),
        }
        self.refresh_all();
        if self.stores.are_current() {
            self.subscribe(&Channel::SHARED);
        }
    }

    /// Takes an entry. While a watch opens, what it changes shows when it has told everything.
    pub(super) fn entry(&mut self, watch: u64, entry: &Entry) {
        let Some((store, watching)) = self.stores.of(watch) else { return };
        let live = matches!(watching, Watching::Current { .. });
        if store == Store::Config {
            let told = told(entry, read_config);
            if self.stores.configs.told(&entry.key, entry.revision, told) && live {
                self.refresh_config(&entry.key);
            }
        } else if let Some(id) = entry.key.strip_prefix("COMPONENT_") {
            let told = told(entry, ComponentSpec::read);
            if self.stores.specs.told(id, entry.revision, told) && live {
                self.refresh_links(id);
            }
        } else if let Some(subject) = entry.key.strip_prefix("CLAIMS_") {
            let read = |bytes: &[u8]| ClaimsRecord::read(bytes).ok().filter(|record| record.subject == subject);
            let told = told(entry, |bytes| read(bytes).ok_or(()));
            self.stores.claims.told(subject, entry.revision, told);
        }
    }

    /// Takes a spec that was read or written beside the watch.
    pub(super) fn note_spec(&mut self, id: &str, revision: u64, spec: ComponentSpec) {
        if self.stores.specs.noted(id, revision, spec) {
            self.refresh_links(id);
        }
    }

    /// Takes a config that was read or written beside the watch.
    pub(super) fn note_config(&mut self, name: &str, revision: u64, config: Config) {
        if self.stores.configs.noted(name, revision, config) {
            self.refresh_config(name);
        }
    }

    fn refresh_all(&mut self) {
        for id in self.running() {
            self.refresh_component(&id);
        }
        self.refresh_providers();
    }

    fn refresh_links(&mut self, source: &str) {
        self.refresh_component(source);
        self.refresh_providers();
    }

    fn refresh_config(&mut self, name: &str) {
        for id in self.running_with(name) {
            self.refresh_component(&id);
        }
        self.refresh_providers();
    }
}

fn told<T, E>(entry: &Entry, read: impl FnOnce(&[u8]) -> Result<T, E>) -> Told<T> {
    match entry.operation {
        Operation::Put => read(&entry.value).map_or(Told::Unreadable, Told::Put),
        Operation::Delete | Operation::Purge => Told::Gone,
    }
}
