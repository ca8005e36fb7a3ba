//! Hosts: who is there, what it has, its labels, its end.

use std::time::Duration;

use async_nats::connection::State;
use serde_json::from_value;
use wasmcloud_control_interface::{Client, ClientBuilder, Host, HostInventory};

use super::LATTICE;
use crate::world::{Events, World, accepted, place, refused, url};

/// The one host that answers.
async fn only_host(client: &Client) -> Host {
    let answers = client.get_hosts().await.expect("answers");
    let [answer] = <[_; 1]>::try_from(answers).expect("one host");
    accepted(Ok(answer)).1.expect("a host")
}

#[tokio::test]
async fn a_host_is_listed() {
    let world = World::open(LATTICE).await;
    let client = world.client();
    assert_eq!((client.lattice(), client.nats_client().connection_state()), (LATTICE, State::Connected));
    let host = only_host(&client).await;
    assert_eq!((host.id(), host.lattice()), (world.host, LATTICE));
    assert_eq!(host.labels()["hostcore.os"], place());
    assert_eq!((&*host.labels()["hostcore.arch"], &*host.labels()["judged"]), ("wasm32", "yes"));
    assert!(!host.friendly_name().is_empty());
    assert_eq!(host.version().expect("a version").split('.').count(), 3);
    assert!(host.uptime_human().is_some_and(|text| text.ends_with('s') || text.ends_with('m')));
    assert!(host.uptime_seconds() < 3600);
    for address in [host.ctl_host(), host.rpc_host()] {
        let port = url().rsplit(':').next().expect("a port");
        assert!(address.is_some_and(|told| told.contains("127.0.0.1:") && (place() != "node" || told.ends_with(port))));
    }
    assert_eq!(host.js_domain(), None);
}

#[tokio::test]
async fn a_host_is_found_under_another_prefix() {
    let world = World::open("judges-prefix").await;
    let builder = ClientBuilder::new(world.nats.clone()).lattice(world.lattice).auction_timeout(Duration::from_secs(4));
    assert_eq!(only_host(&builder.clone().topic_prefix("judges.ctl").build()).await.id(), world.host);
    assert!(builder.build().get_hosts().await.expect("no answers").is_empty());
}

#[tokio::test]
async fn an_inventory_is_that_of_the_heartbeat() {
    let world = World::open(LATTICE).await;
    let client = world.client();
    let inventory = accepted(client.get_host_inventory(world.host).await).1.expect("an inventory");
    let event = Events::of(&client, &["host_heartbeat"]).await.next().await;
    assert_eq!(
        (&event["source"], &event["type"]),
        (&world.host.into(), &"com.wasmcloud.lattice.host_heartbeat".into())
    );
    let heartbeat: HostInventory = from_value(event["data"].clone()).expect("an inventory");
    for each in [&inventory, &heartbeat] {
        assert_eq!(each.host_id(), world.host);
        assert_eq!(each.labels()["hostcore.os"], place());
        let mut providers: Vec<_> = each.providers().iter().map(|provider| provider.id()).collect();
        providers.sort_unstable();
        assert_eq!(providers, ["http-client", "keyvalue"]);
    }
    assert_eq!((inventory.friendly_name(), inventory.version()), (heartbeat.friendly_name(), heartbeat.version()));
    assert!(client.get_host_inventory("NABSENT").await.is_err());
}

#[tokio::test]
async fn labels_are_put_and_deleted() {
    let world = World::open(LATTICE).await;
    let client = world.client();
    let mut events = Events::of(&client, &["labels_changed"]).await;
    assert_eq!(accepted(client.put_label(world.host, "zone", "lab").await).0, "successfully put label");
    let event = events.next().await;
    assert_eq!((&event["data"]["host_id"], &event["data"]["labels"]["zone"]), (&world.host.into(), &"lab".into()));
    let inventory = accepted(client.get_host_inventory(world.host).await).1.expect("an inventory");
    assert_eq!(inventory.labels()["zone"], "lab");
    let answer = client.put_label(world.host, "HostCore.os", "other").await;
    assert_eq!(refused(answer), "hostcore.* labels cannot be set dynamically");
    assert_eq!(accepted(client.delete_label(world.host, "zone").await).0, "successfully deleted label");
    assert!(events.next().await["data"]["labels"].get("zone").is_none());
    let answer = client.delete_label(world.host, "zone").await;
    assert_eq!(accepted(answer).0, "successfully deleted label (no such label)");
}

#[tokio::test]
async fn a_host_stops() {
    let world = World::open("judges-stop").await;
    let client = world.client();
    world.start("http-hello", "hello").await;
    let mut events = Events::of(&client, &["host_stopped"]).await;
    let answer = client.stop_host(world.host, Some(5000)).await;
    assert_eq!(accepted(answer).0, "successfully handled stop host");
    let event = events.next().await;
    assert_eq!((&event["source"], &event["data"]["labels"]["judged"]), (&world.host.into(), &"yes".into()));
    assert!(client.get_hosts().await.expect("no answers").is_empty());
    assert!(client.get_host_inventory(world.host).await.is_err());
}
