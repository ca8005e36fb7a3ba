//! Key-value buckets: what JetStream would do, and a naive model of it under random use.

#[path = "../../wrpc/tests/support/mod.rs"]
mod support;

use std::collections::BTreeMap;

use support::Random;
use trellis_error::Kind;
use trellis_lattice::{Bucket, Buckets, Entry, Initial, Limits, Operation, subject};

fn bucket() -> Bucket {
    Bucket::new(Limits::default())
}

#[test]
fn revisions_count_the_changes_of_the_bucket() {
    let mut bucket = bucket();
    assert_eq!(bucket.put("a", b"1").unwrap().entry.revision, 1);
    assert_eq!(bucket.put("b", b"2").unwrap().entry.revision, 2);
    assert_eq!(bucket.put("a", b"3").unwrap().entry.revision, 3);
    let entry = bucket.get("a").unwrap().unwrap();
    assert_eq!((&*entry.value, entry.revision, entry.operation), (&b"3"[..], 3, Operation::Put));
    assert_eq!(bucket.revision(), 3);
    assert!(bucket.get("c").unwrap().is_none());
}

#[test]
fn compare_and_set_fails_with_the_current_revision() {
    let mut bucket = bucket();
    assert_eq!(bucket.update("a", b"1", 0).unwrap().entry.revision, 1);
    let error = bucket.update("a", b"2", 0).unwrap_err();
    assert_eq!(error.kind(), Kind::Conflict);
    assert!(error.message().contains("is 1, not 0"), "{error}");
    assert_eq!(bucket.update("a", b"2", 1).unwrap().entry.revision, 2);
    assert_eq!(bucket.update("a", b"3", 1).unwrap_err().kind(), Kind::Conflict);
    assert_eq!(bucket.update("b", b"1", 9).unwrap_err().kind(), Kind::Conflict);
    // A deleted key has the revision of its marker.
    bucket.delete("a").unwrap();
    assert_eq!(bucket.update("a", b"4", 2).unwrap_err().kind(), Kind::Conflict);
    assert!(bucket.update("a", b"4", 3).is_ok());
    assert_eq!(&*bucket.get("a").unwrap().unwrap().value, b"4");
}

#[test]
fn create_wants_a_key_without_value() {
    let mut bucket = bucket();
    bucket.create("a", b"1").unwrap();
    assert_eq!(bucket.create("a", b"2").unwrap_err().kind(), Kind::Conflict);
    for remove in [Bucket::delete, Bucket::purge] {
        remove(&mut bucket, "a").unwrap();
        bucket.create("a", b"3").unwrap();
    }
    assert_eq!(bucket.revision(), 5);
}

#[test]
fn deleted_keys_leave_markers() {
    let mut bucket = bucket();
    bucket.put("a", b"1").unwrap();
    bucket.delete("a").unwrap();
    assert!(bucket.get("a").unwrap().is_none());
    assert!(bucket.keys(">").unwrap().is_empty());
    let entry = bucket.entry("a").unwrap();
    assert_eq!((entry.operation, entry.revision, entry.value.len()), (Operation::Delete, 2, 0));
    bucket.purge("a").unwrap();
    assert_eq!(bucket.entry("a").unwrap().operation, Operation::Purge);
    assert_eq!(bucket.delete("never").unwrap().entry.revision, 4);
}

#[test]
fn a_watch_begins_with_the_entries_and_goes_on_with_changes() {
    let mut bucket = bucket();
    bucket.put("x.b", b"1").unwrap();
    bucket.put("x.a", b"2").unwrap();
    bucket.put("x.b", b"3").unwrap();
    bucket.put("y", b"4").unwrap();
    bucket.delete("x.c").unwrap();
    let (all, entries) = bucket.watch("x.*", Initial::Entries).unwrap();
    let seen: Vec<_> = entries.iter().map(|entry| (&*entry.key, entry.revision)).collect();
    assert_eq!(seen, [("x.a", 2), ("x.b", 3), ("x.c", 5)]);
    let (new, none) = bucket.watch(">", Initial::Nothing).unwrap();
    assert!(none.is_empty());
    assert_eq!(bucket.put("x.d", b"5").unwrap().watches, [all, new]);
    assert_eq!(bucket.delete("y").unwrap().watches, [new]);
    assert!(bucket.unwatch(all));
    assert!(!bucket.unwatch(all));
    assert_eq!(bucket.purge("x.d").unwrap().watches, [new]);
}

#[test]
fn keys_are_listed_by_pattern() {
    let mut bucket = bucket();
    for key in ["b", "a", "x.1", "x.2.3"] {
        bucket.put(key, b"").unwrap();
    }
    let keys = |pattern: &str| bucket.keys(pattern).unwrap().iter().map(|key| key.to_string()).collect::<Vec<_>>();
    assert_eq!(keys(">"), ["a", "b", "x.1", "x.2.3"]);
    assert_eq!(keys("x.*"), ["x.1"]);
    assert_eq!(keys("a"), ["a"]);
}

