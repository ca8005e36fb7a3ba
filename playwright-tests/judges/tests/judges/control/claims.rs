//! Claims: of a signed component that this host starts, and of one that another has started.

use serde_json::json;

use super::LATTICE;
use crate::world::{Events, World, accepted, in_time, reference};

#[tokio::test]
async fn claims_of_signed_components_are_listed() {
    let world = World::open(LATTICE).await;
    let client = world.client();
    let mut events = Events::of(&client, &["component_scaled"]).await;
    accepted(client.scale_component(world.host, &reference("signed"), "signed", 1, None, Vec::new(), false).await);
    let event = events.next_of("component_id", "signed").await;
    let (subject, issuer) = (event["data"]["public_key"].as_str().expect("a key"), &event["data"]["claims"]["issuer"]);
    assert!(subject.starts_with('M') && issuer.as_str().is_some_and(|key| key.starts_with('A')));

    let other = &*nkeys::KeyPair::new_module().public_key();
    let record = json!({
        "call_alias": "", "issuer": issuer, "name": "Other", "revision": "3", "subject": other, "tags": [], "version": "0.1.0",
    });
    let bucket = async_nats::jetstream::new(world.nats.clone()).get_key_value("LATTICEDATA_judges-control").await;
    let put = bucket.expect("the bucket").put(format!("CLAIMS_{other}"), record.to_string().into()).await;
    put.expect("a record");

    for (subject, name) in [(subject, "Judged"), (other, "Other")] {
        let found = in_time(async {
            loop {
                let claims = accepted(client.get_claims().await).1.expect("claims");
                if let Some(found) = claims.into_iter().find(|claims| claims["sub"] == subject) {
                    return found;
                }
            }
        });
        let found = found.await;
        assert_eq!(
            (&*found["name"], &*found["subject"], &*found["iss"]),
            (name, subject, issuer.as_str().unwrap_or_default())
        );
    }
}
