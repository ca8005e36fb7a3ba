//! The in-memory bus: what nats-server would do, and a naive model of it under random use.

#[path = "../../wrpc/tests/support/mod.rs"]
mod support;

use std::collections::BTreeMap;

use support::Random;
use trellis_error::Kind;
use trellis_lattice::{Bus, Delivery, Headers, MAX_PAYLOAD, Message, SubscriptionId, subject};

fn bus() -> Bus {
    Bus::new(MAX_PAYLOAD, 7)
}

fn message(subject: &str) -> Message {
    Message { subject: subject.into(), payload: (*b"x").into(), ..Message::default() }
}

fn request(subject: &str, reply: &str) -> Message {
    Message { reply: Some(reply.into()), ..message(subject) }
}

fn ids(delivery: &Delivery) -> Vec<SubscriptionId> {
    delivery.to.clone()
}

#[test]
fn every_matching_subscription_gets_the_message_in_their_order() {
    let mut bus = bus();
    let all = bus.subscribe(">", None).unwrap();
    let star = bus.subscribe("a.*", None).unwrap();
    let exact = bus.subscribe("a.b", None).unwrap();
    let twin = bus.subscribe("a.b", None).unwrap();
    bus.subscribe("a.b.c", None).unwrap();
    bus.subscribe("a.b.>", None).unwrap();
    let delivery = bus.publish(message("a.b")).unwrap();
    assert_eq!(delivery.message, message("a.b"));
    assert_eq!(ids(&delivery), [all, star, exact, twin]);
}

#[test]
fn one_member_of_each_queue_group_gets_the_message() {
    let mut bus = bus();
    let members = [0; 3].map(|_| bus.subscribe("work.*", Some("q")).unwrap());
    // A group is its name: a member with another pattern belongs to it.
    let other = bus.subscribe("work.>", Some("q")).unwrap();
    let second = bus.subscribe("work.1", Some("r")).unwrap();
    let plain = bus.subscribe("work.1", None).unwrap();
    let mut chosen: BTreeMap<SubscriptionId, u32> = BTreeMap::new();
    for _ in 0..400 {
        let to = ids(&bus.publish(message("work.1")).unwrap());
        assert_eq!(to.len(), 3);
        assert!(to.contains(&second) && to.contains(&plain));
        *chosen.entry(to.into_iter().find(|id| *id != second && *id != plain).unwrap()).or_default() += 1;
    }
    assert_eq!(chosen.keys().copied().collect::<Vec<_>>(), [members[0], members[1], members[2], other]);
    assert!(chosen.values().all(|count| (50..=150).contains(count)), "{chosen:?}");
    for id in members {
        bus.unsubscribe(id);
    }
    assert!(ids(&bus.publish(message("work.1")).unwrap()).contains(&other));
}

#[test]
fn a_request_without_listeners_is_answered_with_503() {
    let mut bus = bus();
    let inbox = bus.subscribe("_INBOX.me.*", None).unwrap();
    let answer = bus.publish(request("nobody.here", "_INBOX.me.1")).unwrap();
    assert_eq!(ids(&answer), [inbox]);
    assert_eq!(answer.message.subject, "_INBOX.me.1");
    assert_eq!(answer.message.headers.status(), Some(503));
    assert!(answer.message.payload.is_empty() && answer.message.reply.is_none());
    // Nobody waits for the answer: nothing is delivered, and there is no answer to the answer.
    assert!(bus.publish(request("nobody.here", "elsewhere")).unwrap().to.is_empty());
    // A message that is no request just vanishes.
    assert_eq!(bus.publish(message("nobody.here")).unwrap(), Delivery { message: message("nobody.here"), to: vec![] });
    // A listener, whatever its kind, ends it.
    let worker = bus.subscribe("nobody.*", Some("q")).unwrap();
    let delivery = bus.publish(request("nobody.here", "_INBOX.me.1")).unwrap();
    assert_eq!((ids(&delivery), delivery.message.headers.status()), (vec![worker], None));
}