#[test]
fn keys_and_patterns_are_checked() {
    let mut bucket = bucket();
    for good in ["COMPONENT_http-hello", "a/b=c.d", "0"] {
        assert!(bucket.put(good, b"").is_ok(), "{good}");
    }
    let long = "x".repeat(subject::MAX_LENGTH + 1);
    for bad in ["", ".a", "a.", "a..b", "a b", "a*", "*", ">", "é", "a:b", &long] {
        assert_eq!(bucket.put(bad, b"").unwrap_err().kind(), Kind::InvalidArgument, "{bad}");
        assert!(bucket.delete(bad).is_err() && bucket.get(bad).is_err(), "{bad}");
    }
    // A wildcard is a whole token; within one it would match nothing, so it is refused.
    for bad in ["", "COMPONENT_*", ">.a", "a b", "a.>b"] {
        assert!(bucket.watch(bad, Initial::Entries).is_err(), "{bad}");
        assert!(bucket.keys(bad).is_err(), "{bad}");
    }
    assert!(bucket.put("a", b"").unwrap().watches.is_empty());
}

#[test]
fn a_bucket_is_bounded() {
    let mut bucket = Bucket::new(Limits { max_value: 10, max_bytes: 200 });
    assert_eq!(bucket.put("a", &[0; 11]).unwrap_err().kind(), Kind::Limit);
    bucket.put("a", &[0; 10]).unwrap();
    bucket.put("b", &[0; 10]).unwrap();
    assert_eq!(bucket.put("c", &[0; 10]).unwrap_err().kind(), Kind::Limit);
    assert_eq!((bucket.revision(), bucket.entry("c")), (2, None));
    // Overwriting needs no room.
    for _ in 0..100 {
        bucket.put("a", &[1; 10]).unwrap();
    }
}

#[test]
fn buckets_are_opened_or_created() {
    let mut buckets = Buckets::default();
    assert_eq!(buckets.open("LATTICEDATA_default").unwrap_err().kind(), Kind::NotFound);
    buckets.create("LATTICEDATA_default", Limits::default()).unwrap().put("a", b"1").unwrap();
    buckets.create("LATTICEDATA_default", Limits::default()).unwrap().get("a").unwrap().unwrap();
    for bad in ["", "a.b", "a b", "*"] {
        assert_eq!(buckets.create(bad, Limits::default()).unwrap_err().kind(), Kind::InvalidArgument);
    }
}

/// Random changes: the bucket must equal its own history, and every watch must see that history.
#[test]
fn a_bucket_equals_the_history_of_its_changes() {
    const KEYS: [&str; 6] = ["a", "b", "a.b", "a.c", "b.c.d", "e"];
    for seed in 1..=40 {
        let random = &mut Random::new(seed);
        let mut bucket = bucket();
        let mut history: Vec<Entry> = Vec::new();
        let mut watches = BTreeMap::new();
        for step in 0..300u64 {
            let key = random.of(&KEYS);
            let last = history.iter().rev().find(|entry| &*entry.key == key);
            let (revision, live) = last.map_or((0, false), |last| (last.revision, last.operation == Operation::Put));
            let value = step.to_le_bytes();
            let expected = revision - revision.min(random.below(2));
            let (change, allowed) = match random.below(6) {
                0 => (bucket.put(key, &value), true),
                1 => (bucket.create(key, &value), !live),
                2 => (bucket.update(key, &value, expected), expected == revision),
                3 => (bucket.delete(key), true),
                4 => (bucket.purge(key), true),
                _ => {
                    let pattern = random.of(&[">", "a.*", "b", "*", "b.>"]);
                    let (id, entries) = bucket.watch(pattern, Initial::Entries).unwrap();
                    watches.insert(id.0, (pattern, latest(&history, pattern)));
                    assert_eq!(entries, watches[&id.0].1);
                    continue;
                }
            };
            assert_eq!(change.is_ok(), allowed);
            let Ok(change) = change else { continue };
            assert_eq!(change.entry.revision, history.len() as u64 + 1);
            for (id, (pattern, seen)) in &mut watches {
                let told = change.watches.iter().any(|watch| watch.0 == *id);
                assert_eq!(told, subject::matches(pattern, key));
                seen.extend(told.then(|| change.entry.clone()));
            }
            history.push(change.entry);
        }
        for (pattern, seen) in watches.values() {
            assert_eq!(latest(seen, ">"), latest(&history, pattern));
        }
        let live = latest(&history, ">").into_iter().filter(|entry| entry.operation == Operation::Put).count();
        assert_eq!(bucket.keys(">").unwrap().len(), live);
    }
}

/// The last entry of each key, in the order of revisions.
fn latest(history: &[Entry], pattern: &str) -> Vec<Entry> {
    let last = |entry: &Entry| !history.iter().any(|other| other.key == entry.key && other.revision > entry.revision);
    history.iter().filter(|entry| subject::matches(pattern, &entry.key) && last(entry)).cloned().collect()
}
