//! Named configs.

use std::collections::HashMap;

use super::LATTICE;
use crate::world::{Events, World, accepted};

#[tokio::test]
async fn configs_are_put_read_and_deleted() {
    let world = World::open(LATTICE).await;
    let client = world.client();
    let mut events = Events::of(&client, &["config_set", "config_deleted"]).await;
    let config = HashMap::from([("color".to_owned(), "blue".to_owned()), ("empty".to_owned(), String::new())]);
    assert_eq!(accepted(client.get_config("paint").await), ("Configuration not found".to_owned(), None));
    assert_eq!(accepted(client.put_config("paint", config.clone()).await).0, "successfully put config");
    assert_eq!(events.next_of("config_name", "paint").await["type"], "com.wasmcloud.lattice.config_set");
    assert_eq!(accepted(client.get_config("paint").await), (String::new(), Some(config)));
    assert_eq!(accepted(client.delete_config("paint").await).0, "successfully deleted config");
    assert_eq!(events.next_of("config_name", "paint").await["type"], "com.wasmcloud.lattice.config_deleted");
    assert_eq!(accepted(client.get_config("paint").await).1, None);
    assert_eq!(accepted(client.delete_config("paint").await).0, "successfully deleted config");
}
