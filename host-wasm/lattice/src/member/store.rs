//! The lattice's buckets: asking them, and changing a document whatever others do to it meanwhile.
//! Facts: the lattice protocol 1.x, section 5; compare-and-set as section 13.3 asks for.

use std::collections::BTreeMap;

use trellis_error::{Error, Kind, Result};

use super::pending::Then;
use super::watch::Watching;
use super::{Action, Ask, Member, Store, StoreFailure, Stored, mirror};
use crate::claims::ClaimsRecord;
use crate::links::{ComponentSpec, Config, Link, ResolvedLink};

/// So often a change is tried again when somebody else was faster.
const ATTEMPTS: u32 = 16;

/// So many requests may be under way.
const MAX_REQUESTS: usize = 1024;

/// What a bucket says.
pub(crate) type Outcome = Result<Stored, StoreFailure>;

/// Copies of what the lattice keeps.
#[derive(Default)]
pub(crate) struct Stores {
    pub specs: mirror::Mirror<ComponentSpec>,
    pub claims: mirror::Mirror<ClaimsRecord>,
    pub configs: mirror::Mirror<Config>,
    pub watching: BTreeMap<Store, Watching>,
    pub last_watch: u64,
}

impl Stores {
    pub fn documents(&self) -> usize {
        self.specs.len() + self.claims.len() + self.configs.len()
    }
}

/// Whether a config's name makes it the reference of a secret. Lattice protocol 1.x, section 7.6.
pub(crate) fn is_secret(name: &str) -> bool {
    name.starts_with("SECRET")
}

/// Reads a config: an object of strings.
pub(crate) fn read_config(bytes: &[u8]) -> Result<Config> {
    crate::json::read(bytes).ok_or_else(|| Error::decode("config data should be a map of string -> string"))
}

impl Member {
    /// Until when a request of now must be answered.
    pub(super) fn store_deadline(&self) -> u64 {
        self.now.monotonic + self.settings.store_timeout
    }

    /// Asks a bucket.
    pub(super) fn ask(&mut self, store: Store, ask: Ask, deadline: u64, then: Then<Outcome>) {
        let refused = match self.connection {
            None => Some("the host is not connected to its lattice; try again when it is"),
            Some(_) if self.requests.len() >= MAX_REQUESTS => Some("too many requests are under way; try again"),
            Some(_) => None,
        };
        if let Some(text) = refused {
            return then(self, Err(StoreFailure::Failed(Error::new(Kind::Limit, text))));
        }
        let request = self.requests.add(deadline, then);
        self.act(Action::Ask { request, store, ask });
    }

    /// A bucket has answered.
    pub(super) fn stored(&mut self, request: u64, outcome: Outcome) {
        if let Some(then) = self.requests.take(request) {
            then(self, outcome);
        }
    }

    /// Looks for configs, first in the copy, then in the bucket. Gives those that are missing, in their order.
    pub(super) fn find_configs(&mut self, names: Vec<String>, deadline: u64, then: Then<Result<Vec<String>>>) {
        self.find_next(names.into_iter(), Vec::new(), deadline, then);
    }

    fn find_next(
        &mut self,
        mut names: std::vec::IntoIter<String>,
        mut missing: Vec<String>,
        deadline: u64,
        then: Then<Result<Vec<String>>>,
    ) {
        while let Some(name) = names.next() {
            if self.stores.configs.get(&name).is_some() {
                continue;
            }
            if crate::bucket::check_key(&name).is_err() {
                missing.push(name);
                continue;
            }
            let wanted = name.clone();
            let found: Then<Result<Option<Config>>> = Box::new(move |member, found| match found {
                Err(error) => then(member, Err(error)),
                Ok(config) => {
                    missing.extend(config.is_none().then_some(name));
                    member.find_next(names, missing, deadline, then);
                }
            });
            return self.read_config(&wanted, deadline, found);
        }
        then(self, Ok(missing));
    }

    /// Reads a config from the bucket.
    pub(super) fn read_config(&mut self, name: &str, deadline: u64, then: Then<Result<Option<Config>>>) {
        let noted = name.to_owned();
        let read: Then<Outcome> = Box::new(move |member, outcome| {
            let config = match outcome.map_err(failure).and_then(found) {
                Ok(Some((bytes, revision))) => read_config(&bytes).map(|config| Some((config, revision))),
                other => other.map(|_| None),
            };
            if let Ok(Some((config, revision))) = &config {
                member.note_config(&noted, *revision, config.clone());
            }
            then(member, config.map(|config| config.map(|(config, _)| config)));
        });
        self.ask(Store::Config, Ask::Get { key: name.to_owned() }, deadline, read);
    }