#[test]
fn a_subscription_that_was_ended_gets_nothing() {
    let mut bus = bus();
    let id = bus.subscribe("a", None).unwrap();
    assert_eq!(bus.publish(message("a")).unwrap().to, [id]);
    assert!(bus.unsubscribe(id));
    assert!(!bus.unsubscribe(id));
    assert!(bus.publish(message("a")).unwrap().to.is_empty());
    assert_eq!(bus.subscriptions(), 0);
}

#[test]
fn a_message_that_is_too_large_or_malformed_is_refused() {
    let mut bus = Bus::new(100, 1);
    let of = |len: usize| Message { payload: vec![0; len].into(), ..message("a") };
    assert!(bus.publish(of(100)).is_ok());
    assert_eq!(bus.publish(of(101)).unwrap_err().kind(), Kind::Limit);
    let mut headers = Headers::default();
    headers.append("k", "v").unwrap();
    let overhead = headers.size();
    assert!(bus.publish(Message { headers: headers.clone(), ..of(100 - overhead) }).is_ok());
    assert_eq!(bus.publish(Message { headers, ..of(101 - overhead) }).unwrap_err().kind(), Kind::Limit);
    for bad in ["", "a.*", "a b", ">"] {
        assert_eq!(bus.publish(message(bad)).unwrap_err().kind(), Kind::InvalidArgument, "{bad}");
        assert_eq!(bus.publish(request("a", bad)).unwrap_err().kind(), Kind::InvalidArgument, "{bad}");
    }
    for bad in ["", "a..b", ">.a"] {
        assert_eq!(bus.subscribe(bad, None).unwrap_err().kind(), Kind::InvalidArgument, "{bad}");
    }
    for bad in ["", "a b"] {
        assert_eq!(bus.subscribe("a", Some(bad)).unwrap_err().kind(), Kind::InvalidArgument, "{bad}");
    }
}

#[test]
fn the_longest_subjects_are_routed() {
    let mut bus = bus();
    let deep = vec!["t"; subject::MAX_LENGTH / 2].join(".");
    let id = bus.subscribe(&deep, None).unwrap();
    assert_eq!(ids(&bus.publish(message(&deep)).unwrap()), [id]);
    assert!(bus.unsubscribe(id));
    assert!(bus.publish(message(&deep)).unwrap().to.is_empty());
}

/// Random subscriptions and messages: the tree must find what matching each pattern finds.
#[test]
fn routing_equals_matching_every_subscription() {
    for seed in 1..=40 {
        let random = &mut Random::new(seed);
        let mut bus = Bus::new(MAX_PAYLOAD, seed);
        let mut model: BTreeMap<SubscriptionId, (String, Option<&str>)> = BTreeMap::new();
        for _ in 0..400 {
            match random.below(4) {
                0 => {
                    let pattern = random.subject(&["a", "b", "c", "*", ">"], 4);
                    let queue = [None, None, Some("q"), Some("r")][random.below(4) as usize];
                    if let Ok(id) = bus.subscribe(&pattern, queue) {
                        model.insert(id, (pattern, queue));
                    }
                }
                1 if !model.is_empty() => {
                    let index = random.below(model.len() as u64) as usize;
                    let id = *model.keys().nth(index).unwrap();
                    model.remove(&id);
                    assert!(bus.unsubscribe(id));
                }
                _ => check_route(&mut bus, &model, &random.subject(&["a", "b", "c", "d"], 4)),
            }
        }
    }
}

fn check_route(bus: &mut Bus, model: &BTreeMap<SubscriptionId, (String, Option<&str>)>, subject: &str) {
    let to = ids(&bus.publish(message(subject)).unwrap());
    let matching = |id: &SubscriptionId| subject::matches(&model[id].0, subject);
    assert!(to.is_sorted() && to.iter().all(matching), "{subject}");
    let all: Vec<_> = model.keys().copied().filter(matching).collect();
    let members = |ids: &[SubscriptionId], queue| ids.iter().filter(|id| model[id].1 == queue).count();
    assert_eq!(members(&to, None), members(&all, None), "{subject}");
    for queue in [Some("q"), Some("r")] {
        assert_eq!(members(&to, queue), members(&all, queue).min(1), "{subject}");
    }
}
