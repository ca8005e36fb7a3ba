//! The recorded control interface, `lattice-v1/vectors/control.jsonl`: every request in the order it was sent to one fresh
//! host, replies and events compared field by field.

#[path = "support/compare.rs"]
mod compare;
#[path = "support/desk.rs"]
mod desk;
#[path = "../../wrpc/tests/support/mod.rs"]
mod support;

use compare::comparable;
use desk::{Desk, HOST, control, settings};
use serde_json::{Value, json};
use support::vectors;
use trellis_error::{Error, Kind};

/// Where this host deliberately differs from what was recorded (protocol 13.3, 3.4, 3.5), by line: replies and events
/// instead, where not the same.
fn differences() -> Vec<(usize, &'static str, Option<Value>, Option<Value>)> {
    let scaled = |id: &str, image: &str, count: u32, annotations: Value| json!({ "annotations": annotations, "component_id": id, "host_id": HOST, "image_ref": image, "max_instances": count });
    let (hello, second) = ("file:///components/http-hello.wasm", "file:///components/http-hello-2.wasm");
    let bid = |constraints: Value| {
        let response =
            json!({ "component_ref": hello, "component_id": "hello", "host_id": HOST, "constraints": constraints });
        json!([{ "success": true, "message": "", "response": response }])
    };
    let refused = |reference: &str| {
        let message =
            format!("this host cannot run {reference}: native providers need another host; it can start: none");
        Some(json!([{ "success": false, "message": message }]))
    };
    let event = |name: &str, data: Value| Some(json!([[name, data]]));
    let own_id = "an auction's answer names the component's id, not its reference";
    let in_force = "the event of a re-scale tells the annotations now in force";
    let native = "native providers cannot run here, and nobody is left without an answer";
    vec![
        (47, own_id, Some(bid(json!({}))), None),
        (48, own_id, Some(bid(json!({ "zone": "lab" }))), None),
        (54, in_force, None, event("component_scaled", scaled("hello", hello, 10, json!({ "team": "other" })))),
        (56, in_force, None, event("component_scaled", scaled("hello", hello, 10, json!({ "team": "third" })))),
        (57, in_force, None, event("component_scaled", scaled("hello", hello, 11, json!({})))),
        (63, in_force, None, event("component_scaled", scaled("types", "file:///components/types.wasm", 5, json!({})))),
        (75, "who runs a component does not bid for it", Some(json!([])), None),
        (
            76,
            "the id counts, not the reference",
            Some(json!([{ "success": true, "message": "", "response": {
                "component_ref": "hello", "component_id": "zzz", "host_id": HOST, "constraints": {} } }])),
            None,
        ),
        (
            79,
            "an update ends with one event, and none that the component is gone",
            None,
            event("component_scaled", scaled("hello", second, 11, json!({ "team": "upd" }))),
        ),
        (
            81,
            "an update that fails is told",
            None,
            event("component_scale_failed", {
                let mut data = scaled("hello", "file:///components/none.wasm", 11, json!({}));
                data["error"] = json!(
                    "failed to fetch component: failed to read component: No such file or directory (os error 2)"
                );
                data
            }),
        ),
        (
            82,
            "with allow_update the new image is loaded",
            None,
            event("component_scaled", scaled("limited", second, 3, json!({ "u": "1" }))),
        ),
        (107, "a host bids only for providers it can start", Some(json!([])), None),
        (110, native, refused("file:///components/none.par"), Some(json!([]))),
        (111, native, refused("file:///components/none.par"), Some(json!([]))),
        (112, native, refused("wasmcloud+builtin://http-server"), None),
        (113, native, refused("wasmcloud+builtin://http-client"), Some(json!([]))),
        (114, native, refused("wasmcloud+builtin://messaging-nats"), None),
        (115, native, refused("wasmcloud+builtin://frob"), Some(json!([]))),
    ]
}

