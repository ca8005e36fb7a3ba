//! Every call that was recorded between real programs, once as its caller and once as its callee. The other side is
//! the recording; what ours sends is what was sent then, but for the bounds of messages and chunks.

#[path = "support/exchange.rs"]
mod exchange;
#[path = "support/notation.rs"]
mod notation;
mod support;

use std::collections::BTreeMap;

use exchange::{Exchange, Step, content, exchanges, published, settings, types};
use support::scenarios;
use trellis_error::Kind;
use trellis_wrpc::nats::{Action, Call, Callee, Caller, Channel, Message, Origin, Party, Request};

/// What a side did, sorted.
#[derive(Default)]
struct Did {
    messages: Vec<Message>,
    values: Option<Vec<u8>>,
    channels: Vec<Vec<u32>>,
    content: BTreeMap<Vec<u32>, Vec<u8>>,
    ended: Vec<Vec<u32>>,
    failed: Option<Kind>,
    finished: bool,
}

impl Did {
    /// Sorts actions in; gives back whether its channels have opened, and whether values have come.
    fn add(&mut self, actions: Vec<Action>) -> (bool, bool) {
        let (mut opened, mut came) = (false, false);
        for action in actions {
            assert!(!self.finished && self.failed.is_none(), "nothing follows the end");
            match action {
                Action::Publish(message) => self.messages.push(message),
                Action::Values { bytes, channels } => {
                    came = true;
                    assert!(self.values.replace(bytes).is_none(), "values come once");
                    self.channels = channels.into_iter().map(|channel| channel.path).collect();
                }
                Action::Open => opened = true,
                Action::Data { path, bytes } => self.content.entry(path).or_default().extend(bytes),
                Action::End { path, result } => {
                    assert_eq!(result, Ok(()));
                    self.ended.push(path);
                }
                Action::Failed(error) => self.failed = Some(error.kind()),
                Action::Finished => self.finished = true,
            }
        }
        (opened, came)
    }

    /// What has come on channels is what the other side put there.
    fn received(&self, channels: &[(Vec<u32>, Vec<u8>)], name: &str) {
        for (path, bytes) in channels {
            assert_eq!(self.content.get(path).unwrap_or(&Vec::new()), bytes, "{name} {path:?}");
            assert!(self.ended.contains(path), "{name} {path:?}");
        }
        assert_eq!(self.channels.len(), channels.len(), "{name}");
    }

    /// What was sent on channels is what was sent then.
    fn sent(&self, base: &str, channels: &[(Vec<u32>, Vec<u8>)], name: &str) {
        for (path, bytes) in channels {
            let subject = path.iter().fold(base.to_owned(), |subject, index| format!("{subject}.{index}"));
            let frames = published(&self.messages, &subject).unwrap_or_else(|| panic!("{name}: nothing on {subject}"));
            assert_eq!(&content(path, &frames), bytes, "{name} {path:?}");
        }
    }
}

fn pending(channels: &[(Vec<u32>, Vec<u8>)]) -> Vec<Channel> {
    channels.iter().map(|(path, _)| Channel { path: path.clone(), ready: None }).collect()
}

fn send_all(party: &mut dyn Party, did: &mut Did, channels: &[(Vec<u32>, Vec<u8>)]) {
    for (path, bytes) in channels {
        for chunk in bytes.chunks(3) {
            did.add(party.send(path, chunk, 0));
        }
        did.add(party.end(path, true, 0));
    }
}

fn play(party: &mut dyn Party, step: &Step) -> Vec<Action> {
    party.message(step.part.clone(), step.message.clone(), 0)
}

