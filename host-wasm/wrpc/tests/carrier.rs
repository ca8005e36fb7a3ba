//! Many calls at once through two carriers, and what they may take together.

use std::collections::VecDeque;

use trellis_error::{Detail, Kind};
use trellis_wrpc::Type;
use trellis_wrpc::nats::{
    Action, Call, CallId, Calls, Capacity, Inbox, Incoming, Message, Request, Settings, Signature, subject,
};

fn calls(inbox: &str, incoming: usize, held: usize) -> Calls {
    let settings = Settings {
        max_payload: 1024,
        max_message_bytes: 4096,
        max_channels: 4,
        max_buffered: 1024,
        deadline: 1000,
        inline: true,
    };
    Calls::new(Inbox::new(inbox), settings, Capacity { incoming, held })
}

fn echo() -> Option<Signature> {
    Some(Signature::new(vec![Type::String], Some(Type::String)))
}

fn call(params: &[u8]) -> Call {
    let subject = subject::invocation("default", "echo", "acme:echo/echo", "echo");
    Call { subject, params: params.into(), signature: echo(), ..Call::default() }
}

fn split(actions: Vec<Action>) -> (Vec<Message>, Vec<Action>) {
    let (mut messages, mut others) = (Vec::new(), Vec::new());
    for action in actions {
        match action {
            Action::Publish(message) => messages.push(message),
            other => others.push(other),
        }
    }
    (messages, others)
}

fn request(message: Message) -> Request {
    Request { reply: message.reply, payload: message.payload }
}

fn incoming(message: Message) -> (String, Incoming) {
    (message.subject, Incoming { reply: message.reply, status: None, payload: message.payload })
}

#[test]
fn every_call_gets_its_own_answer() {
    let (mut here, mut there) = (calls("here", 100, 1 << 20), calls("there", 100, 1 << 20));
    let mut wire = VecDeque::new();
    let mut expected = Vec::new();
    for number in 0..50u8 {
        let params = [1, b'a' + number % 26];
        let (id, actions) = here.call(call(&params), 0).unwrap();
        expected.push((id, params.to_vec()));
        wire.extend(split(actions).0);
    }
    let mut answers: Vec<(CallId, Vec<u8>)> = Vec::new();
    while let Some(message) = wire.pop_front() {
        if message.subject == "default.echo.wrpc.0.0.1.acme:echo/echo.echo" {
            let (id, actions) = there.accept(request(message), echo(), 0).unwrap();
            let (messages, others) = split(actions);
            wire.extend(messages);
            let [Action::Values { bytes, .. }] = &others[..] else { panic!("{others:?}") };
            wire.extend(split(there.results(id, bytes.clone(), vec![], 0)).0);
            continue;
        }
        let (subject, message) = incoming(message);
        let done = here.message(&subject, message.clone(), 0).or_else(|| there.message(&subject, message, 0));
        if let Some((id, actions)) = done {
            let (messages, others) = split(actions);
            wire.extend(messages);
            answers.extend(others.into_iter().filter_map(|action| match action {
                Action::Values { bytes, .. } => Some((id, bytes)),
                _ => None,
            }));
        }
    }
    answers.sort();
    assert_eq!(answers, expected);
    assert_eq!((here.len(), there.len(), here.held(), there.held()), (0, 0, 0, 0));
}

fn limit(actions: &[Action]) -> Option<&Detail> {
    match actions.last() {
        Some(Action::Failed(error)) => error.detail(),
        other => panic!("it has not failed: {other:?}"),
    }
}

#[test]
fn calls_beyond_the_capacity_are_answered_and_fail() {
    let mut calls = calls("there", 1, 100);
    let first = |payload: &[u8]| Request { reply: Some("R".into()), payload: payload.into() };
    let (id, _) = calls.accept(first(&[50]), echo(), 0).unwrap();
    let (_, actions) = calls.accept(first(&[1, b'x']), echo(), 0).unwrap();
    assert_eq!(limit(&actions), Some(&Detail::Limit("maxQueue")));
    let subjects: Vec<String> = split(actions).0.into_iter().map(|message| message.subject).collect();
    assert_eq!((subjects, calls.len()), (vec!["R".to_owned(), "R.results".to_owned()], 1));
    let (_, actions) = calls.call(call(&[1, b'x']), 0).unwrap();
    assert_eq!((actions.len(), calls.len()), (1, 2));
    calls.with(id, |party| party.abort());
    assert_eq!((calls.len(), calls.held()), (1, 0));
    let (_, actions) = calls.accept(first(&[1, b'x']), echo(), 0).unwrap();
    assert!(matches!(actions.last(), Some(Action::Values { .. })));
}

#[test]
fn what_all_calls_hold_is_bounded() {
    let mut calls = calls("there", 100, 100);
    let first = || Request { reply: Some("R".into()), payload: [&[100][..], &[b'x'; 39]].concat() };
    let ids = [0; 2].map(|_| calls.accept(first(), echo(), 0).unwrap().0);
    assert_eq!(calls.held(), 80);
    let (_, actions) = calls.accept(first(), echo(), 0).unwrap();
    assert_eq!((limit(&actions), calls.held(), calls.len()), (Some(&Detail::Limit("maxHeld")), 80, 2));
    let more = Incoming { payload: vec![b'x'; 21], ..Incoming::default() };
    let (id, actions) = calls.message(&format!("there.{}.params", ids[1]), more.clone(), 0).unwrap();
    assert_eq!((id, limit(&actions), calls.held()), (ids[1], Some(&Detail::Limit("maxHeld")), 40));
    assert_eq!(calls.message(&format!("there.{}.params", ids[1]), more, 0), None);
    assert_eq!(calls.time(999), []);
    let due = calls.time(1000);
    assert!(matches!(&due[..], [(id, actions)] if *id == ids[0]
        && matches!(actions.last(), Some(Action::Failed(error)) if error.kind() == Kind::Timeout)));
    assert_eq!((calls.is_empty(), calls.held()), (true, 0));
}

#[test]
fn a_connection_that_ends_closes_its_calls() {
    let mut calls = calls("there", 100, 100);
    let first = Request { reply: Some("R".into()), payload: vec![9] };
    calls.accept(first, echo(), 0).unwrap();
    calls.call(call(&[1, b'x']), 0).unwrap();
    let messages = calls.abort();
    assert_eq!(messages, [Message { subject: "R.results".into(), ..Message::default() }]);
    assert_eq!((calls.is_empty(), calls.held()), (true, 0));
}
