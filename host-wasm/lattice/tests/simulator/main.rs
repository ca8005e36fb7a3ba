//! Many members, one simulated NATS server, virtual time, and everything that can go wrong, from a seed.
//!
//! `TRELLIS_SEEDS=A..B` chooses the seeds; one that fails names itself. What is checked:
//! a message that a connected member got is answered in time, and by that inbox only; a local command is answered exactly
//! once; after healing, two heartbeats later, an observer of events, all members and the buckets agree on what runs
//! where and on all links and configs; nothing is left over.

mod carrier;
mod checks;
mod client;
mod counts;
#[path = "../support/desk.rs"]
mod desk;
mod faults;
mod host;
mod network;
mod observer;
mod server;
#[path = "../../../wrpc/tests/support/mod.rs"]
mod support;
mod world;

use std::sync::atomic::{AtomicU64, Ordering};

use counts::Totals;
use desk::{Desk, HOST, control, settings};
use serde_json::json;
use trellis_lattice::Message;
use trellis_lattice::links::ComponentSpec;
use trellis_lattice::member::Store;
use world::World;

fn seeds() -> std::ops::Range<u64> {
    let Ok(range) = std::env::var("TRELLIS_SEEDS") else { return 0..2000 };
    let (from, to) = range.split_once("..").expect("TRELLIS_SEEDS is A..B");
    from.parse().expect("a number")..to.parse().expect("a number")
}

#[test]
fn members_agree_after_whatever_happened() {
    let seeds = seeds();
    let (next, totals) = (AtomicU64::new(seeds.start), Totals::default());
    let failed = std::thread::scope(|scope| {
        let workers = [0; 2].map(|_| scope.spawn(|| run(&next, seeds.end, &totals)));
        workers.into_iter().filter_map(|worker| worker.join().unwrap()).min()
    });
    println!("{totals}");
    if let Some(seed) = failed {
        panic!("seed {seed} failed: TRELLIS_SEEDS={seed}..{} runs it alone", seed + 1);
    }
}

/// Runs seeds until one fails.
fn run(next: &AtomicU64, end: u64, totals: &Totals) -> Option<u64> {
    loop {
        let seed = next.fetch_add(1, Ordering::Relaxed);
        if seed >= end {
            return None;
        }
        let outcome = std::panic::catch_unwind(|| World::new(seed).run());
        match outcome {
            Ok(counts) => totals.add(&counts),
            Err(_) => {
                next.store(end, Ordering::Relaxed);
                return Some(seed);
            }
        }
    }
}

/// Eight at once through eight hosts; the real host stores one of them (lattice protocol 1.x, section 3.6).
#[test]
fn links_that_are_put_at_once_are_all_kept() {
    for seed in 0..20 {
        let mut world = World::quiet(seed, 8);
        world.until(2_000);
        for number in 0..8 {
            let link = json!({ "source_id": "app", "target": "kv", "name": format!("n{number}"), "wit_namespace": "wasi",
                "wit_package": "keyvalue", "interfaces": ["store"] });
            world.route(Message {
                subject: control("link.put"),
                reply: Some(format!("_INBOX.{number}")),
                payload: link.to_string().into_bytes().into(),
                ..Message::default()
            });
        }
        world.until(5_000);
        assert_eq!(world.counts.replies, 8);
        let spec = world.server.bucket(Store::Lattice).get("COMPONENT_app").unwrap().unwrap().value.clone();
        assert_eq!(ComponentSpec::read(&spec).unwrap().links.len(), 8, "seed {seed}");
    }
}

#[test]
fn a_thousand_heartbeats_leave_nothing_behind() {
    let mut desk = Desk::new(settings());
    let scale = control(&format!("component.scale.{HOST}"));
    let mut first = None;
    for beat in 0..1000 {
        desk.published.clear();
        desk.actions.clear();
        desk.pass(30_000);
        assert_eq!(desk.events().iter().filter(|(name, _)| name == "host_heartbeat").count(), 1, "heartbeat {beat}");
        let config = control(&format!("config.put.c{beat}"));
        desk.request(&config, r#"{"a":"1"}"#);
        let start =
            json!({ "component_id": "app", "component_ref": "file:///a", "count": 1, "config": [format!("c{beat}")] });
        desk.request(&scale, &start.to_string());
        let link = r#"{"source_id":"app","target":"kv","wit_namespace":"n","wit_package":"p","interfaces":["i"]}"#;
        desk.request(&control("link.put"), link);
        desk.request(&control("link.del"), link);
        desk.request(&scale, &json!({ "component_id": "app", "count": 0 }).to_string());
        desk.request(&control(&format!("config.del.c{beat}")), "");
        let holdings = desk.member.holdings();
        assert_eq!(*first.get_or_insert(holdings), holdings, "heartbeat {beat}");
    }
}
