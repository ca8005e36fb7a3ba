//! Components: auctioned, started, scaled, updated, stopped.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};
use wasmcloud_control_interface::{Client, ComponentDescription};

use super::LATTICE;
use crate::world::{Events, World, accepted, place, reference, refused};

const EVENTS: [&str; 2] = ["component_scaled", "component_scale_failed"];

fn map<const N: usize>(entries: [(&str, &str); N]) -> BTreeMap<String, String> {
    entries.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

/// The component of this id in the inventory.
async fn component(world: &World, client: &Client, id: &str) -> Option<ComponentDescription> {
    let inventory = accepted(client.get_host_inventory(world.host).await).1.expect("an inventory");
    inventory.components().iter().find(|component| component.id() == id).cloned()
}

#[tokio::test]
async fn components_are_auctioned() {
    let world = World::open(LATTICE).await;
    let client = world.client();
    let auction = async |id: &str, constraints: BTreeMap<String, String>| {
        let offers = client.perform_component_auction("ghcr.io/shop/api:1.0", id, constraints).await;
        offers.expect("offers").into_iter().map(|offer| accepted(Ok(offer)).1.expect("an offer")).collect::<Vec<_>>()
    };
    world.start("http-hello", "auctioned").await;
    let constraints = map([("hostcore.os", place()), ("judged", "yes")]);
    let (fit, unfit, running) = tokio::join!(
        auction("free", constraints.clone()),
        auction("free", map([("hostcore.os", "linux")])),
        auction("auctioned", BTreeMap::new()),
    );
    let [offer] = &fit[..] else { panic!("{fit:?}") };
    // The client's own `component_id` gives the reference.
    let told = json!({
        "host_id": world.host, "component_id": "free", "component_ref": "ghcr.io/shop/api:1.0", "constraints": constraints,
    });
    assert_eq!(serde_json::to_value(offer).expect("JSON"), told);
    assert!(unfit.is_empty() && running.is_empty());
}

#[tokio::test]
async fn components_are_scaled() {
    let world = World::open(LATTICE).await;
    let client = world.client();
    let mut events = Events::of(&client, &EVENTS).await;
    let reference = reference("http-hello");
    accepted(client.put_config("greeting", HashMap::from([("a".to_owned(), "b".to_owned())])).await);
    let scale = async |count, annotations| {
        let config = vec!["greeting".to_owned()];
        accepted(
            client.scale_component(world.host, &reference, "scaled", count, Some(annotations), config, false).await,
        )
    };
    let expect = async |event: Value, count: u32, annotations: &BTreeMap<String, String>| {
        assert_eq!(
            (&event["type"], &event["source"]),
            (&"com.wasmcloud.lattice.component_scaled".into(), &world.host.into())
        );
        let told = json!({
            "annotations": annotations, "component_id": "scaled", "host_id": world.host, "image_ref": reference, "max_instances": count,
        });
        assert_eq!(event["data"], told);
        let component = component(&world, &client, "scaled").await;
        let shown = component.as_ref().map(|it| (it.image_ref(), it.max_instances(), it.annotations()));
        assert_eq!(shown, (count > 0).then_some((&*reference, count, Some(annotations))));
    };
    for (count, annotations) in
        [(2, map([("team", "a")])), (5, map([("team", "b")])), (5, map([("team", "b")])), (0, map([("team", "b")]))]
    {
        assert_eq!(scale(count, annotations.clone()).await, (String::new(), None));
        expect(events.next_of("component_id", "scaled").await, count, &annotations).await;
    }
}

#[tokio::test]
async fn what_cannot_be_scaled_is_told() {
    let world = World::open(LATTICE).await;
    let client = world.client();
    let mut events = Events::of(&client, &EVENTS).await;
    let nothing = reference("http-hello").replace("/plain/", "/nothing/");
    let config = || vec!["no-such-config".to_owned()];
    for (id, reference, config, error) in
        [("absent", nothing, Vec::new(), "404"), ("unconfigured", reference("http-hello"), config(), "no-such-config")]
    {
        accepted(client.scale_component(world.host, &reference, id, 1, None, config, false).await);
        let event = events.next_of("component_id", id).await;
        assert_eq!(event["type"], "com.wasmcloud.lattice.component_scale_failed");
        let told = event["data"]["error"].as_str().expect("an error");
        assert!(told.contains(error), "{told}");
        assert_eq!(component(&world, &client, id).await, None);
    }
}

#[tokio::test]
async fn components_are_updated() {
    let world = World::open(LATTICE).await;
    let client = world.client();
    let mut events = Events::of(&client, &EVENTS).await;
    let (old, new) = (reference("http-hello"), reference("http-echo"));
    let update = async |id| client.update_component(world.host, id, &new, Some(map([("team", "c")]))).await;
    assert_eq!(refused(update("not-there").await), "component not-there not found");
    world.start("http-hello", "updated").await;
    events.next_of("component_id", "updated").await;
    assert_eq!(accepted(update("updated").await).0, format!("component updated updating from {old} to {new}"));
    let event = events.next_of("component_id", "updated").await;
    assert_eq!((&event["data"]["image_ref"], &event["data"]["max_instances"]), (&(*new).into(), &4.into()));
    assert_eq!(component(&world, &client, "updated").await.expect("it runs").image_ref(), new);
    assert_eq!(accepted(update("updated").await).0, format!("component updated already updated to {new}"));

    let scale = client.scale_component(world.host, &old, "updated", 4, None, Vec::new(), true).await;
    let told = format!("Requested to scale existing component, with a changed image reference: {new} != {old}.");
    assert!(accepted(scale).0.starts_with(&told));
    while component(&world, &client, "updated").await.expect("it runs").image_ref() != old {
        events.next_of("component_id", "updated").await;
    }
}
