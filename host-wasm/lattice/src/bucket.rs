//! Key-value buckets with the semantics of JetStream: one sequence of revisions for a whole bucket, the last entry of
//! every key (history 1), compare-and-set, markers for deleted keys, watches.
//!
//! Facts: section 5 of the lattice protocol, and the key-value API of the NATS clients.

use std::collections::BTreeMap;
use std::rc::Rc;

use trellis_error::{Error, Kind, Result};

use crate::{name, subject};

/// What an entry takes beside key and value, in bytes; it bounds the number of entries where values are empty.
const OVERHEAD: usize = 64;

/// What a bucket may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The largest value, in bytes.
    pub max_value: usize,
    /// All keys and values, markers of deleted keys included, in bytes.
    pub max_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { max_value: 1024 * 1024, max_bytes: 256 * 1024 * 1024 }
    }
}

/// What made an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// The key was given a value.
    Put,
    /// The key was deleted.
    Delete,
    /// The key was deleted with its history.
    Purge,
}

/// The last change of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: Rc<str>,
    /// What happened to it.
    pub operation: Operation,
    /// The value; empty unless it was put.
    pub value: Rc<[u8]>,
    /// The revision: the bucket's count of changes.
    pub revision: u64,
}

impl Entry {
    fn size(&self) -> usize {
        self.key.len() + self.value.len() + OVERHEAD
    }
}

/// A watch of one bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct WatchId(pub u64);

/// A change, and the watches that get it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The new entry.
    pub entry: Entry,
    /// Who gets it, in the order of the watches.
    pub watches: Vec<WatchId>,
}

/// With what a watch begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Initial {
    /// The last entry of each key.
    Entries,
    /// Nothing: only changes from now on.
    Nothing,
}

/// A bucket.
#[derive(Debug)]
pub struct Bucket {
    entries: BTreeMap<Rc<str>, Entry>,
    watches: Vec<(WatchId, Box<str>)>,
    last_watch: u64,
    revision: u64,
    bytes: usize,
    limits: Limits,
}

impl Bucket {
    /// An empty bucket.
    pub fn new(limits: Limits) -> Self {
        Bucket { entries: BTreeMap::new(), watches: Vec::new(), last_watch: 0, revision: 0, bytes: 0, limits }
    }

    /// The entry of a key that has a value.
    pub fn get(&self, key: &str) -> Result<Option<&Entry>> {
        check_key(key)?;
        Ok(self.entry(key).filter(|entry| entry.operation == Operation::Put))
    }

