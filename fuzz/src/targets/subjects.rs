//! Subjects, patterns and the bus: the bus's index finds whom a comparison one by one finds, and leaves nothing behind.
//!
//! The bytes are lines: `s PATTERN` subscribes, `q QUEUE PATTERN` subscribes in a group, `u NUMBER` ends a
//! subscription, `p SUBJECT` and `r REPLY SUBJECT` publish.

use std::collections::BTreeSet;
use std::rc::Rc;

use trellis_lattice::{Bus, MAX_PAYLOAD, Message, SubscriptionId, subject};

/// What was subscribed and still is.
struct Subscribed {
    id: SubscriptionId,
    pattern: String,
    queue: Option<String>,
}

pub(super) fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (mut bus, mut all) = (Bus::new(MAX_PAYLOAD, data.len() as u64), Vec::new());
    for line in text.split('\n').take(200) {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb {
            "s" => subscribe(&mut bus, &mut all, rest, None),
            "q" => {
                let (queue, pattern) = rest.split_once(' ').unwrap_or(("", rest));
                subscribe(&mut bus, &mut all, pattern, Some(queue));
            }
            "u" if !all.is_empty() => {
                let gone = all.remove(rest.len() % all.len());
                assert!(bus.unsubscribe(gone.id) && !bus.unsubscribe(gone.id));
            }
            "r" => {
                let (reply, subject) = rest.split_once(' ').unwrap_or((rest, ""));
                publish(&mut bus, &all, subject, Some(reply));
            }
            _ => publish(&mut bus, &all, rest, None),
        }
        assert_eq!(bus.subscriptions(), all.len());
    }
    all.iter().for_each(|gone| assert!(bus.unsubscribe(gone.id)));
    assert_eq!(bus.subscriptions(), 0);
}

fn subscribe(bus: &mut Bus, all: &mut Vec<Subscribed>, pattern: &str, queue: Option<&str>) {
    let subscribed = bus.subscribe(pattern, queue);
    let named =
        queue.is_none_or(|queue| !queue.is_empty() && queue.len() <= 512 && !queue.contains(char::is_whitespace));
    assert_eq!(subscribed.is_ok(), subject::check_pattern(pattern).is_ok() && named, "{pattern:?} in {queue:?}");
    if let Ok(id) = subscribed {
        all.push(Subscribed { id, pattern: pattern.to_owned(), queue: queue.map(str::to_owned) });
    }
}

fn publish(bus: &mut Bus, all: &[Subscribed], subject: &str, reply: Option<&str>) {
    let message = Message {
        subject: subject.into(),
        reply: reply.map(str::to_owned),
        payload: Rc::default(),
        ..Message::default()
    };
    let published = bus.publish(message);
    let valid = subject::check(subject).is_ok() && reply.is_none_or(|reply| subject::check(reply).is_ok());
    assert_eq!(published.is_ok(), valid, "{subject:?} with {reply:?}");
    let Ok(delivery) = published else { return };
    assert_eq!(subject::check_pattern(subject), Ok(()), "a subject is a pattern too");
    assert!(subject::matches(subject, subject) && subject::matches(">", subject));
    let found = matching(all, subject);
    match reply {
        Some(reply) if found.is_empty() => {
            assert_eq!((delivery.message.subject.as_str(), delivery.message.headers.status()), (reply, Some(503)));
            check(&matching(all, reply), &delivery.to);
        }
        _ => check(&found, &delivery.to),
    }
}

/// Those whose pattern matches, by the plainest comparison.
fn matching<'a>(all: &'a [Subscribed], subject: &str) -> Vec<&'a Subscribed> {
    all.iter().filter(|one| matches(&tokens(&one.pattern), &tokens(subject))).collect()
}

fn tokens(text: &str) -> Vec<&str> {
    text.split('.').collect()
}

fn matches(pattern: &[&str], subject: &[&str]) -> bool {
    match (pattern, subject) {
        ([">"], [_, ..]) => true,
        (["*", pattern @ ..], [_, subject @ ..]) => matches(pattern, subject),
        ([wanted, pattern @ ..], [token, subject @ ..]) => wanted == token && matches(pattern, subject),
        (pattern, subject) => pattern.is_empty() && subject.is_empty(),
    }
}

/// Everybody without a queue, and one of each queue, in order.
fn check(found: &[&Subscribed], to: &[SubscriptionId]) {
    assert!(to.is_sorted());
    let reached: BTreeSet<_> = to.iter().collect();
    assert_eq!(reached.len(), to.len(), "nobody is reached twice");
    let of_queue = |queue: &Option<String>| found.iter().filter(|one| one.queue == *queue).map(|one| &one.id).collect();
    let queues: BTreeSet<_> = found.iter().map(|one| &one.queue).collect();
    let mut counted = 0;
    for queue in queues {
        let members: BTreeSet<_> = of_queue(queue);
        let wanted = if queue.is_some() { 1 } else { members.len() };
        let there = members.intersection(&reached).count();
        assert_eq!(there, wanted, "{queue:?}");
        counted += there;
    }
    assert_eq!(counted, to.len(), "nobody else is reached");
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let texts = [
        "s a.*.c\ns a.>\ns >\np a.b.c\nu 1\np a.b\nr _INBOX.x a.b.c\n",
        "q default.kv wasmbus.ctl.v1.default.>\nq default.kv wasmbus.ctl.v1.default.host.get\n\
         p wasmbus.ctl.v1.default.host.get\np wasmbus.ctl.v1.default.host.ping.NB43\nu\nu\n",
        "s default.kv.wrpc.0.0.1.wasi:keyvalue/store@0.2.0-draft.get\n\
         r _INBOX.a.b default.kv.wrpc.0.0.1.wasi:keyvalue/store@0.2.0-draft.get\ns _INBOX.a.*\nr _INBOX.a.b none\n",
        "s $KV.LATTICEDATA_default.>\np $KV.LATTICEDATA_default.COMPONENT_a\ns *.*\ns *.b>\np x.b>\np a..b\np *\n",
    ];
    texts.map(|text| text.as_bytes().to_vec()).into()
}
