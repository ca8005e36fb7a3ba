//! How a member behaves where things go wrong or come together: lost connections, contended keys, late answers,
//! commands at once, the stop.

#[path = "support/desk.rs"]
mod desk;

use desk::{Desk, HOST, control, settings};
use serde_json::json;
use trellis_error::{Error, Kind};
use trellis_lattice::Message;
use trellis_lattice::links::{DEFAULT_LINK, Link, LinkKey, resolve};
use trellis_lattice::member::{Action, Command, Holdings, Input, Reply, Scale, Store, StoreFailure, Update};

fn scale(id: &str, count: u32) -> Scale {
    Scale { component_id: id.into(), component_ref: format!("file:///{id}.wasm"), count, ..Scale::default() }
}

fn link(source: &str, target: &str) -> Link {
    Link {
        source_id: source.into(),
        target: target.into(),
        name: DEFAULT_LINK.into(),
        wit_namespace: "wasi".into(),
        wit_package: "keyvalue".into(),
        interfaces: vec!["store".into()],
        source_config: vec![],
        target_config: vec![],
    }
}

fn names(desk: &Desk) -> Vec<String> {
    desk.events().into_iter().map(|(name, _)| name).collect()
}

fn task_of(action: &Action) -> Option<u64> {
    match action {
        Action::StartComponent { task, .. }
        | Action::ScaleComponent { task, .. }
        | Action::UpdateComponent { task, .. }
        | Action::StopComponent { task, .. } => Some(*task),
        _ => None,
    }
}

