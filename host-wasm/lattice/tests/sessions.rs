//! Recorded sessions of the programs that steer hosts: wadm deploying, changing and removing applications
//! (`wadm-session.jsonl`, `wadm-session-builtin.jsonl`), and `wash` (`wash.jsonl`, `wash-foreign-replies.json`).

#[path = "support/compare.rs"]
mod compare;
#[path = "support/desk.rs"]
mod desk;
#[path = "../../wrpc/tests/support/mod.rs"]
mod support;

use std::collections::BTreeMap;

use compare::comparable;
use desk::{Desk, HOST, control, settings};
use serde_json::{Value, json};
use support::vectors;
use trellis_error::{Error, Kind};
use trellis_lattice::Message;
use trellis_lattice::member::{Input, Settings, Store};

/// The host of wadm's sessions.
const WADM_HOST: &str = "NA5WUJ54Z23KILLCUOUNAKTPBVZWKMQVO4O6EQ5GHLAERIMLLHNCTBQW";

/// What the host told the lattice, in the order of its subjects: events without heartbeats, and links for providers.
fn told(messages: impl Iterator<Item = (String, Value)>) -> Vec<(String, String)> {
    let mut told = Vec::new();
    for (subject, body) in messages {
        // A provider of this host is no process: it has no key of its own, no claims, and is not spoken to by messages.
        let of_binary = subject.contains(".linkdefs.")
            && subject.split('.').any(|token| token.starts_with('X') && token.len() == 56);
        let to_process = ["config.update", "default.shutdown", ".health"].iter().any(|end| subject.ends_with(end));
        if subject.ends_with("host_heartbeat") || to_process || of_binary {
            continue;
        }
        let mut data = body.get("data").cloned().unwrap_or(body);
        if subject.ends_with("provider_started") {
            for claims in ["claims", "public_key", "instance_id", "link_name"] {
                data.as_object_mut().unwrap().remove(claims);
            }
        }
        let line = (subject, comparable(data).to_string());
        // The real host tells of a start twice.
        if told.last() != Some(&line) {
            told.push(line);
        }
    }
    told.sort();
    told.dedup();
    told
}

fn replay_wadm(file: &str, host_has: &str) {
    let lines = vectors(file);
    let mut desk =
        Desk::new(Settings { host_id: WADM_HOST.into(), provider_refs: vec![host_has.into()], ..settings() });
    let recorded: BTreeMap<&str, &Value> = lines
        .iter()
        .filter(|line| line["from"] == "host" && line["subject"].as_str().unwrap().starts_with("INBOX"))
        .map(|line| (line["subject"].as_str().unwrap(), &line["json"]))
        .collect();
    let (mut requests, mut clock) = (0, 0);
    for line in lines.iter().filter(|line| line["from"] == "wadm" || line["from"] == "wash") {
        let subject = line["subject"].as_str().unwrap();
        let ms = line["ms"].as_u64().unwrap();
        desk.pass(ms.saturating_sub(clock));
        clock = clock.max(ms);
        if !subject.starts_with("wasmbus.ctl.") {
            continue;
        }
        let inbox = line["reply"].as_str().unwrap();
        let payload = line.get("json").map(Value::to_string).unwrap_or_default();
        let payload = payload.as_bytes().into();
        let message = Message { subject: subject.into(), reply: Some(inbox.into()), payload, ..Message::default() };
        desk.input(Input::Message(message));
        let replies = desk.replies(inbox);
        if subject.ends_with("claims.get") {
            // The recorded lattice knew providers with claims.
            assert_eq!(replies, [json!({ "success": true, "message": "", "response": [] })]);
        } else {
            let expected = recorded.get(inbox).map(|reply| comparable((*reply).clone()));
            assert_eq!(replies.into_iter().map(comparable).next(), expected, "{line}");
        }
        requests += 1;
    }
    assert!(lines.is_empty() || requests > 20, "{requests} requests of {file}");
    // Health events come by the time of the start, so their number at the end of a recording is a matter of milliseconds.
    let end = lines.last().map_or(0, |line| line["ms"].as_u64().unwrap());
    desk.pass(end.saturating_sub(clock));
    let of_host = lines.iter().filter(|line| line["from"] == "host");
    let of_host = of_host.map(|line| (line["subject"].as_str().unwrap().to_owned(), line["json"].clone()));
    let expected = told(of_host.filter(|(subject, _)| subject.starts_with("wasmbus.")));
    let published = desk.published.iter().filter(|message| message.subject.starts_with("wasmbus."));
    let mut told = told(published.map(|message| (message.subject.clone(), desk::body(message))));
    // The recordings begin when the host runs, and the real host tells nothing of the health of what is built in.
    told.retain(|(subject, _)| !subject.ends_with("host_started"));
    if host_has.starts_with("wasmcloud+builtin") {
        told.retain(|(subject, _)| !subject.contains("health_check"));
    }
    let missing: Vec<_> = expected.iter().filter(|line| !told.contains(line)).collect();
    let surplus: Vec<_> = told.iter().filter(|line| !expected.contains(line)).collect();
    assert!(missing.is_empty() && surplus.is_empty(), "{file}: missing {missing:#?}, surplus {surplus:#?}");
    assert!(desk.member.holdings().requests + desk.member.holdings().tasks == 0);
}

