//! A copy in memory of the documents of a bucket, which follows its changes, whoever makes them.
//!
//! A watch tells a bucket's entries in the order of their revisions. What was read or written beside it is newer than
//! the watch only where its revision is. A watch begun anew tells everything again; what it does not tell is gone.

use std::collections::BTreeMap;

/// What a watch tells of a key.
pub(crate) enum Told<T> {
    /// It has this document.
    Put(T),
    /// It has a value that cannot be read. The document before stays in force.
    Unreadable,
    /// It was deleted.
    Gone,
}

struct Document<T> {
    value: T,
    revision: u64,
    watch: u64,
}

/// The documents, by what their keys name.
pub(crate) struct Mirror<T> {
    documents: BTreeMap<String, Document<T>>,
    /// The last revision that the present watch has told.
    horizon: u64,
    /// Counts the watches.
    watch: u64,
}

impl<T> Default for Mirror<T> {
    fn default() -> Self {
        Mirror { documents: BTreeMap::new(), horizon: 0, watch: 0 }
    }
}

impl<T: PartialEq> Mirror<T> {
    /// The document of a name.
    pub fn get(&self, name: &str) -> Option<&T> {
        self.documents.get(name).map(|document| &document.value)
    }

    /// All documents.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.documents.iter().map(|(name, document)| (name.as_str(), &document.value))
    }

    /// How many documents there are.
    pub fn len(&self) -> usize {
        self.documents.len()
    }

    /// A watch begins anew.
    pub fn begin(&mut self) {
        self.watch += 1;
        self.horizon = 0;
    }

    /// The watch has told everything that was there: the names that it did not tell are gone.
    pub fn finish(&mut self) {
        let watch = self.watch;
        self.documents.retain(|_, document| document.watch == watch);
    }

    /// Takes what the watch tells. Returns whether that changes anything.
    pub fn told(&mut self, name: &str, revision: u64, told: Told<T>) -> bool {
        self.horizon = self.horizon.max(revision);
        if let Some(known) = self.documents.get_mut(name) {
            if known.watch == self.watch && known.revision > revision {
                return false;
            }
            known.watch = self.watch;
            known.revision = revision;
        }
        match told {
            Told::Put(value) => self.set(name, revision, value),
            Told::Unreadable => false,
            Told::Gone => self.documents.remove(name).is_some(),
        }
    }

    /// Takes what was read or written beside the watch. Returns whether that changes anything.
    pub fn noted(&mut self, name: &str, revision: u64, value: T) -> bool {
        let known = self.documents.get(name);
        let newer = known.is_none_or(|known| known.watch < self.watch || known.revision < revision);
        revision > self.horizon && newer && self.set(name, revision, value)
    }

    fn set(&mut self, name: &str, revision: u64, value: T) -> bool {
        let changed = self.get(name) != Some(&value);
        self.documents.insert(name.to_owned(), Document { value, revision, watch: self.watch });
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watch_changes_what_it_tells() {
        let mut mirror = Mirror::default();
        mirror.begin();
        assert!(mirror.told("a", 1, Told::Put(1)));
        assert!(!mirror.told("a", 2, Told::Put(1)));
        assert!(!mirror.told("a", 3, Told::Unreadable));
        assert_eq!(mirror.get("a"), Some(&1));
        assert!(mirror.told("a", 4, Told::Gone));
        assert_eq!(mirror.len(), 0);
    }

    #[test]
    fn what_was_written_is_there_before_the_watch_tells_it_and_an_older_entry_does_not_undo_it() {
        let mut mirror = Mirror::default();
        mirror.begin();
        assert!(mirror.noted("a", 5, 5));
        assert!(!mirror.told("a", 4, Told::Put(4)));
        assert_eq!(mirror.get("a"), Some(&5));
        assert!(mirror.told("a", 6, Told::Gone));
        assert!(!mirror.noted("a", 5, 5), "the watch has told of revision 6 already");
    }

    #[test]
    fn what_a_new_watch_does_not_tell_is_gone_even_where_revisions_begin_again() {
        let mut mirror = Mirror::default();
        mirror.begin();
        mirror.told("kept", 7, Told::Put(1));
        mirror.told("gone", 8, Told::Put(2));
        mirror.begin();
        assert!(mirror.told("kept", 1, Told::Put(3)));
        assert!(mirror.noted("new", 2, 4));
        mirror.finish();
        assert_eq!(mirror.iter().collect::<Vec<_>>(), [("kept", &3), ("new", &4)]);
    }
}