#[test]
fn links_and_configs_of_running_components_follow_the_lattice() {
    let mut desk = Desk::new(settings());
    desk.put(Store::Config, "c", r#"{"a":"1"}"#);
    desk.command(Command::Scale(Scale { config: vec!["c".into()], ..scale("app", 1) }));
    let Some(Action::StartComponent { workload, .. }) = desk.actions.iter().find(|a| task_of(a).is_some()) else {
        panic!("{:?}", desk.actions)
    };
    assert_eq!((workload.config["a"].as_str(), workload.links.len()), ("1", 0));
    desk.actions.clear();
    let request = desk.command(Command::PutLink(link("app", "kv")));
    assert_eq!(desk.answer(request), Some(&Ok(Reply::Done)));
    assert!(desk.actions.contains(&Action::ComponentLinks { id: "app".into(), links: vec![link("app", "kv")] }));
    assert_eq!(desk.actions.len(), 2, "what the watch tells again is nothing new");
    desk.actions.clear();
    desk.purge(Store::Config, "c");
    assert_eq!(desk.actions, [Action::ComponentConfig { id: "app".into(), config: Default::default() }]);
}

#[test]
fn what_went_while_the_connection_was_lost_is_gone_after_it_came_back() {
    let mut desk = Desk::new(settings());
    desk.command(Command::Scale(scale("app", 1)));
    desk.command(Command::PutLink(link("app", "kv")));
    desk.input(Input::Disconnected);
    desk.actions.clear();
    desk.published.clear();
    desk.bucket(Store::Lattice).purge("COMPONENT_app").unwrap();
    desk.pass(100_000);
    assert!(desk.published.is_empty(), "nothing can be told without a connection");
    desk.input(Input::Connected { max_payload: 1 << 20 });
    assert_eq!(names(&desk)[0], "host_heartbeat", "one goes out at once, and no second start");
    assert!(desk.actions.contains(&Action::ComponentLinks { id: "app".into(), links: vec![] }));
    assert!(!desk.actions.iter().any(|action| matches!(action, Action::Subscribe { .. })), "carriers keep them");
    assert!(desk.bucket(Store::Lattice).get("COMPONENT_app").unwrap().is_some(), "what runs is noted again");
}

#[test]
fn what_runs_and_is_not_noted_is_noted_again_with_the_next_heartbeat() {
    let mut desk = Desk::new(settings());
    desk.command(Command::Scale(scale("app", 1)));
    desk.purge(Store::Lattice, "COMPONENT_app");
    assert!(desk.bucket(Store::Lattice).get("COMPONENT_app").unwrap().is_none());
    desk.pass(30_000);
    assert!(desk.bucket(Store::Lattice).get("COMPONENT_app").unwrap().is_some());
}

#[test]
fn a_watch_that_breaks_takes_the_host_out_of_the_shared_queues_until_it_is_back() {
    let mut desk = Desk::new(settings());
    let watch = 2;
    desk.actions.clear();
    desk.input(Input::WatchFailed { watch, reason: "consumer gone".into() });
    let gone = desk.actions.iter().filter(|action| matches!(action, Action::Unsubscribe { .. })).count();
    assert_eq!(gone, 3);
    desk.actions.clear();
    desk.pass(1_000);
    let back = desk.actions.iter().filter(|action| matches!(action, Action::Subscribe { .. })).count();
    assert_eq!(back, 3);
}

#[test]
fn a_change_is_tried_again_when_somebody_else_was_faster() {
    let mut desk = Desk::new(settings());
    let other = json!({ "url": "", "links": [link("app", "other-kv")] }).to_string().replace("keyvalue", "blobstore");
    desk.member.handle(desk.now, Input::Command { request: 1, command: Command::PutLink(link("app", "kv")) });
    let mut asks = 0;
    let mut answer = None;
    while answer.is_none() {
        let mut pending = Vec::new();
        while let Some(action) = desk.member.poll() {
            match action {
                Action::Ask { request, ask, .. } => pending.push((request, ask)),
                Action::Answer { result, .. } => answer = Some(result),
                _ => {}
            }
        }
        for (request, ask) in pending {
            asks += 1;
            let bucket = desk.bucket(Store::Lattice);
            use trellis_lattice::member::{Ask, Stored};
            let outcome = match ask {
                Ask::Get { key } => Ok(Stored::Found(bucket.get(&key).unwrap().cloned())),
                Ask::Create { key, .. } => {
                    bucket.put(&key, other.as_bytes()).unwrap();
                    Err(StoreFailure::Conflict)
                }
                Ask::Update { key, value, revision } => {
                    let change = bucket.update(&key, &value, revision).unwrap();
                    Ok(Stored::Written { revision: change.entry.revision })
                }
                other => panic!("{other:?}"),
            };
            desk.member.handle(desk.now, Input::Stored { request, outcome });
        }
    }
    assert_eq!((answer, asks), (Some(Ok(Reply::Done)), 4));
    let (replies, _) = desk.request(&control("link.get"), "");
    assert_eq!(replies[0]["response"].as_array().unwrap().len(), 2, "nobody's link is lost");
}

#[test]
fn commands_for_one_component_are_carried_out_one_after_the_other() {
    let mut desk = Desk::new(settings());
    desk.prompt = false;
    let path = control(&format!("component.scale.{HOST}"));
    let body = |count: u32| json!({ "component_id": "app", "component_ref": "file:///a", "count": count }).to_string();
    for count in [1, 1, 5, 0] {
        let (replies, events) = desk.request(&path, &body(count));
        assert_eq!((replies[0]["success"].as_bool(), events.len()), (Some(true), 0));
    }
    let mut told = Vec::new();
    let mut tasks = 0;
    while let Some(task) = desk.actions.iter().find_map(task_of) {
        assert_eq!(desk.actions.iter().filter_map(task_of).count(), 1);
        desk.actions.clear();
        desk.published.clear();
        desk.input(Input::Done { task, result: Ok(None) });
        told.extend(desk.events().into_iter().map(|(_, data)| data["max_instances"].as_u64().unwrap()));
        tasks += 1;
    }
    assert_eq!((told, tasks), (vec![1, 1, 5, 0], 3), "the repeated command is confirmed and does nothing");
    assert_eq!(desk.member.holdings().components, 0);
}

#[test]
fn a_host_side_that_does_not_answer_costs_a_command_its_deadline_and_no_more() {
    let mut desk = Desk::new(settings());
    desk.prompt = false;
    let first = desk.command(Command::Scale(scale("app", 1)));
    let second = desk.command(Command::Scale(scale("app", 2)));
    let task = desk.actions.iter().find_map(task_of).unwrap();
    desk.published.clear();
    desk.pass(60_000);
    assert!(desk.actions.contains(&Action::Abort { task }));
    for request in [first, second] {
        let error = desk.answer(request).unwrap().as_ref().unwrap_err();
        assert_eq!(error.kind(), Kind::Timeout, "{error}");
    }
    assert_eq!(names(&desk).iter().filter(|name| *name == "component_scale_failed").count(), 2);
    desk.input(Input::Done { task, result: Ok(None) });
    assert_eq!(desk.member.holdings().components, 0, "a late answer changes nothing");
}

#[test]
fn buckets_that_do_not_answer_fail_a_request_before_its_client_gives_up() {
    let mut desk = Desk::new(settings());
    let message = Message { subject: control("config.get.c"), reply: Some("_INBOX.a".into()), ..Message::default() };
    desk.member.handle(desk.now, Input::Message(message));
    while desk.member.poll().is_some() {}
    desk.pass(1_500);
    assert_eq!(desk.replies("_INBOX.a")[0]["success"], false);
    assert_eq!(desk.member.holdings().requests, 0);
}

#[test]
fn an_answer_that_a_host_hears_of_too_late_counts_where_it_was_there() {
    let mut desk = Desk::new(settings());
    desk.prompt = false;
    let request = desk.command(Command::Scale(scale("app", 1)));
    let task = desk.actions.iter().find_map(task_of).unwrap();
    // The host is held up for an hour. It hears of all that happened, and then that time has passed.
    desk.now.monotonic += 3_600_000;
    desk.input(Input::Message(Message { subject: control("host.ping"), ..Message::default() }));
    desk.input(Input::Done { task, result: Ok(None) });
    desk.input(Input::Tick);
    assert!(desk.answer(request).unwrap().is_ok());
    assert_eq!(desk.member.holdings().components, 1);
}

#[test]
fn a_stop_drains_tells_and_unsubscribes_and_nothing_is_left() {
    let mut desk = Desk::new(settings());
    desk.command(Command::Scale(scale("app", 1)));
    desk.prompt = false;
    let waiting = desk.command(Command::Scale(scale("other", 1)));
    let queued = desk.command(Command::Scale(scale("other", 0)));
    desk.actions.clear();
    let (replies, _) = desk.request(&control(&format!("host.stop.{HOST}")), "");
    assert_eq!(replies[0]["message"], "successfully handled stop host");
    assert_eq!(desk.member.holdings().subscriptions, 0);
    for request in [waiting, queued] {
        assert_eq!(desk.answer(request).unwrap().as_ref().unwrap_err().kind(), Kind::Stopped);
    }
    let drained = desk.actions.iter().find_map(|action| match action {
        Action::StopComponent { task, id, .. } if id == "app" => Some(*task),
        _ => None,
    });
    assert!(!names(&desk).contains(&"host_stopped".to_owned()), "not while calls are at work");
    desk.input(Input::Done { task: drained.unwrap(), result: Ok(None) });
    assert_eq!(names(&desk).last().unwrap(), "host_stopped");
    assert_eq!(desk.actions.last(), Some(&Action::Stopped));
    assert_eq!(desk.member.holdings(), Holdings::default());
    assert_eq!(desk.member.next_wake(), None);
    let late = desk.command(Command::GetConfig { name: "c".into() });
    assert_eq!(desk.answer(late).unwrap().as_ref().unwrap_err().kind(), Kind::Stopped);
}

#[test]
fn local_commands_are_answered_with_what_came_of_them() {
    let mut desk = Desk::new(settings());
    desk.artifacts = |reference| match reference.contains("bad") {
        true => Err(Error::new(Kind::InvalidComponent, "no component")),
        false => Ok(None),
    };
    let bad = desk.command(Command::Scale(scale("bad", 1)));
    assert_eq!(desk.answer(bad).unwrap().as_ref().unwrap_err().kind(), Kind::InvalidComponent);
    let put = desk.command(Command::PutConfig { name: "c".into(), config: [("a".into(), "1".into())].into() });
    assert_eq!(desk.answer(put), Some(&Ok(Reply::Done)));
    let get = desk.command(Command::GetConfig { name: "c".into() });
    assert_eq!(desk.answer(get), Some(&Ok(Reply::Config(Some([("a".into(), "1".into())].into())))));
    let update = Update { component_id: "none".into(), ..Update::default() };
    let update = desk.command(Command::Update(update));
    assert_eq!(desk.answer(update).unwrap().as_ref().unwrap_err().kind(), Kind::NotFound);
    desk.command(Command::PutLink(link("app", "kv")));
    let conflict = desk.command(Command::PutLink(link("app", "other")));
    assert_eq!(desk.answer(conflict).unwrap().as_ref().unwrap_err().kind(), Kind::Conflict);
    let key = LinkKey {
        source_id: "app".into(),
        name: DEFAULT_LINK.into(),
        wit_namespace: "wasi".into(),
        wit_package: "keyvalue".into(),
        interfaces: vec!["store".into()],
    };
    let delete = desk.command(Command::DeleteLink(key));
    assert_eq!(desk.answer(delete), Some(&Ok(Reply::Deleted(vec![link("app", "kv")]))));
}

#[test]
fn an_answer_that_is_too_large_is_an_error_and_not_silence() {
    let mut desk = Desk::unconnected(settings());
    desk.input(Input::Connected { max_payload: 300 });
    let (replies, _) = desk.request(&control(&format!("host.get.{HOST}")), "");
    assert_eq!(replies[0]["success"], false);
}

#[test]
fn nobody_can_make_heartbeats_too_large() {
    let mut desk = Desk::new(settings());
    let large = "x".repeat(20_000);
    let scale =
        json!({ "component_id": "app", "component_ref": "file:///a", "count": 1, "annotations": { "a": large } });
    let label = json!({ "key": "k", "value": large });
    for (subject, body) in [(format!("component.scale.{HOST}"), scale), (format!("label.put.{HOST}"), label)] {
        let (replies, _) = desk.request(&control(&subject), &body.to_string());
        assert_eq!(replies[0]["success"], false, "{subject}");
    }
}

#[test]
fn links_are_found_by_the_name_a_guest_calls() {
    let links = [link("app", "kv"), link("app", "later")];
    for instance in ["wasi:keyvalue/store@0.2.0-draft", "wrpc:keyvalue/store@0.2.0-draft", "wasi:keyvalue/store"] {
        assert_eq!(resolve(&links, "app", instance, "default").unwrap().target, "later");
    }
    for (instance, name) in
        [("wasi:keyvalue/atomics", "default"), ("wasi:keyvalue/store", "other"), ("nonsense", "default")]
    {
        assert!(resolve(&links, "app", instance, name).is_err());
    }
}