#[test]
fn wadm_deploys_changes_and_removes_an_application() {
    replay_wadm("wadm-session.jsonl", "file:///components/http-server.par");
}

#[test]
fn wadm_deploys_and_removes_one_with_a_built_in_provider() {
    replay_wadm("wadm-session-builtin.jsonl", "wasmcloud+builtin://http-server");
}

/// The recorded lattice as it was before `wash` began, out of its own answers.
fn lattice_before(lines: &[Value]) -> Desk {
    let refs = ["file:///components/dummy.par", "file:///components/none.par"].map(str::to_owned).to_vec();
    let mut desk = Desk::new(Settings { provider_refs: refs, ..settings() });
    desk.artifacts = |reference| match reference.contains("none.") {
        true => Err(Error::new(Kind::Load, "No such file or directory")),
        false => Ok(None),
    };
    let response = |name: &str| {
        let line = lines.iter().find(|line| line["name"] == name).unwrap();
        let wire = line["wire"].as_array().unwrap();
        let reply =
            wire.iter().find_map(|message| Some(message["text"].as_str()?).filter(|_| message["dir"] == ">wash"));
        serde_json::from_str::<Value>(reply.unwrap()).unwrap()["response"].clone()
    };
    let inventory = response("get-inventory");
    for component in inventory["components"].as_array().unwrap() {
        let scale = json!({ "component_id": component["id"], "component_ref": component["image_ref"],
            "count": component["max_instances"], "annotations": component["annotations"] });
        desk.request(&control(&format!("component.scale.{HOST}")), &scale.to_string());
    }
    let mut specs: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for link in response("get-links").as_array().unwrap() {
        specs.entry(link["source_id"].as_str().unwrap().to_owned()).or_default().push(link.clone());
    }
    for (source, links) in specs {
        desk.put(Store::Lattice, &format!("COMPONENT_{source}"), &json!({ "url": "", "links": links }).to_string());
    }
    for claims in response("get-claims").as_array().unwrap() {
        let key = format!("CLAIMS_{}", claims["subject"].as_str().unwrap());
        let mut claims = claims.clone();
        for double in ["iss", "sub", "rev"] {
            claims.as_object_mut().unwrap().remove(double);
        }
        desk.put(Store::Lattice, &key, &claims.to_string());
    }
    desk
}

/// Leaves out what the recorded hosts ran beside, and links of which their two copies differed.
fn of_wash(mut reply: Value) -> Value {
    if let Some(inventory) = reply["response"].as_object_mut() {
        inventory.remove("providers");
        inventory.remove("components");
    }
    if let Some(links) = reply["response"].as_array_mut() {
        links.retain(|link| link.get("source_id").is_none_or(|source| source != "wcomp2" && source != "caller2"));
    }
    comparable(reply)
}

#[test]
fn wash_gets_the_recorded_answers() {
    let lines = vectors("wash.jsonl");
    if lines.is_empty() {
        return;
    }
    let mut desk = lattice_before(&lines);
    let mut answered = 0;
    for line in &lines {
        let wire = line["wire"].as_array().unwrap();
        for message in wire.iter().filter(|message| message["dir"] == "wash>" && message["op"] != "SUB") {
            let subject = message["subject"].as_str().unwrap();
            // Calls take another path, the second host another member; and the recording stops only that one.
            if !subject.starts_with("wasmbus.ctl.") || subject.ends_with(WADM_HOST) {
                continue;
            }
            let (replies, _) = desk.request(subject, message["text"].as_str().unwrap_or_default());
            let inbox = &message["reply"];
            let to_wash = wire.iter().filter(|other| other["dir"] == ">wash" && other["subject"] == *inbox);
            let recorded = to_wash.filter_map(|other| serde_json::from_str::<Value>(other["text"].as_str()?).ok());
            let recorded = recorded.filter(|reply| !reply.to_string().contains(WADM_HOST)).map(of_wash).next();
            let reply = replies.into_iter().map(of_wash).next();
            let name = line["name"].as_str().unwrap();
            match (subject.rsplit('.').nth(1), name) {
                // The bid names the component's id.
                (Some("component"), "start-component-auction") => assert!(reply.is_some()),
                (_, "start-provider-builtin-disabled") => assert_eq!(reply.unwrap()["success"], false),
                _ => assert_eq!(reply, recorded, "{name}: {message}"),
            }
            answered += 1;
        }
    }
    assert!(answered > 40, "{answered} requests");
}

/// What `wash` needs of an answer to be seen, and not to hide other hosts' (`wash-foreign-replies.json`).
#[test]
fn every_answer_to_a_ping_decodes() {
    let mut desk = Desk::new(settings());
    for body in ["", "not json", "{}", "\u{0}"] {
        let (replies, _) = desk.request(&control("host.ping"), body);
        let reply = &replies[0];
        assert!(reply["success"].is_boolean() && reply["message"].is_string());
        for field in ["id", "friendly_name", "lattice", "uptime_human", "version", "ctl_host", "rpc_host"] {
            assert!(reply["response"][field].is_string(), "{field}");
        }
        assert!(reply["response"]["labels"].is_object() && reply["response"]["uptime_seconds"].is_u64());
    }
}
