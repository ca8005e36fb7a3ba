//! Calls the key-value store in a loop inside the guest, so that what is measured is the host call alone.

wit_bindgen::generate!({
    path: ["../../../examples/wit/wasi-keyvalue.wit", "wit"],
    world: "trellis:bench/bench",
    generate_all,
});

use exports::trellis::bench::loops::Guest;
use std::cell::OnceCell;
use wasi::keyvalue::{atomics, store};

struct Loops;

export!(Loops);

thread_local!(static BUCKET: OnceCell<store::Bucket> = const { OnceCell::new() });

impl Guest for Loops {
    fn prepare() {
        with_bucket(|bucket| bucket.set("key", b"12345678").expect("the store takes a value"));
    }

    fn gets(rounds: u32) -> u32 {
        let get = |bucket: &store::Bucket| bucket.get("key").expect("the store answers").expect("prepared");
        with_bucket(|bucket| (0..rounds).map(|_| get(bucket).len() as u32).sum())
    }

    fn increments(rounds: u32) -> u64 {
        let increment = |bucket: &store::Bucket| atomics::increment(bucket, "count", 1).expect("the store counts");
        with_bucket(|bucket| (0..rounds).fold(0, |_, _| increment(bucket)))
    }

    fn nothing() {}
}

fn with_bucket<T>(work: impl FnOnce(&store::Bucket) -> T) -> T {
    BUCKET.with(|cell| work(cell.get_or_init(|| store::open("default").expect("the store opens"))))
}