    /// The last entry of a key, which may be the marker that it was deleted.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.get(key)
    }

    /// The revision of the last change.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Sets a key.
    pub fn put(&mut self, key: &str, value: &[u8]) -> Result<Change> {
        self.write(key, Operation::Put, value)
    }

    /// Sets a key that has no value.
    pub fn create(&mut self, key: &str, value: &[u8]) -> Result<Change> {
        match self.get(key)? {
            Some(entry) => Err(conflict(key, entry.revision, 0)),
            None => self.put(key, value),
        }
    }

    /// Sets a key whose last revision is `expected`; 0 is that of a key that never was. The error of kind
    /// [`Kind::Conflict`] names the revision it has.
    pub fn update(&mut self, key: &str, value: &[u8], expected: u64) -> Result<Change> {
        match self.entry(key).map_or(0, |entry| entry.revision) {
            current if current == expected => self.put(key, value),
            current => Err(conflict(key, current, expected)),
        }
    }

    /// Deletes a key, leaving a marker. So does a key that is not there, as in JetStream.
    pub fn delete(&mut self, key: &str) -> Result<Change> {
        self.write(key, Operation::Delete, &[])
    }

    /// Deletes a key with its history, leaving a marker.
    pub fn purge(&mut self, key: &str) -> Result<Change> {
        self.write(key, Operation::Purge, &[])
    }

    /// The keys that have a value, sorted, of those that match `pattern`.
    pub fn keys(&self, pattern: &str) -> Result<Vec<Rc<str>>> {
        check_key_pattern(pattern)?;
        let live = self.matching(pattern).filter(|entry| entry.operation == Operation::Put);
        Ok(live.map(|entry| entry.key.clone()).collect())
    }

    /// Watches the keys that match `pattern`. The entries to begin with come in the order of their revisions; when they
    /// have been delivered, the watch is up to date.
    pub fn watch(&mut self, pattern: &str, initial: Initial) -> Result<(WatchId, Vec<Entry>)> {
        check_key_pattern(pattern)?;
        self.last_watch += 1;
        let id = WatchId(self.last_watch);
        self.watches.push((id, pattern.into()));
        let mut entries = Vec::new();
        if initial == Initial::Entries {
            entries.extend(self.matching(pattern).cloned());
            entries.sort_unstable_by_key(|entry| entry.revision);
        }
        Ok((id, entries))
    }

    /// Ends a watch. Returns whether it was there.
    pub fn unwatch(&mut self, id: WatchId) -> bool {
        let before = self.watches.len();
        self.watches.retain(|(other, _)| *other != id);
        self.watches.len() < before
    }

    fn matching(&self, pattern: &str) -> impl Iterator<Item = &Entry> {
        self.entries.values().filter(move |entry| subject::matches(pattern, &entry.key))
    }

    fn write(&mut self, key: &str, operation: Operation, value: &[u8]) -> Result<Change> {
        check_key(key)?;
        if value.len() > self.limits.max_value {
            return Err(Error::new(Kind::Limit, format!("a value exceeds {} bytes", self.limits.max_value)));
        }
        let entry = Entry { key: key.into(), operation, value: value.into(), revision: self.revision + 1 };
        let bytes = self.bytes + entry.size() - self.entry(key).map_or(0, Entry::size);
        if bytes > self.limits.max_bytes {
            return Err(Error::new(Kind::Limit, format!("the bucket exceeds {} bytes", self.limits.max_bytes)));
        }
        self.bytes = bytes;
        self.revision = entry.revision;
        self.entries.insert(entry.key.clone(), entry.clone());
        let watching = self.watches.iter().filter(|(_, pattern)| subject::matches(pattern, key));
        Ok(Change { watches: watching.map(|(id, _)| *id).collect(), entry })
    }
}

/// All buckets, by name.
#[derive(Debug, Default)]
pub struct Buckets(BTreeMap<String, Bucket>);

impl Buckets {
    /// Opens a bucket; creates it where there is none.
    pub fn create(&mut self, name: &str, limits: Limits) -> Result<&mut Bucket> {
        name::check_name("bucket", name)?;
        Ok(self.0.entry(name.to_owned()).or_insert_with(|| Bucket::new(limits)))
    }

    /// The bucket of that name.
    pub fn open(&mut self, name: &str) -> Result<&mut Bucket> {
        self.0.get_mut(name).ok_or_else(|| Error::new(Kind::NotFound, format!("there is no bucket `{name}`")))
    }
}

/// Fails unless `key` is one or more tokens, joined by dots, of the characters that keys have.
pub(crate) fn check_key(key: &str) -> Result<()> {
    let valid = |byte: u8| byte.is_ascii_alphanumeric() || b"-/_=.".contains(&byte);
    if !key.bytes().all(valid) {
        return Err(Error::new(Kind::InvalidArgument, format!("`{key}` is not a key: use A-Z, a-z, 0-9 and -/_=.")));
    }
    subject::check(key)
}

/// Fails unless `pattern` is a key in which whole tokens may be wildcards.
fn check_key_pattern(pattern: &str) -> Result<()> {
    subject::check_pattern(pattern)?;
    let literal = pattern.split('.').filter(|token| !matches!(*token, "*" | ">"));
    literal.into_iter().try_for_each(check_key)
}

fn conflict(key: &str, current: u64, expected: u64) -> Error {
    Error::new(Kind::Conflict, format!("the last revision of `{key}` is {current}, not {expected}"))
}