fn as_caller(call: &Exchange) -> Did {
    // A caller without a callee never sent its channels.
    let mut channels = call.channels(true);
    if channels.is_empty() && call.subject.contains("wrpc:http") {
        channels = vec![(vec![0, 0], vec![]), (vec![0, 1], vec![0])];
    }
    let origin = Origin::read(call.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let request = Call {
        subject: call.subject.clone(),
        origin,
        params: call.values(true),
        channels: pending(&channels),
        signature: Some(call.signature.clone()),
    };
    let (mut caller, actions) = Caller::new(request, call.caller.clone(), settings(), 0).unwrap();
    let mut did = Did::default();
    did.add(actions);
    for step in call.by(false) {
        let (opened, _) = did.add(play(&mut caller, step));
        if opened {
            send_all(&mut caller, &mut did, &channels);
        }
    }
    if call.steps.is_empty() {
        did.add(caller.time(settings().deadline));
    }
    assert!(did.failed.is_some() || did.finished, "{}: it is over", call.name);
    assert_eq!((caller.held(), caller.expires()), (0, None));
    did
}

#[test]
fn our_caller_is_answered_by_every_recorded_callee() {
    for call in exchanges() {
        let name = &call.name;
        let did = as_caller(&call);
        let first = &did.messages[0];
        assert_eq!((&first.subject, first.reply.as_ref()), (&call.subject, Some(&call.caller)), "{name}");
        for (header, value) in call.headers.iter().filter(|(header, _)| header != "target-id") {
            assert!(first.headers.contains(&(header.clone().leak(), value.clone())), "{name}: {header}");
        }
        let Some(callee) = &call.callee else {
            let expected = if call.status() == Some(503) { Kind::NotFound } else { Kind::Timeout };
            assert_eq!((did.failed, first.payload.clone()), (Some(expected), call.values(true)), "{name}");
            continue;
        };
        let base = format!("{callee}.params");
        let params = [first.payload.clone(), published(&did.messages, &base).unwrap()].concat();
        assert_eq!(params, call.values(true), "{name}");
        did.sent(&base, &call.channels(true), name);
        if call.failed() {
            assert_eq!((did.failed, did.values), (Some(Kind::Decode), None), "{name}");
            continue;
        }
        assert_eq!(did.values, Some(call.values(false)), "{name}");
        did.received(&call.channels(false), name);
        assert!(did.finished, "{name}");
    }
}

fn as_callee(call: &Exchange) -> Did {
    let request = Request { reply: Some(call.caller.clone()), payload: call.first.clone() };
    let signature = Some(call.signature.clone());
    let (mut callee, actions) = Callee::new(request, signature, call.callee.clone().unwrap(), settings(), 0).unwrap();
    let mut did = Did::default();
    let (_, came) = did.add(actions);
    if came {
        answer(&mut callee, &mut did, call);
    }
    for step in call.by(true) {
        let (_, came) = did.add(play(&mut callee, step));
        if came {
            answer(&mut callee, &mut did, call);
        }
    }
    did.add(callee.abort());
    assert_eq!((callee.held(), callee.expires()), (0, None));
    did
}

fn answer(callee: &mut Callee, did: &mut Did, call: &Exchange) {
    if call.failed() {
        did.add(callee.abort());
        return;
    }
    let channels = call.channels(false);
    did.add(callee.results(call.values(false), pending(&channels), 0));
    send_all(callee, did, &channels);
}

#[test]
fn our_callee_answers_every_recorded_caller() {
    for call in exchanges().iter().filter(|call| call.callee.is_some()) {
        let name = &call.name;
        let did = as_callee(call);
        let handshake = &did.messages[0];
        assert_eq!((&handshake.subject, &handshake.reply), (&call.caller, &call.callee), "{name}");
        assert_eq!((&handshake.payload[..], handshake.headers.is_empty()), (&b""[..], true), "{name}");
        let base = format!("{}.results", call.caller);
        assert_eq!(published(&did.messages, &base), Some(call.values(false)), "{name}");
        did.sent(&base, &call.channels(false), name);
        if did.values.is_some() {
            assert_eq!(did.values, Some(call.values(true)), "{name}");
            if !call.failed() {
                did.received(&call.channels(true), name);
                assert!(did.finished, "{name}");
            }
        } else {
            assert_eq!(did.failed, Some(Kind::Decode), "{name}: only a call whose parameters break off is not begun");
        }
    }
}

#[test]
fn the_recordings_are_all_there() {
    let calls = exchanges();
    if calls.is_empty() {
        return;
    }
    let whole = |part: &str| calls.iter().filter(|call| call.subject.contains(part)).count();
    assert_eq!(whole(""), 104);
    assert_eq!(whole("wrpc:http/incoming-handler"), 12);
    assert_eq!(calls.iter().filter(|call| call.status() == Some(503)).count(), 3);
}

/// The sizes of messages on a channel, as `channel_totals` has them.
fn sizes(scenario: &serde_json::Value, channel: &str) -> Vec<usize> {
    let of = scenario["channel_totals"].as_object().unwrap();
    let (_, totals) = of.iter().find(|(name, _)| name.ends_with(channel)).unwrap();
    let mut sizes = Vec::new();
    for (size, count) in totals["sizes"].as_object().unwrap() {
        sizes.extend(std::iter::repeat_n(size.parse::<usize>().unwrap(), count.as_u64().unwrap() as usize));
    }
    sizes.sort();
    sizes
}

fn sizes_of(messages: &[Message], subject: &str) -> Vec<usize> {
    let of = messages.iter().filter(|message| message.subject == subject);
    let mut sizes: Vec<usize> = of.map(|message| message.payload.len()).collect();
    sizes.sort();
    sizes
}

#[test]
fn three_mebibytes_are_cut_where_the_real_host_cut_them() {
    let recorded = scenarios("wrpc-custom.json");
    let (Some(sink), Some(big)) = (recorded.get("custom-sink-3MiB"), recorded.get("custom-big-result-3MiB")) else {
        return;
    };
    let bytes = [&[0x80, 0x80, 0xc0, 0x01][..], &vec![1; 3 << 20]].concat();
    let (signature, _) = types("lab:types/calls@0.1.0.sink");
    let origin = Origin { source: Some("caller".into()), link: Some("default".into()), ..Origin::default() };
    let call = Call {
        subject: "default.types.wrpc.0.0.1.lab:types/calls@0.1.0.sink".into(),
        origin,
        params: bytes.clone(),
        channels: vec![],
        signature: Some(signature),
    };
    // As long as the host's: `_INBOX.` and two identifiers of 22 characters.
    let inbox = format!("_INBOX.{}.{}", "a".repeat(22), "b".repeat(22));
    let (mut caller, mut actions) = Caller::new(call, inbox.clone(), settings(), 0).unwrap();
    let handshake = trellis_wrpc::nats::Incoming { reply: Some("S".into()), ..Default::default() };
    actions.extend(caller.message(trellis_wrpc::nats::Part::Handshake, handshake, 0));
    let mut did = Did::default();
    did.add(actions);
    let subject = did.messages[0].subject.clone();
    assert_eq!(sizes_of(&did.messages, &subject), sizes(sink, "lab:types/calls@0.1.0.sink"));
    assert_eq!(sizes_of(&did.messages, "S.params"), sizes(sink, "host INBOX4.params"));

    let (signature, _) = types("lab:types/calls@0.1.0.big-result");
    let request = Request { reply: Some("R".into()), payload: vec![0x80, 0x80, 0xc0, 0x01] };
    let (mut callee, _) = Callee::new(request, Some(signature), inbox, settings(), 0).unwrap();
    let mut did = Did::default();
    did.add(callee.results(bytes, vec![], 0));
    assert_eq!(sizes_of(&did.messages, "R.results"), sizes(big, "host INBOX3.results"));
}