/// What the recorded host said of artifacts it could not load.
fn artifacts(reference: &str) -> Result<Option<trellis_lattice::Claims>, Error> {
    let failed =
        vectors("control.jsonl").into_iter().flat_map(|line| line["events"].as_array().cloned().unwrap_or_default());
    let failed = failed.map(|event| event["body"]["data"].clone()).find(|data| {
        data["image_ref"] == reference && data["error"].as_str().is_some_and(|error| !error.contains("config"))
    });
    match failed {
        Some(data) => Err(Error::new(Kind::Load, data["error"].as_str().unwrap().to_owned())),
        None => Ok(None),
    }
}

/// The recorded events: one where the real host sends two, and always with the host's own id.
fn recorded_events(line: &Value) -> Vec<Value> {
    let mut events: Vec<Value> = Vec::new();
    for event in line["events"].as_array().into_iter().flatten() {
        let name = event["subject"].as_str().unwrap().rsplit('.').next().unwrap();
        let mut data = event["body"]["data"].clone();
        if name != "labels_changed" && data.get("host_id").is_some() {
            data["host_id"] = json!(HOST);
        }
        let event = json!([name, data]);
        if !events.contains(&event) {
            events.push(event);
        }
    }
    events
}

#[test]
fn every_recorded_request_is_answered_as_recorded_or_better() {
    let mut desk = Desk::new(settings());
    desk.artifacts = artifacts;
    // It ran before the recording began.
    let types = json!({ "component_id": "types", "component_ref": "file:///components/types.wasm", "count": 5,
        "annotations": { "a": "b" } });
    desk.request(&control(&format!("component.scale.{HOST}")), &types.to_string());
    let differences = differences();
    for (index, line) in vectors("control.jsonl").into_iter().enumerate() {
        let (replies, events) = desk.request(line["subject"].as_str().unwrap(), line["request"].as_str().unwrap());
        let events: Vec<Value> = events.into_iter().map(|(name, data)| json!([name, data])).collect();
        let difference = differences.iter().find(|(at, ..)| *at == index);
        let (other_replies, other_events) = difference.map_or((None, None), |(_, _, r, e)| (r.clone(), e.clone()));
        let context = || format!("line {index} of control.jsonl: {} {}", line["subject"], line["request"]);
        let expected = other_replies.unwrap_or_else(|| line["replies"].clone());
        assert_eq!(comparable(json!(replies)), comparable(expected), "{}", context());
        let expected = other_events.unwrap_or_else(|| json!(recorded_events(&line)));
        assert_eq!(json!(events), expected, "{}", context());
    }
    assert_eq!(desk.member.holdings().requests + desk.member.holdings().tasks, 0);
}

/// `control-update.json` without its defect: after an update the new code answers, and nothing after a scale to 0.
#[test]
fn an_update_switches_the_code_and_keeps_the_count() {
    let mut desk = Desk::new(settings());
    let path = control(&format!("component.scale.{HOST}"));
    let update = control(&format!("component.update.{HOST}"));
    desk.request(&path, r#"{"component_id":"u1","component_ref":"file:///a.wasm","count":4}"#);
    let (replies, events) = desk.request(&update, r#"{"component_id":"u1","new_component_ref":"file:///b.wasm"}"#);
    assert_eq!(replies[0]["message"], "component u1 updating from file:///a.wasm to file:///b.wasm");
    assert_eq!(events.len(), 1);
    assert_eq!((&events[0].1["image_ref"], &events[0].1["max_instances"]), (&json!("file:///b.wasm"), &json!(4)));
    let (inventory, _) = desk.request(&control(&format!("host.get.{HOST}")), "");
    assert_eq!(inventory[0]["response"]["components"][0]["image_ref"], "file:///b.wasm");
    let (_, events) = desk.request(&path, r#"{"component_id":"u1","count":0}"#);
    assert_eq!(events[0].1["max_instances"], 0);
    assert_eq!(desk.member.holdings().components, 0);
}