    /// Changes the spec of a component, whatever others do to it meanwhile. `change` gives the spec to be, where there
    /// is something to change, and what to tell `then`; it is called again where somebody else was faster.
    pub(super) fn update_spec<R: 'static>(
        &mut self,
        id: String,
        deadline: u64,
        change: impl Fn(Option<ComponentSpec>) -> Result<(Option<ComponentSpec>, R)> + 'static,
        then: impl FnOnce(&mut Member, Result<R>) + 'static,
    ) {
        self.attempt(id, deadline, 1, Box::new(change), Box::new(then));
    }

    fn attempt<R: 'static>(
        &mut self,
        id: String,
        deadline: u64,
        attempt: u32,
        change: Change<R>,
        then: Then<Result<R>>,
    ) {
        let ask = Ask::Get { key: ComponentSpec::key(&id) };
        let read: Then<Outcome> = Box::new(move |member, outcome| {
            let before = match outcome.map_err(failure).and_then(found) {
                Ok(Some((bytes, revision))) => ComponentSpec::read(&bytes).map(|spec| (Some(spec), Some(revision))),
                other => other.map(|_| (None, None)),
            };
            match before.and_then(|(spec, revision)| change(spec).map(|changed| (changed, revision))) {
                Err(error) => then(member, Err(error)),
                Ok(((None, told), _)) => then(member, Ok(told)),
                Ok(((Some(spec), told), revision)) => {
                    let key = ComponentSpec::key(&id);
                    let value = serde_json::json!(spec).to_string().into_bytes();
                    let ask = match revision {
                        Some(revision) => Ask::Update { key, value, revision },
                        None => Ask::Create { key, value },
                    };
                    let written: Then<Outcome> = Box::new(move |member, outcome| match outcome {
                        Err(StoreFailure::Conflict) if attempt < ATTEMPTS => {
                            member.attempt(id, deadline, attempt + 1, change, then);
                        }
                        outcome => {
                            let noted = outcome.map_err(failure).and_then(written).map(|revision| {
                                member.note_spec(&id, revision, spec);
                                told
                            });
                            then(member, noted);
                        }
                    });
                    member.ask(Store::Lattice, ask, deadline, written);
                }
            }
        });
        self.ask(Store::Lattice, ask, deadline, read);
    }

    /// Configs as one, later ones over earlier ones. What is gone counts as empty; references of secrets are none.
    pub(super) fn merged(&self, names: &[String]) -> Config {
        let mut merged = Config::new();
        for config in names.iter().filter(|name| !is_secret(name)).filter_map(|name| self.stores.configs.get(name)) {
            merged.extend(config.clone());
        }
        merged
    }

    /// The references of secrets among configs.
    pub(super) fn secrets(&self, names: &[String]) -> BTreeMap<String, Config> {
        let mut secrets = BTreeMap::new();
        for name in names.iter().filter(|name| is_secret(name)) {
            if let Some(config) = self.stores.configs.get(name) {
                secrets.insert(name.clone(), config.clone());
            }
        }
        secrets
    }

    /// The links of a source.
    pub(super) fn links_of(&self, source: &str) -> &[Link] {
        self.stores.specs.get(source).map_or(&[], |spec| &spec.links)
    }

    /// A link as a provider gets it.
    pub(super) fn resolved(&self, link: &Link) -> ResolvedLink {
        ResolvedLink::new(link, |names| self.merged(names))
    }
}

type Change<R> = Box<dyn Fn(Option<ComponentSpec>) -> Result<(Option<ComponentSpec>, R)>>;

/// The value and revision that an answer has found.
fn found(stored: Stored) -> Result<Option<(std::rc::Rc<[u8]>, u64)>> {
    match stored {
        Stored::Found(entry) => Ok(entry.map(|entry| (entry.value, entry.revision))),
        Stored::Written { .. } => Err(Error::decode("a bucket answered a read as if it were a change")),
    }
}

/// The revision of a change.
pub(crate) fn written(stored: Stored) -> Result<u64> {
    match stored {
        Stored::Written { revision } => Ok(revision),
        Stored::Found(_) => Err(Error::decode("a bucket answered a change as if it were a read")),
    }
}

pub(crate) fn failure(failure: StoreFailure) -> Error {
    match failure {
        StoreFailure::Conflict => {
            Error::new(Kind::Conflict, "others changed the same entry of the lattice all the time; try again")
        }
        StoreFailure::Failed(error) => error,
    }
}
