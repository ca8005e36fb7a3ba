//! Calls that fail: the native caller learns of it at once, and not by its patience.

use std::time::{Duration, Instant};

use trellis_judges::hostile::trellis::hostile::mischief;
use trellis_judges::kitchen::trellis::kitchen::sink;

use super::LATTICE;
use crate::world::{World, in_time};

/// Much longer than a failure takes to be told, much shorter than the deadline of a component, which is 120 s.
const SOON: Duration = Duration::from_secs(60);

/// The error that a call ends with.
async fn error<T>(call: impl Future<Output = anyhow::Result<T>>) -> String {
    let begun = Instant::now();
    let error = in_time(call).await.err().expect("an error");
    assert!(begun.elapsed() < SOON, "{error:#}");
    format!("{error:#}")
}

/// Of a function without a result nobody can tell: its answer is empty whether it failed or not.
#[tokio::test]
async fn traps_end_calls() {
    let world = World::open(LATTICE).await;
    world.start("hostile", "hostile").await;
    let wrpc = &world.wrpc("hostile").await;
    error(mischief::out_of_bounds(wrpc, None)).await;
    error(mischief::recurse(wrpc, None)).await;
    in_time(mischief::trap(wrpc, None)).await.expect("an empty answer");
    assert_eq!(in_time(mischief::behave(wrpc, None)).await.expect("it still serves"), 7);
}

#[tokio::test]
async fn nobody_there_is_told() {
    let world = World::open(LATTICE).await;
    world.start("kitchen-sink", "leaving").await;
    let wrpc = &world.wrpc("leaving").await;
    assert_eq!(in_time(sink::no_params(wrpc, None)).await.expect("a number"), 42);
    error(mischief::behave(wrpc, None)).await;
    world.stop("kitchen-sink", "leaving").await;
    error(sink::no_params(wrpc, None)).await;
}

/// Without a link, what the component calls fails, and so does the component.
#[tokio::test]
async fn a_missing_link_ends_a_call() {
    let world = World::open(LATTICE).await;
    world.start("kitchen-sink", "unlinked").await;
    let wrpc = &world.wrpc("unlinked").await;
    error(sink::host_add(wrpc, None, 1, 2)).await;
    assert_eq!(in_time(sink::no_params(wrpc, None)).await.expect("it still serves"), 42);
}
