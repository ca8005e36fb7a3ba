//! Calls over NATS step by step: what is held until when, what fails how, what travels within the values.

use trellis_error::{Detail, Error, Kind};
use trellis_wrpc::Type;
use trellis_wrpc::nats::{
    Action, Call, Callee, Caller, Channel, Incoming, Message, Origin, Part, Party, Request, Settings, Signature,
    signature,
};

const INCOMING: &str = "wrpc:http/incoming-handler@0.1.0";
/// `GET /` with a pending body and trailers.
const REQUEST: [u8; 9] = [0, 0, 0, 1, 1, b'/', 0, 0, 0];
/// 200 without headers, body and trailers pending.
const RESPONSE: [u8; 6] = [0, 0, 0, 0xc8, 1, 0];

fn settings() -> Settings {
    Settings {
        max_payload: 1024,
        max_message_bytes: 4096,
        max_channels: 4,
        max_buffered: 100,
        deadline: 1000,
        inline: true,
    }
}

fn plain(params: Vec<Type>, result: Option<Type>) -> Option<Signature> {
    Some(Signature::new(params, result))
}

fn handle() -> Option<Signature> {
    signature(INCOMING, "handle")
}

fn call(params: &[u8], channels: Vec<Channel>, signature: Option<Signature>) -> Call {
    Call { subject: "call".into(), origin: Origin::default(), params: params.into(), channels, signature }
}

fn caller(call: Call) -> (Caller, Vec<Action>) {
    Caller::new(call, "R".into(), settings(), 0).unwrap()
}

fn callee(payload: &[u8], signature: Option<Signature>) -> (Callee, Vec<Action>) {
    let request = Request { reply: Some("R".into()), payload: payload.into() };
    Callee::new(request, signature, "S".into(), settings(), 0).unwrap()
}

fn channel(path: &[u32], ready: Option<&[u8]>) -> Channel {
    Channel { path: path.into(), ready: ready.map(Into::into) }
}

fn pending() -> Vec<Channel> {
    vec![channel(&[0, 0], None), channel(&[0, 1], None)]
}

fn payload(bytes: &[u8]) -> Incoming {
    Incoming { payload: bytes.into(), ..Incoming::default() }
}

fn handshake() -> Incoming {
    Incoming { reply: Some("S".into()), ..Incoming::default() }
}

fn publish(subject: &str, payload: &[u8]) -> Action {
    Action::Publish(Message { subject: subject.into(), payload: payload.into(), ..Message::default() })
}

fn accept() -> Action {
    Action::Publish(Message { subject: "R".into(), reply: Some("S".into()), ..Message::default() })
}

fn values(bytes: &[u8], channels: Vec<Channel>) -> Action {
    Action::Values { bytes: bytes.into(), channels }
}

fn data(path: &[u32], bytes: &[u8]) -> Action {
    Action::Data { path: path.into(), bytes: bytes.into() }
}

fn end(path: &[u32]) -> Action {
    Action::End { path: path.into(), result: Ok(()) }
}

/// The error of the last action.
fn failure(actions: &[Action]) -> &Error {
    match actions.last() {
        Some(Action::Failed(error) | Action::End { result: Err(error), .. }) => error,
        other => panic!("it has not failed: {other:?}"),
    }
}

fn limit(actions: &[Action]) -> Option<&Detail> {
    failure(actions).detail()
}

#[test]
fn a_caller_holds_everything_but_the_first_message_until_the_callee_has_answered() {
    let (mut caller, first) = caller(call(&REQUEST, pending(), handle()));
    assert_eq!(first.len(), 1);
    assert_eq!(caller.room(&[0, 0]), 100);
    assert_eq!(caller.send(&[0, 0], b"ab", 1), []);
    assert_eq!(caller.end(&[0, 1], true, 1), []);
    assert_eq!(caller.room(&[0, 0]), 97);
    let expected =
        [publish("S.params", b""), Action::Open, publish("S.params.0.0", b"\x02ab"), publish("S.params.0.1", b"")];
    assert_eq!(caller.message(Part::Handshake, handshake(), 2), expected);
    assert_eq!(caller.message(Part::Handshake, handshake(), 2), []);
    let rest = [publish("S.params.0.0", b"\x00"), publish("S.params.0.0", b"")];
    assert_eq!(caller.end(&[0, 0], true, 3), rest);
    assert_eq!((caller.room(&[0, 0]), caller.held()), (0, 0));
}

