//! Events against the recorded ones, `lattice-v1/vectors/events.jsonl`: what we write of the same data is the same text.

#[path = "../../wrpc/tests/support/mod.rs"]
mod support;

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use support::vectors;
use trellis_lattice::{Data, Event, Labels};

fn parse<T: DeserializeOwned>(data: &Json) -> T {
    serde_json::from_value(data.clone()).unwrap()
}

/// The data of an event that a host of ours publishes; signed components and providers are not among them.
fn data(name: &str, data: &Json) -> Option<Data> {
    Some(match name {
        "host_started" => Data::HostStarted(parse(data)),
        "host_stopped" => Data::HostStopped(parse(data)),
        "host_heartbeat" => Data::HostHeartbeat(parse(data)),
        "component_scaled" if data.get("claims").is_none() => Data::ComponentScaled(parse(data)),
        "component_scale_failed" => Data::ComponentScaleFailed(parse(data)),
        "linkdef_set" => Data::LinkSet(parse(data)),
        "linkdef_set_failed" => Data::LinkSetFailed(parse(data)),
        "linkdef_deleted" => Data::LinkDeleted(parse(data)),
        "config_set" => Data::ConfigSet(parse(data)),
        "config_deleted" => Data::ConfigDeleted(parse(data)),
        "labels_changed" => Data::LabelsChanged(parse(data)),
        _ => return None,
    })
}

#[test]
fn events_are_as_recorded() {
    let recorded = vectors("events.jsonl");
    let mut seen = BTreeSet::new();
    for line in &recorded {
        let payload: Json = serde_json::from_str(line["payload"].as_str().unwrap()).unwrap();
        let text = |key: &str| payload[key].as_str().unwrap().to_owned();
        let Some(data) = data(line["type"].as_str().unwrap(), &payload["data"]) else { continue };
        seen.insert(data.name());
        let event = Event::new(text("id"), text("time"), text("source"), data);
        assert_eq!(event.subject("default"), line["subject"]);
        assert_eq!(serde_json::to_value(&event).unwrap(), payload);
        if event.data().name() != "linkdef_set" && event.data().name() != "linkdef_set_failed" {
            // Links keep the order in which they are stored; the others are the very text.
            assert_eq!(serde_json::to_string(&event).unwrap(), line["payload"].as_str().unwrap());
        }
    }
    assert!(recorded.is_empty() || seen.len() == 11, "{seen:?}");
}

#[test]
fn the_envelope_is_a_cloud_event() {
    let labels = Labels::from([("hostcore.os".to_owned(), "browser".to_owned())]);
    let stopped = Data::HostStopped(trellis_lattice::HostStopped { labels });
    let event = Event::new("1".into(), "2024-05-01T10:00:00.5Z".into(), "N1".into(), stopped);
    assert_eq!(event.subject("shop"), "wasmbus.evt.shop.host_stopped");
    assert_eq!(
        serde_json::to_string(&event).unwrap(),
        concat!(
            r#"{"specversion":"1.0","id":"1","type":"com.wasmcloud.lattice.host_stopped","source":"N1","#,
            r#""datacontenttype":"application/json","time":"2024-05-01T10:00:00.5Z","#,
            r#""data":{"labels":{"hostcore.os":"browser"}}}"#
        )
    );
}
