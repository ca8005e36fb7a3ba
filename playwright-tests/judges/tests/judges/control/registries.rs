//! Credentials of registries.

use std::collections::HashMap;

use wasmcloud_control_interface::RegistryCredential;

use super::LATTICE;
use crate::world::{Events, World, accepted, reference};

#[tokio::test]
async fn credentials_open_registries() {
    let world = World::open(LATTICE).await;
    let client = world.client();
    let mut events = Events::of(&client, &["component_scaled", "component_scale_failed"]).await;
    let reference = reference("http-hello").replace("/plain/", "/basic/");
    let scale = async || {
        accepted(client.scale_component(world.host, &reference, "guarded", 1, None, Vec::new(), false).await);
    };
    scale().await;
    let failed = events.next_of("component_id", "guarded").await;
    assert_eq!(failed["type"], "com.wasmcloud.lattice.component_scale_failed");
    let registry = reference.split('/').next().expect("a registry").to_owned();
    let credential = RegistryCredential::from_username_password("zoë", "s3cret: really", "oci");
    accepted(client.put_registries(HashMap::from([(registry, credential)])).await);
    scale().await;
    let scaled = events.next_of("component_id", "guarded").await;
    assert_eq!(scaled["type"], "com.wasmcloud.lattice.component_scaled", "{scaled}");
}