#[test]
fn what_is_held_for_a_callee_is_bounded() {
    let (mut caller, _) = caller(call(&REQUEST, pending(), handle()));
    let actions = caller.send(&[0, 0], &[7; 101], 1);
    assert_eq!(limit(&actions), Some(&Detail::Limit("maxBuffered")));
    assert_eq!((caller.held(), caller.expires()), (0, None));
    assert_eq!(caller.message(Part::Handshake, handshake(), 2), []);
}

#[test]
fn results_may_come_before_the_callee_has_answered() {
    let (mut caller, _) = caller(call(&[1], vec![], plain(vec![Type::U8], Some(Type::U8))));
    assert_eq!(caller.message(Part::Values, payload(&[9]), 1), [values(&[9], vec![])]);
    assert_eq!(caller.message(Part::Values, payload(&[]), 1), []);
    let last = [publish("S.params", b""), Action::Finished];
    assert_eq!(caller.message(Part::Handshake, handshake(), 1), last);
    assert_eq!(caller.message(Part::Values, payload(&[9]), 1), []);
}

#[test]
fn a_callee_that_never_answers_the_first_message_but_has_answered_the_call_does_no_harm() {
    let (mut caller, _) = caller(call(&[1], vec![], plain(vec![Type::U8], Some(Type::U8))));
    caller.message(Part::Values, payload(&[9]), 1);
    assert_eq!(caller.time(1000), []);
    assert_eq!(caller.time(1001), [Action::Finished]);
    assert_eq!(caller.expires(), None);
}

#[test]
fn a_call_waits_for_its_results_until_the_deadline_and_then_for_each_pause() {
    let (mut caller, _) = caller(call(&REQUEST, vec![channel(&[0, 0], None), channel(&[0, 1], Some(&[0]))], handle()));
    caller.message(Part::Handshake, handshake(), 400);
    assert_eq!(caller.expires(), Some(1000));
    caller.end(&[0, 0], true, 500);
    caller.message(Part::Values, payload(&RESPONSE), 900);
    assert_eq!(caller.expires(), Some(1900));
    caller.message(Part::Channel(vec![0, 0]), payload(b"\x01x"), 1500);
    assert_eq!((caller.expires(), caller.time(2499)), (Some(2500), vec![]));
    assert_eq!(failure(&caller.time(2500)).kind(), Kind::Timeout);
    assert_eq!((caller.time(9999), caller.expires(), caller.held()), (vec![], None, 0));
}

#[test]
fn the_servers_word_is_an_error_of_its_kind() {
    let statuses =
        [(503, Kind::NotFound), (408, Kind::Timeout), (409, Kind::Decode), (500, Kind::Decode), (100, Kind::Decode)];
    for (status, kind) in statuses {
        let (mut caller, _) = caller(call(&[], vec![], None));
        let message = Incoming { status: Some(status), ..Incoming::default() };
        assert_eq!(failure(&caller.message(Part::Handshake, message, 1)).kind(), kind, "{status}");
    }
    let (mut caller, _) = caller(call(&[], vec![], None));
    assert_eq!(failure(&caller.message(Part::Handshake, payload(b""), 1)).kind(), Kind::Decode);
}

#[test]
fn without_types_values_are_complete_when_they_are_closed() {
    let (mut caller, _) = caller(call(&[1, 2], vec![], None));
    caller.message(Part::Handshake, handshake(), 1);
    assert_eq!(caller.message(Part::Values, payload(&[3]), 1), []);
    assert_eq!(caller.message(Part::Values, payload(&[]), 1), [values(&[3], vec![]), Action::Finished]);
    let (mut callee, actions) = callee(&[1], None);
    assert_eq!(actions, [accept()]);
    assert_eq!(callee.message(Part::Values, payload(&[2]), 1), []);
    assert_eq!(callee.message(Part::Values, payload(&[]), 1), [values(&[1, 2], vec![])]);
    let answer = [publish("R.results", &[4]), publish("R.results", b""), Action::Finished];
    assert_eq!(callee.results(vec![4], vec![], 1), answer);
}

#[test]
fn a_callee_begins_when_it_has_its_parameters_and_drops_what_follows() {
    let types = || plain(vec![Type::U16, Type::String], None);
    let (_, actions) = callee(&[1, 1, b'x', 7, 7], types());
    assert_eq!(actions, [accept(), values(&[1, 1, b'x'], vec![])]);
    let (mut callee, actions) = callee(&[0x80], types());
    assert_eq!(actions, [accept()]);
    assert_eq!(callee.message(Part::Values, payload(&[0x01, 0x02]), 1), []);
    assert_eq!(callee.message(Part::Values, payload(b"ab"), 1), [values(b"\x80\x01\x02ab", vec![])]);
    assert_eq!(callee.message(Part::Values, payload(b"c"), 1), []);
    assert_eq!(callee.results(vec![], vec![], 1), [publish("R.results", b""), Action::Finished]);
}

