//! Native providers: a host that cannot run them does not offer to, and says so at once.

use std::collections::BTreeMap;

use super::LATTICE;
use crate::world::{World, accepted, refused};

#[tokio::test]
async fn native_providers_are_refused() {
    let world = World::open(LATTICE).await;
    let client = world.client();
    let image = "ghcr.io/wasmcloud/http-server:0.27.0";
    assert!(client.perform_provider_auction(image, "server", BTreeMap::new()).await.expect("no offers").is_empty());
    let annotations = Some(BTreeMap::from([("team".to_owned(), "a".to_owned())]));
    let answer = client.start_provider(world.host, image, "server", annotations, Vec::new()).await;
    assert!(refused(answer).contains("native"));
    let answer = client.stop_provider(world.host, "server").await;
    assert_eq!(refused(answer), "provider with that ID is not running");
    let inventory = accepted(client.get_host_inventory(world.host).await).1.expect("an inventory");
    assert!(inventory.providers().iter().all(|provider| provider.id() != "server"));
}
