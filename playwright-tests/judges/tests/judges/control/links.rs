//! Links.

use std::collections::HashMap;

use wasmcloud_control_interface::{Client, Link, LinkBuilder};

use super::LATTICE;
use crate::world::{Events, World, accepted, refused};

fn link(target: &str) -> LinkBuilder {
    let builder = Link::builder().source_id("shop").target(target).name("default");
    builder.wit_namespace("wasi").wit_package("keyvalue").interfaces(vec!["store".to_owned(), "atomics".to_owned()])
}

/// The links of `shop`.
async fn links(client: &Client) -> Vec<Link> {
    let links = accepted(client.get_links().await).1.expect("links");
    links.into_iter().filter(|link| link.source_id() == "shop").collect()
}

#[tokio::test]
async fn links_are_put_listed_and_deleted() {
    let world = World::open(LATTICE).await;
    let client = world.client();
    let mut events = Events::of(&client, &["linkdef_set", "linkdef_set_failed", "linkdef_deleted"]).await;
    let till = link("till").build().expect("a link");
    assert_eq!(accepted(client.put_link(till.clone()).await).0, "successfully set link");
    let event = events.next_of("source_id", "shop").await;
    assert_eq!(event["type"], "com.wasmcloud.lattice.linkdef_set");
    assert_eq!(serde_json::from_value::<Link>(event["data"].clone()).expect("a link"), till);
    let first = links(&client).await;
    assert_eq!(first, [till]);

    let answer = client.put_link(link("other").build().expect("a link")).await;
    assert!(refused(answer).starts_with("link already exists with different target"));
    assert_eq!(events.next_of("source_id", "shop").await["type"], "com.wasmcloud.lattice.linkdef_set_failed");

    let configured = link("till").target_config(vec!["drawer".to_owned()]).build().expect("a link");
    let answer = client.put_link(configured.clone()).await;
    assert!(refused(answer).contains("Configuration drawer not found in config store."));
    assert_eq!(links(&client).await, first);
    accepted(client.put_config("drawer", HashMap::from([("open".to_owned(), "no".to_owned())])).await);
    accepted(client.put_link(configured.clone()).await);
    assert_eq!(links(&client).await, [configured]);

    let second = link("backup").name("second").build().expect("a link");
    accepted(client.put_link(second.clone()).await);
    let delete = async |name| accepted(client.delete_link("shop", name, "wasi", "keyvalue").await).0;
    assert_eq!(delete("default").await, "successfully deleted link");
    let deleted = loop {
        let event = events.next_of("source_id", "shop").await;
        if event["type"] == "com.wasmcloud.lattice.linkdef_deleted" {
            break event;
        }
    };
    assert_eq!((&deleted["data"]["target"], &deleted["data"]["name"]), (&"till".into(), &"default".into()));
    assert_eq!(links(&client).await, [second]);
    assert_eq!(delete("default").await, "successfully deleted link");
    assert_eq!(delete("second").await, "successfully deleted link");
    assert!(links(&client).await.is_empty());
    let answer = client.delete_link("nobody", "default", "wasi", "keyvalue").await;
    assert_eq!(accepted(answer).0, "successfully deleted link (spec doesn't exist)");
}
