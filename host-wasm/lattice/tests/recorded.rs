//! What a member says without being asked, against recordings: subscriptions and the order of a start
//! (`host-startup.jsonl`), the shape of events (`events.jsonl`), the buckets (`kv.json`), claims (`component-claims.json`).

#[path = "support/compare.rs"]
mod compare;
#[path = "support/desk.rs"]
mod desk;
#[path = "../../wrpc/tests/support/mod.rs"]
mod support;

use std::collections::BTreeSet;

use compare::comparable;
use desk::{Desk, HOST, body, control, settings};
use serde_json::{Value, json};
use support::vectors;
use trellis_error::{Error, Kind};
use trellis_lattice::member::{Action, Command, Input, Provider, Scale, Settings, Store};
use trellis_lattice::{Claims, Message};

/// A file that is one JSON document, or nothing where there are no vectors.
fn document(name: &str) -> Option<Value> {
    // `vectors` reads lines; a document has several.
    let shared =
        std::env::var("TRELLIS_SHARED").unwrap_or(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared").into());
    let text = std::fs::read_to_string(format!("{shared}/lattice-v1/vectors/{name}")).ok()?;
    Some(serde_json::from_str(&text).unwrap())
}

#[test]
fn a_start_subscribes_to_what_the_recorded_host_does_then_opens_the_buckets_then_tells_the_lattice() {
    let mut desk = Desk::new(settings());
    let mut subscriptions = BTreeSet::new();
    for action in desk.actions.drain(..) {
        if let Action::Subscribe { subject, queue, .. } = action {
            subscriptions.insert((subject, queue));
        }
    }
    let recorded = vectors("host-startup.jsonl");
    let recorded: BTreeSet<_> = recorded
        .iter()
        .filter(|line| line["op"] == "SUB" && line["subject"].as_str().unwrap().starts_with("wasmbus."))
        .map(|line| (line["subject"].as_str().unwrap().to_owned(), line["queue"].as_str().map(str::to_owned)))
        .collect();
    if !recorded.is_empty() {
        assert_eq!(subscriptions, recorded);
    }
    assert_eq!(desk.published[0].subject, "wasmbus.evt.default.host_started");
    assert_eq!(desk.published[1].subject, "wasmbus.evt.default.host_heartbeat");
    assert_eq!(Store::Lattice.bucket("default"), "LATTICEDATA_default");
    assert_eq!(Store::Config.bucket("default"), "CONFIGDATA_default");
}

/// Provokes every type of event.
fn all_events() -> Vec<Message> {
    let mut desk = Desk::new(Settings { provider_refs: vec!["p".into(), "none".into()], ..settings() });
    desk.artifacts = |reference| match reference {
        "none" => Err(Error::new(Kind::Load, "no such file")),
        "signed" => Ok(Some(signed())),
        _ => Ok(None),
    };
    let mut messages = std::mem::take(&mut desk.published);
    let one = |rest: &str| control(&format!("{rest}.{HOST}"));
    let scale = one("component.scale");
    let link = r#"{"source_id":"a","target":"b","wit_namespace":"n","wit_package":"p","interfaces":["i"]}"#;
    let rival = link.replace("\"b\"", "\"c\"");
    for (subject, body) in [
        (&scale, r#"{"component_id":"a","component_ref":"r","count":1}"#),
        (&scale, r#"{"component_id":"s","component_ref":"signed","count":1}"#),
        (&scale, r#"{"component_id":"b","component_ref":"none","count":1}"#),
        (&one("provider.start"), r#"{"provider_id":"p","provider_ref":"p"}"#),
        (&one("provider.start"), r#"{"provider_id":"q","provider_ref":"none"}"#),
        (&one("label.put"), r#"{"key":"k","value":"v"}"#),
        (&control("link.put"), link),
        (&control("link.put"), &rival),
        (&control("link.del"), link),
        (&control("link.del"), link),
        (&control("config.put.c"), "{}"),
        (&control("config.del.c"), ""),
    ] {
        desk.request(subject, body);
        messages.append(&mut desk.published);
    }
    desk.pass(5_000);
    desk.pass(30_000);
    desk.input(Input::ProviderHealth { id: "p".into(), healthy: false });
    desk.pass(30_000);
    messages.append(&mut desk.published);
    desk.request(&one("provider.stop"), r#"{"provider_id":"p"}"#);
    messages.append(&mut desk.published);
    desk.request(&one("host.stop"), "");
    messages.append(&mut desk.published);
    messages.retain(|message| message.subject.starts_with("wasmbus.evt."));
    messages
}

fn signed() -> Claims {
    Claims {
        issued_at: 1_795_359_932,
        public_key: "MB43KVROR7TFJ6KAPCYRF2FJROTZAH4FHLTJLPWX4DRZCC5NASLGJBYB".into(),
        issuer: "AB43KVROR7TFJ6KAPCYRF2FJROTZAH4FHLTJLPWX4DRZCC5NASLGIFW3".into(),
        name: Some("Signed Hello".into()),
        revision: Some(7),
        version: Some("1.2.3".into()),
        call_alias: Some("lab/hello".into()),
        tags: Some(vec!["one".into(), "two".into()]),
        not_before: None,
        expires: None,
    }
}

/// The names of fields with the kinds of their values.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(object) => {
            let maps = |key: &str| matches!(key, "annotations" | "labels");
            let shaped = |key: &str, value: &Value| if maps(key) { json!("texts") } else { shape(value) };
            object.iter().map(|(key, value)| (key.clone(), shaped(key, value))).collect()
        }
        Value::Array(array) => array.first().map_or(json!([]), |first| json!([shape(first)])),
        Value::String(_) => json!("text"),
        Value::Number(_) => json!("number"),
        other => other.clone(),
    }
}

#[test]
fn every_event_has_the_envelope_and_the_shape_of_a_recorded_one() {
    let messages = all_events();
    let recorded = vectors("events.jsonl");
    let mut types = BTreeSet::new();
    let mut ids = BTreeSet::new();
    for message in &messages {
        let event = body(message);
        let name = message.subject.strip_prefix("wasmbus.evt.default.").unwrap();
        types.insert(name.to_owned());
        assert_eq!(event["type"], format!("com.wasmcloud.lattice.{name}"));
        assert!(message.reply.is_none() && message.headers.is_empty());
        assert!(ids.insert(event["id"].as_str().unwrap().to_owned()), "two events of one id");
        assert!(event["time"].as_str().unwrap().ends_with('Z'));
        let of_type = recorded.iter().filter(|line| line["type"] == name);
        let shapes: Vec<Value> = of_type.map(|line| parsed(&line["payload"])).map(|event| envelope(&event)).collect();
        let data: Vec<Value> = recorded
            .iter()
            .filter(|line| line["type"] == name)
            .map(|line| shape(&parsed(&line["payload"])["data"]))
            .collect();
        if !recorded.is_empty() {
            assert!(shapes.contains(&envelope(&event)), "{event}");
            // An inventory's shape is that of what runs; the answers to `host.get` are compared in `control.rs`.
            let inventory = name == "host_heartbeat";
            assert!(inventory || data.contains(&shape(&event["data"])), "{event} is none of {data:#?}");
        }
    }
    let recorded: BTreeSet<String> = recorded.iter().map(|line| line["type"].as_str().unwrap().to_owned()).collect();
    assert!(recorded.is_subset(&types), "not provoked: {:?}", recorded.difference(&types));
}

fn parsed(text: &Value) -> Value {
    serde_json::from_str(text.as_str().unwrap()).unwrap()
}

fn envelope(event: &Value) -> Value {
    let mut event = event.clone();
    event["data"] = json!(null);
    shape(&event)
}

#[test]
fn entries_of_a_recorded_bucket_are_read() {
    let Some(recorded) = document("kv.json") else { return };
    let mut desk = Desk::new(settings());
    let entries = recorded["entries"].as_object().unwrap();
    let (mut links, mut claims) = (Vec::new(), 0);
    for (key, value) in entries.iter().filter(|(key, _)| key.starts_with("COMPONENT_") || key.starts_with("CLAIMS_")) {
        let text = value.as_str().unwrap();
        desk.put(Store::Lattice, key, text);
        claims += usize::from(key.starts_with("CLAIMS_"));
        let spec: Value = serde_json::from_str(text).unwrap_or_default();
        links.extend(spec["links"].as_array().into_iter().flatten().cloned());
    }
    let (replies, _) = desk.request(&control("link.get"), "");
    assert_eq!(comparable(replies[0]["response"].clone()), comparable(json!(links)));
    let (replies, _) = desk.request(&control("claims.get"), "");
    assert_eq!(replies[0]["response"].as_array().unwrap().len(), claims);
    // Where the real host keeps what was deleted, this one does not.
    desk.purge(Store::Lattice, "COMPONENT_caller3");
    let (replies, _) = desk.request(&control("link.get"), "");
    assert!(!replies[0]["response"].to_string().contains("caller3"));
}

#[test]
fn a_signed_component_is_told_and_kept_as_recorded() {
    let mut desk = Desk::new(settings());
    desk.artifacts = |_| Ok(Some(signed()));
    let path = control(&format!("component.scale.{HOST}"));
    let request = json!({ "component_id": "signed", "component_ref": "file:///components/signed.wasm", "count": 1,
        "host_id": HOST, "annotations": {} });
    let (replies, events) = desk.request(&path, &request.to_string());
    let key = format!("CLAIMS_{}", signed().public_key);
    let stored: Value = serde_json::from_slice(&desk.bucket(Store::Lattice).get(&key).unwrap().unwrap().value).unwrap();
    assert_eq!((&stored["revision"], &stored["tags"]), (&json!("7"), &json!(["one", "two"])));
    let (claims, _) = desk.request(&control("claims.get"), "");
    assert_eq!(claims[0]["response"][0]["tags"], "one,two");
    let Some(recorded) = document("component-claims.json") else { return };
    let reaction = &recorded["host_reactions"][0];
    assert_eq!(replies, [reaction["reply"].clone()]);
    assert_eq!(events, [("component_scaled".to_owned(), reaction["events"][0]["body"]["data"].clone())]);
    // The same fields as recorded, for another component.
    let fields = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    let told = recorded["host_reactions"].as_array().unwrap().iter().find(|each| each["id"] == "claims.get").unwrap();
    assert_eq!(fields(&claims[0]["response"][0]), fields(&told["reply"]["response"][0]));
    let kept = recorded["host_reactions"].as_array().unwrap().iter().find(|each| each["id"] == "kv").unwrap();
    assert_eq!(fields(&stored), fields(&parsed(&kept["entries"][&key])));
    let (inventory, _) = desk.request(&control(&format!("host.get.{HOST}")), "");
    let shown = recorded["host_reactions"].as_array().unwrap().iter().find(|each| each["id"] == "host.get").unwrap();
    assert_eq!(inventory[0]["response"]["components"][0], shown["components"][0]);
}

#[test]
fn recorded_claims_of_a_provider_are_told_as_recorded() {
    let Some(recorded) = document("component-claims.json") else { return };
    let reactions = recorded["host_reactions"].as_array().unwrap();
    let find = |id: &str| reactions.iter().find(|each| each["id"] == id).unwrap();
    let mut desk = Desk::new(settings());
    for (key, value) in find("kv")["entries"].as_object().unwrap() {
        desk.put(Store::Lattice, key, value.as_str().unwrap());
    }
    let (replies, _) = desk.request(&control("claims.get"), "");
    assert_eq!(comparable(replies[0].clone()), comparable(find("claims.get")["reply"].clone()));
}

#[test]
fn claims_of_older_hosts_are_told_and_what_is_none_is_not() {
    let old =
        json!({ "sub": "M1", "iss": "A1", "rev": "3", "name": "n", "version": "v", "call_alias": "", "tags": "a,b" });
    let mut desk = Desk::new(settings());
    desk.put(Store::Lattice, "CLAIMS_M1", &old.to_string());
    let told = json!([{ "call_alias": "", "iss": "A1", "issuer": "A1", "name": "n", "rev": "3", "revision": "3",
        "sub": "M1", "subject": "M1", "tags": "a,b", "version": "v" }]);
    assert_eq!(desk.request(&control("claims.get"), "").0[0]["response"], told);
    desk.put(Store::Lattice, "CLAIMS_M2", &old.to_string());
    desk.put(Store::Lattice, "CLAIMS_M3", "{}");
    desk.put(Store::Lattice, "CLAIMS_M4", &old.to_string().replace("M1", "M4").replace("\"a,b\"", "7"));
    assert_eq!(desk.request(&control("claims.get"), "").0[0]["response"], told);
}

#[test]
fn claims_say_for_how_long_they_hold() {
    let mut desk = Desk::new(settings());
    desk.artifacts = |_| Ok(Some(Claims { not_before: Some(1_795_791_964), expires: Some(1_796_223_964), ..signed() }));
    let request = json!({ "component_id": "signed", "component_ref": "r:1", "count": 1 });
    let (_, events) = desk.request(&control(&format!("component.scale.{HOST}")), &request.to_string());
    let told = &events[0].1["claims"];
    assert_eq!((&told["not_before_human"], &told["expires_human"]), (&json!("1795791964"), &json!("1796223964")));
}

#[test]
fn a_provider_of_the_hosts_side_is_in_the_inventory() {
    let mut desk = Desk::new(settings());
    let provider = Provider { id: "kv".into(), image_ref: "js:keyvalue".into(), ..Provider::default() };
    desk.input(Input::ProviderStarted(provider));
    let (inventory, _) = desk.request(&control(&format!("host.get.{HOST}")), "");
    assert_eq!(inventory[0]["response"]["providers"][0]["image_ref"], "js:keyvalue");
    let scale = Scale { component_id: "a".into(), component_ref: "r".into(), count: 1, ..Scale::default() };
    desk.command(Command::Scale(scale));
    assert!(desk.bucket(Store::Lattice).get("COMPONENT_kv").unwrap().is_some());
    desk.input(Input::ProviderStopped { id: "kv".into(), reason: "stop".into() });
    assert_eq!(desk.events().last().unwrap().0, "provider_stopped");
}