#[test]
fn a_call_that_fails_closes_its_results_without_data() {
    let (mut cut, _) = callee(&[2], plain(vec![Type::list(Type::Bool)], None));
    let actions = cut.message(Part::Values, payload(&[]), 1);
    assert_eq!((&actions[0], failure(&actions).kind()), (&publish("R.results", b""), Kind::Decode));
    let (mut wrong, actions) = callee(&[2], plain(vec![Type::Bool], None));
    assert_eq!(actions[..2], [accept(), publish("R.results", b"")]);
    assert_eq!((failure(&actions).kind(), wrong.expires()), (Kind::Decode, None));
    assert_eq!(wrong.results(vec![], vec![], 1), []);
    let (mut gone, _) = callee(&[], plain(vec![Type::Bool], None));
    let actions = gone.time(1000);
    assert_eq!((&actions[0], failure(&actions).kind()), (&publish("R.results", b""), Kind::Timeout));
    let (mut aborted, _) = callee(&[1], plain(vec![Type::Bool], None));
    assert_eq!(aborted.abort(), [publish("R.results", b"")]);
    assert_eq!(aborted.abort(), []);
    let request = Request { reply: None, payload: vec![] };
    assert_eq!(Callee::new(request, None, "S".into(), settings(), 0).unwrap_err().kind(), Kind::Decode);
}

#[test]
fn messages_have_a_limit() {
    let (mut callee, _) = callee(&[0xff, 0xff, 0x03], plain(vec![Type::list(Type::U8)], Some(Type::String)));
    for _ in 0..3 {
        assert_eq!(callee.message(Part::Values, payload(&[0; 1024]), 1), []);
    }
    let actions = callee.message(Part::Values, payload(&[0; 1024]), 1);
    assert_eq!((limit(&actions), callee.held()), (Some(&Detail::Limit("maxMessageBytes")), 0));
    let error = Caller::new(call(&[0; 4097], vec![], None), "R".into(), settings(), 0).unwrap_err();
    assert_eq!(error.kind(), Kind::Limit);
    let many = plain(vec![Type::Tuple(vec![Type::stream(Type::U8); 5])], None);
    let (_, actions) = self::callee(&[0; 5], many);
    assert_eq!(limit(&actions), Some(&Detail::Limit("maxStreamsInFlight")));
}

/// What a real HTTP server was seen to accept: `00 | LEN BODY | 01 00 | status | headers`, and nothing on channels.
#[test]
fn a_response_that_is_complete_is_one_message() {
    let (mut callee, actions) = callee(&[&[3, b'a', b'b', b'c', 1, 0], &REQUEST[2..]].concat(), handle());
    let channels = vec![channel(&[0, 0], Some(b"abc")), channel(&[0, 1], Some(&[0]))];
    assert_eq!(actions, [accept(), values(&REQUEST, channels)]);
    let whole = vec![channel(&[0, 0], Some(b"hello")), channel(&[0, 1], Some(&[0]))];
    let expected = [b"\x00\x05hello\x01\x00", &RESPONSE[3..]].concat();
    let answer = [publish("R.results", &expected), publish("R.results", b""), Action::Finished];
    assert_eq!(callee.results(RESPONSE.into(), whole, 1), answer);
}

#[test]
fn what_cannot_be_put_in_has_a_channel() {
    let (mut empty, _) = callee(&[&[1, b'a', 1, 0], &REQUEST[2..]].concat(), handle());
    let whole = |body: &[u8]| vec![channel(&[0, 0], Some(body)), channel(&[0, 1], Some(&[0]))];
    let answer = [
        publish("R.results", &[0, 0, 1, 0, 0xc8, 1, 0]),
        publish("R.results", b""),
        publish("R.results.0.0", &[0]),
        publish("R.results.0.0", b""),
        Action::Finished,
    ];
    assert_eq!(empty.results(RESPONSE.into(), whole(b""), 1), answer);
    let (mut large, _) = callee(&[&[1, b'a', 1, 0], &REQUEST[2..]].concat(), handle());
    let actions = large.results(RESPONSE.into(), whole(&[5; 1020]), 1);
    assert_eq!(actions[0], publish("R.results", &[0, 0, 1, 0, 0xc8, 1, 0]));
    let sizes: Vec<_> = actions
        .iter()
        .map(|action| match action {
            Action::Publish(message) => message.payload.len(),
            _ => 0,
        })
        .collect();
    // 1019 bytes with two of a count, one with one, and the end.
    assert_eq!(sizes[2..], [1021, 3, 0, 0]);
}

