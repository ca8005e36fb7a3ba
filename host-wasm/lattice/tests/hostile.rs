//! Hostile messages and entries: a member neither panics, nor answers twice, nor keeps anything of them.

#[path = "support/desk.rs"]
mod desk;

use desk::{Desk, HOST, control, settings};
use proptest::prelude::*;
use serde_json::json;
use trellis_lattice::Message;
use trellis_lattice::member::{Command, Input, Scale, Store};

/// A subject of the control interface, known or not.
fn subjects() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "host.ping",
        "host.get.H",
        "host.stop.H",
        "component.auction",
        "component.scale.H",
        "component.update.H",
        "provider.auction",
        "provider.start.H",
        "provider.stop.H",
        "link.put",
        "link.del",
        "link.get",
        "claims.get",
        "config.put.c",
        "config.get.c",
        "config.del.c",
        "label.put.H",
        "label.del.H",
        "registry.put",
    ]);
    prop_oneof![4 => known.prop_map(str::to_owned), 1 => "[a-z.]{0,20}"]
        .prop_map(|rest| control(&rest.replace('H', HOST)))
}

/// A body: bytes, or JSON with the fields that requests have and values they do not.
fn bodies() -> impl Strategy<Value = Vec<u8>> {
    let field = prop::sample::select(vec![
        "component_id",
        "component_ref",
        "count",
        "annotations",
        "config",
        "provider_id",
        "provider_ref",
        "constraints",
        "source_id",
        "target",
        "name",
        "wit_namespace",
        "wit_package",
        "interfaces",
        "key",
        "value",
        "host_id",
        "timeout",
        "new_component_ref",
        "allow_update",
        "component_limits",
        "a",
    ]);
    let value = prop_oneof![
        Just(json!(null)),
        Just(json!(1)),
        Just(json!(-1)),
        Just(json!(u64::MAX)),
        Just(json!(1e300)),
        Just(json!(true)),
        Just(json!({ "a": "b" })),
        Just(json!(["a", "b"])),
        Just(json!([1])),
        "[a-zA-Z0-9._*> -]{0,12}".prop_map(|text| json!(text)),
    ];
    let object =
        prop::collection::btree_map(field, value, 0..9).prop_map(|fields| json!(fields).to_string().into_bytes());
    prop_oneof![4 => object, 1 => prop::collection::vec(any::<u8>(), 0..64), 1 => Just(vec![b'['; 5000])]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Whatever comes, it is answered at most once and nothing is left over.
    #[test]
    fn hostile_messages_neither_panic_nor_leak(
        messages in prop::collection::vec((subjects(), bodies()), 1..20),
        entries in prop::collection::vec((prop_oneof![Just("COMPONENT_a"), Just("CLAIMS_a"), Just("x")], bodies()), 0..5),
    ) {
        let mut desk = Desk::new(settings());
        let scale = Scale { component_id: "a".into(), component_ref: "r".into(), count: 1, ..Scale::default() };
        desk.command(Command::Scale(scale));
        for (key, value) in entries {
            let entry = desk.bucket(Store::Lattice).put(key, &value).unwrap().entry;
            desk.input(Input::Entry { watch: 1, entry });
        }
        for (subject, payload) in messages {
            desk.published.clear();
            let message = Message { subject, reply: Some("_INBOX.a".into()), payload: payload.into(), ..Message::default() };
            desk.input(Input::Message(message));
            prop_assert!(desk.replies("_INBOX.a").len() <= 1);
        }
        desk.pass(100_000);
        let holdings = desk.member.holdings();
        prop_assert_eq!((holdings.requests, holdings.tasks, holdings.queued), (0, 0, 0));
    }
}
