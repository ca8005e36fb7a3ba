//! Calls of other shapes: without parameters or results, with many, and with more than one message takes.

use bytes::Bytes;
use futures::future::join_all;
use trellis_judges::kitchen::trellis::kitchen::sink;
use trellis_judges::kitchen::trellis::kitchen::types::{Person, Point};

use super::LATTICE;
use crate::world::{World, in_time};

const MIB: usize = 1024 * 1024;

#[tokio::test]
async fn other_shapes() {
    let world = World::open(LATTICE).await;
    world.start("kitchen-sink", "shapes").await;
    let wrpc = &world.wrpc("shapes").await;
    in_time(sink::nothing(wrpc, None)).await.expect("an answer");
    in_time(sink::no_result(wrpc, None, 7)).await.expect("an answer");
    assert_eq!(in_time(sink::no_params(wrpc, None)).await.expect("a number"), 42);
    let person =
        Person { id: 1, name: "Ada".to_owned(), home: Point { x: 1, y: 2 }, tags: vec!["a".to_owned()], age: None };
    let (text, numbers) = ("b".to_owned(), vec![1, 2, 3]);
    let back = in_time(sink::spilled(wrpc, None, 1, &text, &numbers, Some(-4), &person, 0.5, 'g')).await;
    let sent = (1, text, numbers, Some(-4), person, 0.5, 'g');
    assert_eq!(format!("{:?}", back.expect("a tuple")), format!("{sent:?}"));
}

#[tokio::test]
async fn three_mebibytes_there_and_back() {
    let world = World::open(LATTICE).await;
    world.start("kitchen-sink", "big").await;
    let wrpc = &world.wrpc("big").await;
    let bytes: Bytes = (0..3 * MIB).map(|index| (index % 251) as u8).collect();
    let sum: u64 = bytes.iter().copied().map(u64::from).sum();
    assert_eq!(in_time(sink::sum_bytes(wrpc, None, &bytes)).await.expect("a sum"), sum);
    let result = in_time(sink::big_result(wrpc, None, 3 * MIB as u32)).await.expect("bytes");
    assert!(result.len() == 3 * MIB && result.iter().enumerate().all(|(index, byte)| *byte == index as u8));
    assert!(in_time(sink::echo_bytes(wrpc, None, &bytes)).await.expect("bytes") == bytes);
}

#[tokio::test]
async fn many_at_once() {
    let world = World::open(LATTICE).await;
    world.start("kitchen-sink", "many").await;
    let wrpc = &world.wrpc("many").await;
    let calls = (0..200).map(async |number| {
        assert_eq!(in_time(sink::echo_u32(wrpc, None, number)).await.expect("a number"), number);
    });
    join_all(calls).await;
}