#[test]
fn without_inline_forms_everything_has_a_channel() {
    let request = Request { reply: Some("R".into()), payload: [&[1, b'a', 1, 0], &REQUEST[2..]].concat() };
    let settings = Settings { inline: false, ..settings() };
    let (mut callee, _) = Callee::new(request, handle(), "S".into(), settings, 0).unwrap();
    let whole = vec![channel(&[0, 0], Some(b"hello")), channel(&[0, 1], Some(&[0]))];
    let answer = [
        publish("R.results", &RESPONSE),
        publish("R.results", b""),
        publish("R.results.0.0", b"\x05hello\x00"),
        publish("R.results.0.0", b""),
        publish("R.results.0.1", &[0]),
        publish("R.results.0.1", b""),
        Action::Finished,
    ];
    assert_eq!(callee.results(RESPONSE.into(), whole, 1), answer);
}

#[test]
fn an_error_code_has_no_channels() {
    let (mut called, _) = callee(&[&[1, b'a', 1, 0], &REQUEST[2..]].concat(), handle());
    let oops = [1, 38, 1, 4, b'o', b'o', b'p', b's'];
    let answer = [publish("R.results", &oops), publish("R.results", b""), Action::Finished];
    assert_eq!(called.results(oops.into(), vec![], 1), answer);
    let (mut caller, _) =
        caller(call(&REQUEST, vec![channel(&[0, 0], Some(b"x")), channel(&[0, 1], Some(&[0]))], handle()));
    caller.message(Part::Handshake, handshake(), 1);
    assert_eq!(caller.message(Part::Values, payload(&oops), 1), [values(&oops, vec![]), Action::Finished]);
}

#[test]
fn channels_and_values_have_to_agree() {
    for channels in [vec![], vec![channel(&[0, 0], None)], [pending(), vec![channel(&[1], None)]].concat()] {
        let error = Caller::new(call(&REQUEST, channels, handle()), "R".into(), settings(), 0).unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidArgument);
    }
    let (mut callee, _) = callee(&[&[1, b'a', 1, 0], &REQUEST[2..]].concat(), handle());
    let actions = callee.results(RESPONSE.into(), vec![], 1);
    assert_eq!((&actions[0], failure(&actions).kind()), (&publish("R.results", b""), Kind::InvalidArgument));
    let listed = plain(vec![Type::list(Type::stream(Type::U8))], None);
    let (_, actions) = self::callee(&[1, 0], listed.clone());
    assert_eq!(failure(&actions).kind(), Kind::Unsupported);
    assert_eq!(self::callee(&[0], listed).1[1], values(&[0], vec![]));
    let nested = plain(vec![Type::future(Type::stream(Type::U8))], None);
    assert_eq!(failure(&self::callee(&[0], nested).1).kind(), Kind::Unsupported);
}

/// A caller's response body, with the request's side done.
fn reading() -> Caller {
    let whole = vec![channel(&[0, 0], Some(b"x")), channel(&[0, 1], Some(&[0]))];
    let (mut caller, _) = caller(call(&REQUEST, whole, handle()));
    caller.message(Part::Handshake, handshake(), 1);
    caller
}

#[test]
fn what_comes_on_a_channel_before_the_values_waits_for_them() {
    let mut caller = reading();
    let body = || Part::Channel(vec![0, 0]);
    assert_eq!(caller.message(body(), payload(b"\x03ab"), 1), []);
    assert_eq!(caller.message(Part::Channel(vec![0, 1]), payload(&[0]), 1), []);
    assert_eq!(caller.message(Part::Channel(vec![0, 1]), payload(&[]), 1), []);
    // An enclosing level closes too, and strangers send what they like.
    assert_eq!(caller.message(Part::Channel(vec![0]), payload(&[]), 1), []);
    assert_eq!(caller.message(Part::Channel(vec![5, 5]), payload(b"zz"), 1), []);
    let actions = caller.message(Part::Values, payload(&RESPONSE), 1);
    assert_eq!(actions, [values(&RESPONSE, pending()), data(&[0, 0], b"ab"), data(&[0, 1], &[0]), end(&[0, 1])]);
    let last = [data(&[0, 0], b"c"), end(&[0, 0]), Action::Finished];
    assert_eq!(caller.message(body(), payload(b"c\x00"), 1), last);
    let mut flooded = reading();
    let actions = flooded.message(body(), payload(&[1; 101]), 1);
    assert_eq!((limit(&actions), flooded.held()), (Some(&Detail::Limit("maxBuffered")), 0));
}

#[test]
fn a_channel_that_is_sent_faster_than_read_ends_with_an_error() {
    let mut caller = reading();
    let chunk = [&[40][..], &[7; 40]].concat();
    let body = || Part::Channel(vec![0, 0]);
    caller.message(Part::Values, payload(&RESPONSE), 1);
    assert_eq!(caller.message(body(), payload(&chunk), 1).len(), 1);
    assert_eq!(caller.message(body(), payload(&chunk), 1).len(), 1);
    caller.consumed(&[0, 0], 40, 1);
    assert_eq!(caller.message(body(), payload(&chunk), 1).len(), 1);
    let actions = caller.message(body(), payload(&chunk), 1);
    assert_eq!(limit(&actions), Some(&Detail::Limit("maxBuffered")));
    assert_eq!(caller.message(body(), payload(&chunk), 1), []);
    assert_eq!(caller.cancel(&[0, 1], 1), [Action::Finished]);
}

#[test]
fn a_stream_that_breaks_off_is_not_taken_for_complete() {
    let (mut callee, _) = callee(&[&[1, b'a', 1, 0], &REQUEST[2..]].concat(), handle());
    callee.results(RESPONSE.into(), pending(), 1);
    assert_eq!(callee.send(&[0, 0], b"ab", 1), [publish("R.results.0.0", b"\x02ab")]);
    let broken = [publish("R.results.0.0", &[1]), publish("R.results.0.0", b""), publish("R.results.0.1", b"")];
    assert_eq!(callee.abort(), broken);
    let mut caller = reading();
    let body = || Part::Channel(vec![0, 0]);
    caller.message(Part::Values, payload(&RESPONSE), 1);
    caller.message(body(), payload(b"\x02ab\x01"), 1);
    assert_eq!(failure(&caller.message(body(), payload(&[]), 1)).kind(), Kind::Decode);
    let actions = caller.message(Part::Channel(vec![0, 1]), payload(&[]), 1);
    assert!(matches!(&actions[0], Action::End { result: Err(_), .. }), "trailers never came");
    assert_eq!(actions[1..], [Action::Finished]);
    // Peers may close a stream instead of ending it.
    let mut caller = reading();
    caller.message(Part::Values, payload(&RESPONSE), 1);
    caller.message(body(), payload(b"\x02ab"), 1);
    assert_eq!(caller.message(body(), payload(&[]), 1), [end(&[0, 0])]);
}

#[test]
fn items_are_counted_on_the_wire_and_joined_in_memory() {
    let blobs = || signature("wrpc:blobstore/blobstore@0.2.0", "list-container-objects");
    let (mut callee, actions) = callee(b"\x01c\x00\x00", blobs());
    assert_eq!(actions[1], values(b"\x01c\x00\x00", vec![]));
    callee.results(vec![0, 0, 0], vec![channel(&[0, 0], None), channel(&[0, 1], Some(&[0]))], 1);
    assert_eq!(callee.send(&[0, 0], b"\x03abc\x01", 1), [publish("R.results.0.0", b"\x01\x03abc")]);
    let rest = [publish("R.results.0.0", b"\x02\x01d\x00")];
    assert_eq!(callee.send(&[0, 0], b"d\x00", 1), rest);
    let over = [publish("R.results.0.0", &[0]), publish("R.results.0.0", b""), Action::Finished];
    assert_eq!(callee.end(&[0, 0], true, 1), over);

    let (mut caller, _) = caller(call(b"\x01c\x00\x00", vec![], blobs()));
    caller.message(Part::Handshake, handshake(), 1);
    caller.message(Part::Values, payload(&[0, 0, 1, 0]), 1);
    let names = || Part::Channel(vec![0, 0]);
    assert_eq!(caller.message(names(), payload(b"\x02\x03abc\x01"), 1), []);
    assert_eq!(caller.message(names(), payload(b"d\x01"), 1), [data(&[0, 0], b"\x03abc\x01d")]);
    assert_eq!(
        caller.message(names(), payload(b"\x00\x00"), 1),
        [data(&[0, 0], b"\x00"), end(&[0, 0]), Action::Finished]
    );
}

#[test]
fn a_server_with_tiny_messages_is_refused() {
    let tiny = Settings { max_payload: 100, ..settings() };
    assert_eq!(Caller::new(call(&[], vec![], None), "R".into(), tiny, 0).unwrap_err().kind(), Kind::InvalidArgument);
    let mut long = call(&[], vec![], None);
    long.origin.source = Some("x".repeat(1024));
    assert_eq!(Caller::new(long, "R".into(), settings(), 0).unwrap_err().kind(), Kind::InvalidArgument);
}
